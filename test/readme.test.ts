// The README and the docs match the code: the table of codes is complete, imports exist, and links lead somewhere.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { WEBHOOK_STATUS } from '../src/webhook/codes.ts'
import { subpaths } from './subpaths.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

/** A page without its code blocks. */
const textOf = (page: URL): string => readFileSync(page, 'utf8').replace(/```[\s\S]*?```/g, '')

/** The anchors of a page: those of its headings, as GitHub makes them, and its own. */
function anchorsOf(page: URL): Set<string> {
  const text = textOf(page)
  const anchors = new Set(Array.from(text.matchAll(/<a id="([^"]+)">/g), ([, id = '']) => id))
  const counts = new Map<string, number>()
  for (const [, title = ''] of text.matchAll(/^#+ (.+)$/gm)) {
    const plain = title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-')
    const count = counts.get(plain) ?? 0
    counts.set(plain, count + 1)
    anchors.add(count === 0 ? plain : `${plain}-${count}`)
  }
  return anchors
}

describe('docs/codes.md', () => {
  it('lists every webhook code with its status, and no other', () => {
    const codes = readFileSync(new URL('../docs/codes.md', import.meta.url), 'utf8')
    const rows = [...codes.matchAll(/^\| `([a-z_]+)` \| (\d{3}) \|/gm)].map(([, code, status]) => [
      code,
      Number(status),
    ])
    expect(rows.length).toBeGreaterThan(20)
    expect(Object.fromEntries(rows)).toEqual(WEBHOOK_STATUS)
  })
})

describe('README.md', () => {
  it('imports only names that exist, from subpaths that exist', async () => {
    const imports = [...readme.matchAll(/^import \{ ([^}]+) \} from '@fluxora\/verify(?:\/([\w/-]+))?'(?: \/\/.*)?$/gm)]
    expect(imports.length).toBeGreaterThan(5)
    for (const [line, names = '', subpath = 'index'] of imports) {
      const source = subpaths[subpath]
      expect(source, line).toBeDefined()
      const module = await import(/* @vite-ignore */ `../${source}`)
      for (const name of names.split(',')) expect(Object.keys(module), line).toContain(name.trim())
    }
  })

  it('names every subpath', () => {
    for (const subpath of Object.keys(subpaths)) {
      expect(readme).toContain(subpath === 'index' ? '`@fluxora/verify`' : `\`@fluxora/verify/${subpath}\``)
    }
  })

  const tops = [
    'README.md',
    'SECURITY.md',
    'CONTRIBUTING.md',
    'CODE_OF_CONDUCT.md',
    'llms.txt',
    'skills/webhooks/SKILL.md',
  ]
  const pagesIn = (folder: string): string[] =>
    readdirSync(folder)
      .filter((page) => page.endsWith('.md'))
      .map((page) => `${folder}/${page}`)
  it.each([...tops, ...pagesIn('docs'), ...pagesIn('docs/api')])(
    '%s links to files and headings that exist',
    (page) => {
      const from = new URL(`../${page}`, import.meta.url)
      for (const [, link = '', heading] of textOf(from).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)) {
        const to = link === '' ? from : new URL(link, from)
        expect(existsSync(to), `${page}: ${link}`).toBe(true)
        if (heading) expect(anchorsOf(to).has(heading), `${page}: ${link}#${heading}`).toBe(true)
      }
    },
  )
})
