// Where the reliability commands record their figures: docs/reliability.json, one entry per measurement.

import { readEntries, writeEntries } from '../shared/entries.mjs'

const file = new URL('../../docs/reliability.json', import.meta.url)

/** All figures recorded so far, by what was measured. */
export function readFigures() {
  return readEntries(file)
}

/** Replaces the entry of one measurement, with the date, the Node version and the command. */
export function record(name, command, figures) {
  const entry = { date: new Date().toISOString().slice(0, 10), node: process.version.slice(1), command, figures }
  writeEntries(file, { ...readFigures(), [name]: entry })
}
