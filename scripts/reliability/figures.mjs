// Where the commands of the reliability programme leave their figures: docs/reliability.json, one entry a command.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const file = fileURLToPath(new URL('../../docs/reliability.json', import.meta.url))

/** All figures measured so far, by the name of what was measured. */
export function readFigures() {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
}

/** Replaces the entry of one measurement; the date, the Node version and the command are part of it. */
export function record(name, command, figures) {
  const all = readFigures()
  all[name] = { date: new Date().toISOString().slice(0, 10), node: process.version.slice(1), command, figures }
  const sorted = Object.fromEntries(Object.entries(all).sort(([one], [other]) => (one < other ? -1 : 1)))
  writeFileSync(file, `${JSON.stringify(sorted, null, 2)}\n`)
}
