// Writes what a language model or a coding agent reads, from the README and docs/: llms.txt (an index), llms-full.txt (every page in one file)
// and skills/webhooks/SKILL.md (how to use the library in a project).
//
//   node scripts/docs/llms.mjs           writes the files
//   node scripts/docs/llms.mjs --check   fails if one is not up to date

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { root } from '../shared/repository.mjs'

/** The order in which someone would read the pages. The others follow by name. */
const ORDER = [
  'quick-start',
  'adapters',
  'receiving',
  'options',
  'identity',
  'dedupe',
  'codes',
  'troubleshooting',
  'runbook',
]
/** Pages about how the library is made and measured, not about how to use it. */
const ABOUT = ['architecture', 'benchmarks', 'reliability']

const read = (path) => readFileSync(root + path, 'utf8')
const { name, description } = JSON.parse(read('package.json'))
const readme = read('README.md')
const pages = readdirSync(`${root}docs`)
  .filter((file) => file.endsWith('.md'))
  .map((file) => pageOf(`docs/${file}`))
  .sort((one, other) => placeOf(one) - placeOf(other) || (one.path < other.path ? -1 : 1))
const guides = pages.filter(({ key }) => !ABOUT.includes(key))
const about = pages.filter(({ key }) => ABOUT.includes(key))

function pageOf(path) {
  const text = read(path)
  const [, title = path] = /^# (.+)$/m.exec(text) ?? []
  const paragraphs = text.split(/\n{2,}/).slice(1)
  const first = paragraphs.find((paragraph) => /^[A-Z`]/.test(paragraph)) ?? ''
  return { key: path.slice('docs/'.length, -'.md'.length), path, title, about: firstSentence(first), text }
}

function placeOf({ key }) {
  const place = ORDER.indexOf(key)
  return place < 0 ? ORDER.length : place
}

/** A paragraph's first sentence, in one line and without its links. */
function firstSentence(paragraph) {
  const line = paragraph.replaceAll(/\s+/g, ' ').replaceAll(/\[([^\]]+)\]\([^)]*\)/g, '$1')
  return /^.*?[.:](?= [A-Z`]|$)/.exec(line)?.[0].replace(/:$/, '.') ?? line
}

/** A section of the README, by its heading. */
function sectionOf(heading) {
  const [, text] = new RegExp(`^## ${heading}\\n([\\s\\S]*?)(?=^## )`, 'm').exec(readme) ?? []
  if (text === undefined) throw new Error(`The README has no section "${heading}".`)
  return text.replaceAll(/^<!--.*-->\n/gm, '').trim()
}

const indexOf = (list) => list.map((page) => `- [${page.title}](${page.path}): ${page.about}`).join('\n')

const index = `# ${name}

> ${description}

- [README](README.md): the whole in ten minutes, with a quick start.
- [Security](SECURITY.md): who is trusted with what, and what the library cannot do for you.
- [API reference](docs/api/README.md): every name of every entry, with its type and its words; a page for each entry.

## Guides

${indexOf(guides)}

## Optional

${indexOf(about)}
- [Contributing](CONTRIBUTING.md): the commands and the rules.
`

const full = [{ path: 'README.md', text: readme }, { path: 'SECURITY.md', text: read('SECURITY.md') }, ...guides]
  .map(({ path, text }) => `<!-- ${path} -->\n\n${text.replaceAll(/^<!--.*-->\n+/gm, '').trim()}\n`)
  .join('\n')

const skill = `---
name: webhooks
description: Receives, verifies, sends and tests signed webhooks, and handles money as decimal strings, in a TypeScript or JavaScript backend with ${name}. Use it when a project that depends on ${name} needs a webhook endpoint, a new sender, a store for deliveries, a test of a handler, or amounts from outside.
---

# Using ${name}

Made from its README and docs. ${description}

## Rules

1. Give the library the raw bytes. Mount it before any body parser; never pass \`JSON.stringify\` of a parsed body.
2. One adapter does everything: it reads the body, verifies, remembers and answers. Do not verify by hand beside it.
3. Secrets come from the environment or a vault, never from the code. Never print one.
4. Several processes, or a restart that must not run a delivery twice: pass \`dedupe\`, a store of Redis, Postgres or SQLite.
5. The handler's 2xx marks the delivery as handled. If the work fails, throw: the sender's retry runs it again.
6. Many tenants: \`tenant\`, with a namespace for each. Never choose a secret by something that was not looked up there.
7. Amounts from outside are strings: \`parseDecimal\` or \`parseAmountFields\`, never \`Number\` or \`parseFloat\`.
8. A refusal has a code. Look it up in docs/codes.md or docs/runbook.md before you change anything. Never widen the tolerance or skip the
   check to make it go away.
9. Test handlers with \`signTestDelivery\` and \`sendTestDelivery\`, not with a mock of the library.

## Entries

${sectionOf('What is in it')}

## An endpoint

${sectionOf('Receive webhooks')}

## Read on

${indexOf(guides)}
`

const files = { 'llms.txt': index, 'llms-full.txt': full, 'skills/webhooks/SKILL.md': skill }
// From skills/webhooks/, a link to a page goes two folders up.
files['skills/webhooks/SKILL.md'] = skill.replaceAll(/\]\((?=docs\/)/g, '](../../')

const stale = Object.keys(files).filter((file) => !existsSync(root + file) || read(file) !== files[file])
if (!process.argv.includes('--check')) {
  for (const file of stale) {
    mkdirSync(dirname(root + file), { recursive: true })
    writeFileSync(root + file, files[file])
  }
  console.log(`${pages.length} pages; wrote ${stale.join(', ') || 'nothing'}`)
} else if (stale.length > 0) {
  console.error(`Not up to date: ${stale.join(', ')}. Run node scripts/docs/llms.mjs`)
  process.exitCode = 1
}
