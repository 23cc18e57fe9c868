// Writes the table of docs/senders.md from the schemes' own data and facts.mjs. Needs a build.
//
//   node scripts/senders/page.mjs           writes the page
//   node scripts/senders/page.mjs --check   fails if it is not up to date

import { readFileSync, writeFileSync } from 'node:fs'
import * as exported from '@fluxora/verify/schemes'
import { facts } from './facts.mjs'

const page = new URL('../../docs/senders.md', import.meta.url)
const BEGIN = '<!-- table -->\n'
const END = '<!-- end of table -->'

const rows = Object.entries(exported)
  .filter(([, value]) => typeof value === 'object' && 'signature' in value && 'dedupeBy' in value)
  .sort(([one], [other]) => one.localeCompare(other))
  .map(([name, scheme]) => {
    const fact = facts[name]
    if (!fact) throw new Error(`scripts/senders/facts.mjs says nothing of ${name}.`)
    const cells = [
      fact.title,
      `\`${name}\``,
      signatureOf(scheme),
      signedOf(scheme),
      algorithmOf(scheme),
      identityOf(scheme),
      `${fact.secret}${fact.handshake ? `. Handshake: ${fact.handshake}` : ''}${limitOf(scheme)}`,
    ]
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  })

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

const table = `| sender | import | signature | signed | algorithm | identity | secret |
|---|---|---|---|---|---|---|
${rows.join('\n')}
`
const before = readFileSync(page, 'utf8')
const [head, rest] = before.split(BEGIN)
const text = `${head}${BEGIN}${table}${END}${rest.split(END)[1]}`
if (!process.argv.includes('--check')) writeFileSync(page, text)
else if (text !== before) {
  console.error('docs/senders.md is not up to date: npm run build && node scripts/senders/page.mjs')
  process.exitCode = 1
} else console.log(`docs/senders.md is up to date: ${rows.length} senders`)
