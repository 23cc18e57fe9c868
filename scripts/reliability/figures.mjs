// Where the commands of the reliability programme leave their figures: docs/reliability.json, one entry a command.

import { readEntries, writeEntries } from '../shared/entries.mjs'

const file = new URL('../../docs/reliability.json', import.meta.url)

/** All figures measured so far, by the name of what was measured. */
export function readFigures() {
  return readEntries(file)
}

/** Replaces the entry of one measurement; the date, the Node version and the command are part of it. */
export function record(name, command, figures) {
  const entry = { date: new Date().toISOString().slice(0, 10), node: process.version.slice(1), command, figures }
  writeEntries(file, { ...readFigures(), [name]: entry })
}
