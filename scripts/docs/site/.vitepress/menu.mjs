// The menu: every page of docs/ in one group, by its own title.

import { readdirSync, readFileSync } from 'node:fs'
import { root } from '../../../shared/repository.mjs'

const GROUPS = {
  Receive: ['adapters', 'receiving', 'options', 'identity', 'dedupe', 'senders', 'schemes', 'handshakes', 'contract'],
  'When it fails': ['troubleshooting', 'diagnosis', 'codes', 'runbook', 'cli'],
  'Money and chains': ['decimal', 'reorg', 'stellar'],
  'Send and test': ['sending', 'testing', 'vectors'],
  About: ['runtimes', 'migration', 'architecture', 'benchmarks', 'reliability'],
}

/** @throws {Error} If a page is in no group, or a group names a page that does not exist. */
export function menu() {
  const pages = readdirSync(`${root}docs`).filter((file) => file.endsWith('.md'))
  const named = Object.values(GROUPS).flat()
  const lost = pages.filter((file) => !named.includes(file.replace('.md', '')))
  if (lost.length > 0) throw new Error(`Not in the menu: ${lost.join(', ')}. Put it into menu.mjs.`)
  const groups = Object.entries(GROUPS).map(([text, names]) => ({
    text,
    items: names.map((name) => itemOf(`docs/${name}`)),
  }))
  const reference = readdirSync(`${root}docs/api`).filter((file) => file !== 'README.md')
  const items = reference.map((file) => itemOf(`docs/api/${file.replace('.md', '')}`))
  return [
    { text: 'Start', items: [{ text: 'In ten minutes', link: '/' }, itemOf('SECURITY'), itemOf('CONTRIBUTING')] },
    ...groups,
    { text: 'API reference', link: '/docs/api/', collapsed: true, items },
  ]
}

function itemOf(page) {
  const [, title = page] = /^# (.+)$/m.exec(readFileSync(`${root}${page}.md`, 'utf8')) ?? []
  return { text: title.replaceAll('`', ''), link: `/${page}` }
}
