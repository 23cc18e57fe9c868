// A JSON file with one entry per name, sorted by name so that changes are easy to read.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'

/** @param {URL} file If it does not exist, there are no entries yet. */
export function readEntries(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
}

export function writeEntries(file, entries) {
  const sorted = Object.fromEntries(Object.entries(entries).sort(([one], [other]) => (one < other ? -1 : 1)))
  writeFileSync(file, `${JSON.stringify(sorted, null, 2)}\n`)
}
