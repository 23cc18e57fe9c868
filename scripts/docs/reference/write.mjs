// Writes docs/api/: the API reference, a page for each entry, made by typedoc from the sources and their docstrings. Any warning is an error:
// a type that is used but not given, a link that leads nowhere, a public name without words.
//
//   npm run docs:api               installs typedoc here, and writes the pages
//   npm run docs:api -- --check    fails if a page is not up to date

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../../shared/repository.mjs'
import { convert } from './convert.mjs'

const HEAD = `# API reference

Everything that each entry gives, with the words that your editor shows: written from the sources by \`npm run docs:api\`. The options of every
function, in one table each, are in [options](../options.md). What several entries give is described at the first of them here.

| entry | |
|---|---|
`
const folder = join(root, 'docs/api')
const pages = await makePages()

if (process.argv.includes('--check')) check()
else write()

/** The pages by name, as they should be. */
async function makePages() {
  const made = mkdtempSync(join(tmpdir(), 'reference-'))
  try {
    const entries = await convert(made)
    const rows = entries.map(({ page, title, about }) => `| [\`${title}\`](${page}.md) | ${about} |\n`)
    return new Map([
      ['README.md', HEAD + rows.join('')],
      ...entries.map(({ page }) => [`${page}.md`, tidy(readFileSync(join(made, `${page}.md`), 'utf8'))]),
    ])
  } finally {
    rmSync(made, { recursive: true })
  }
}

/** Docstrings name a page by its path in the repository. Here that becomes a link, except in code. What another entry describes is a list. */
function tidy(page) {
  const parts = page.split(/(^```[\s\S]*?^```$|`[^`\n]*`)/m)
  const linked = parts.map((part) => {
    if (part.startsWith('`')) return part
    return part
      .replaceAll(/(?<![\w/([])docs\/([\w-]+\.md)/g, '[docs/$1](../$1)')
      .replace(/^## References$/m, '## Described elsewhere')
      .replaceAll(/^Re-exports (\[.+\))(?:\n\n\*\*\*)?$/gm, '$1')
  })
  return linked.join('')
}

function write() {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  for (const [file, text] of pages) writeFileSync(join(folder, file), text)
  console.log(`docs/api: ${pages.size} pages`)
}

function check() {
  const committed = readdirSync(folder)
  const stray = committed.filter((file) => !pages.has(file))
  const stale = [...pages.keys()].filter((file) => {
    return !committed.includes(file) || readFileSync(join(folder, file), 'utf8') !== pages.get(file)
  })
  if (stray.length + stale.length === 0) {
    console.log(`docs/api matches the sources: ${pages.size} pages`)
    return
  }
  console.error(`docs/api is not up to date: ${[...stray, ...stale].join(', ')}. Run npm run docs:api`)
  process.exitCode = 1
}
