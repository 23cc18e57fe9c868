// Writes the tables of docs/senders.md from the schemes' own data, the vectors and facts.mjs. Needs a build.
//
//   node scripts/senders/page.mjs           writes the page
//   node scripts/senders/page.mjs --check   fails if it is not up to date

import { readFileSync, writeFileSync } from 'node:fs'
import * as exported from '@fluxora/verify/schemes'
import { facts, packages, withoutPackage } from './facts.mjs'

const page = new URL('../../docs/senders.md', import.meta.url)

const schemes = Object.entries(exported)
  .filter(([, value]) => typeof value === 'object' && 'signature' in value && 'dedupeBy' in value)
  .sort(([one], [other]) => one.localeCompare(other))

const [contract, published, senders] = ['contract', 'published', 'senders'].map((name) =>
  JSON.parse(readFileSync(new URL(`../../test/vectors/${name}.json`, import.meta.url), 'utf8')),
)
const publishedOf = schemeNames([...published.cases, ...senders.published])
const computedOf = schemeNames([...contract.cases, ...senders.cases])

function schemeNames(cases) {
  return new Set(cases.map(({ scheme }) => scheme))
}

const sendersTable = tableOf(
  ['sender', 'import', 'signature', 'signed', 'algorithm', 'identity', 'secret'],
  ([name, scheme]) => {
    const fact = facts[name]
    if (!fact) throw new Error(`scripts/senders/facts.mjs says nothing of ${name}.`)
    return [
      fact.title,
      `\`${name}\``,
      signatureOf(scheme),
      signedOf(scheme),
      algorithmOf(scheme),
      identityOf(scheme),
      `${fact.secret}${fact.handshake ? `. Handshake: ${fact.handshake}` : ''}${limitOf(scheme)}`,
    ]
  },
)

const checksTable = tableOf(['sender', 'computed apart', 'published example', 'its own package'], ([name]) => {
  const own = packages[name]
  if (Boolean(own) === Boolean(withoutPackage[name]))
    throw new Error(`scripts/senders/facts.mjs must have ${name} in one of packages and withoutPackage.`)
  return [
    facts[name].title,
    computedOf.has(name) ? 'yes' : 'no',
    publishedOf.has(name) ? 'yes' : 'none found',
    own ? `\`${own.name}\`, ${own.ways}` : withoutPackage[name],
  ]
})

function tableOf(titles, cellsOf) {
  const lines = schemes.map((entry) => cellsOf(entry).map((cell) => cell.replaceAll('|', '\\|')))
  const rows = [titles, titles.map(() => '---'), ...lines]
  return rows.map((cells) => `| ${cells.join(' | ')} |\n`).join('')
}

function signatureOf({ headers, signature, bodyFields }) {
  const place = headers.signature.map((header) => `\`${header}\``).join(', ')
  return `${place || `body, \`${bodyFields.signature}\``}: \`${signature.form}\``
}

function signedOf({ before, after, bodySigned }) {
  const parts = [...before, ...(bodySigned ? ['body'] : []), ...after]
  if (parts.length === 0) return '**nothing**'
  return parts.map((part) => `\`${describe(part)}\``).join(' ')
}

function describe(part) {
  if (typeof part === 'string') return JSON.stringify(part).slice(1, -1)
  return Object.values(part)[0]
}

function algorithmOf({ proof, name }) {
  return name === 'standardWebhooks' || name === 'svix' || name === 'gitlabSigned'
    ? 'hmac-sha256 or ed25519'
    : proof.algorithm
}

function identityOf({ dedupeBy }) {
  return typeof dedupeBy === 'string' ? `\`'${dedupeBy}'\`` : `body, \`${dedupeBy.bodyId}\``
}

function limitOf({ maxBodyBytes }) {
  return maxBodyBytes === undefined ? '' : `. Bodies up to ${maxBodyBytes.toLocaleString('en')} bytes`
}

const before = readFileSync(page, 'utf8')
const text = withTable(withTable(before, 'table', sendersTable), 'checks', checksTable)
if (!process.argv.includes('--check')) writeFileSync(page, text)
else if (text !== before) {
  console.error('docs/senders.md is not up to date: npm run build && node scripts/senders/page.mjs')
  process.exitCode = 1
} else console.log(`docs/senders.md is up to date: ${schemes.length} senders`)

/** The page with another table between the two comments of this name. */
function withTable(text, name, table) {
  const [begin, end] = [`<!-- ${name} -->\n`, `<!-- end of ${name} -->`]
  const [head, rest] = text.split(begin)
  return `${head}${begin}${table}${end}${rest.split(end)[1]}`
}
