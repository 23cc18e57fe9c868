// A file of JSON that holds an entry for each of several names, in the order of the names so that its changes are easy to read.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'

/** @param {URL} file an absent one has no entries yet */
export function readEntries(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
}

export function writeEntries(file, entries) {
  const sorted = Object.fromEntries(Object.entries(entries).sort(([one], [other]) => (one < other ? -1 : 1)))
  writeFileSync(file, `${JSON.stringify(sorted, null, 2)}\n`)
}
