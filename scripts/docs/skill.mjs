// Writes skills/webhook-runbook/SKILL.md from docs/runbook.md: the same table, for a coding agent.
//
//   node scripts/docs/skill.mjs           writes the file
//   node scripts/docs/skill.mjs --check   fails if it is not up to date

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { root } from '../shared/repository.mjs'
import { readRunbook } from './runbook.mjs'

const HEAD = `---
name: webhook-runbook
description: Finds out why a webhook delivery was refused or could not be sent, why an amount was refused, or what a reorg code means, in a service that uses @fluxora/verify. Use it when a log, an answer or a test has one of the library's codes, such as signature_mismatch, missing_secret or FINALITY_CONFLICT.
---

# Webhook runbook

Made from docs/runbook.md of @fluxora/verify, which also has the first ten minutes, rotation, a leaked secret and what to watch.

1. Take the code from the log (\`code\`, \`problem\` or \`reason\`), or from the answer (\`error\`). Look it up below.
2. Check what "look at" says, in that order, in this project's code and configuration, before you change anything.
3. Never print a secret, ask for one, or write one into a file, a test or a command line. Compare secrets by
   \`printf %s "$NAME" | sha256sum | cut -c1-6\`.
4. Never switch verification off, widen the tolerance or accept an unsigned delivery to make an error go away.
5. The body must be the bytes that were received: never \`JSON.stringify\` of a parsed body.
6. With the refused request in a file: \`npx fluxora-verify diagnose --secret-env NAME request.txt\`. It proves the cause, or says what it is not.
`

const sections = readRunbook()
const tables = [...new Set(sections.map(({ part }) => part))].map((title) => {
  const rows = sections.filter(({ part }) => part === title)
  const [{ whom }] = rows
  const cells = rows.map(({ code, ...texts }) => {
    return `| \`${code}\` | ${[texts.means, texts.lookAt, texts.tell].map(cellOf).join(' | ')} |`
  })
  return `\n## ${title}\n\n| code | means | look at | tell the ${whom} |\n|---|---|---|---|\n${cells.join('\n')}\n`
})

/** Links lead nowhere from here, so only their text is kept; and nothing of one that is a sentence by itself. */
function cellOf(text) {
  const kept = text.replaceAll(' [Where the bytes are](#the-bytes-as-they-arrived).', '')
  return kept.replaceAll(/\[([^\]]+)\]\([^)]*\)/g, '$1').replaceAll('|', '\\|')
}

const file = `${root}skills/webhook-runbook/SKILL.md`
const skill = HEAD + tables.join('')
if (process.argv.includes('--check')) {
  if (readFileSync(file, 'utf8') !== skill) {
    console.error('skills/webhook-runbook/SKILL.md is not up to date: run node scripts/docs/skill.mjs')
    process.exitCode = 1
  }
} else {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, skill)
  console.log(`${sections.length} codes`)
}
