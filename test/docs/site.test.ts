// The site has every page of docs/ in its menu, once. That it has no dead link is checked where it is built: npm run docs:site.

import { existsSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { menu } from '../../scripts/docs/site/.vitepress/menu.mjs'

interface Group {
  readonly items: readonly { readonly text: string; readonly link: string }[]
}

const pagesIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.md') && file !== 'README.md')
    .map((file) => `/${folder}/${file.replace('.md', '')}`)

describe("the site's menu", () => {
  const items = (menu() as readonly Group[]).flatMap((group) => group.items)

  it('has every page once', () => {
    const pages = items.map(({ link }) => link).filter((link) => link.startsWith('/docs/'))
    expect(pages.sort()).toEqual([...pagesIn('docs'), ...pagesIn('docs/api')].sort())
  })

  it('has the title of each, as its page has it', () => {
    expect(items).toContainEqual({ text: 'The command: fluxora-verify', link: '/docs/cli' })
    expect(items).toContainEqual({ text: '@fluxora/verify/stores/redis', link: '/docs/api/stores-redis' })
    for (const { link } of items) expect(link === '/' || existsSync(`.${link}.md`), link).toBe(true)
  })
})
