// Compares survivors.md with the code as it stands.

import { readFileSync, writeFileSync } from 'node:fs'
import { mutantsOf } from './mutants.mjs'
import { sourcesOf } from './rooms.mjs'
import { lastRun, statesOf } from './scores.mjs'
import { findFaults, followMoves, isExplained, page, readRows } from './survivors.mjs'

/**
 * Prints which rows are for no mutant, for more than one, or for one that the last run noticed.
 *
 * @param {{ room?: string, follow?: boolean }} options `room`: what runs noticed is said of this room alone; `follow`: rows of functions
 * that were moved or renamed are given their new keys first
 * @returns {Promise<boolean>} whether each row is for one mutant
 */
export async function checkRows({ room = '', follow = false }) {
  const keys = new Map()
  for (const file of sourcesOf()) {
    const mutants = await mutantsOf(file)
    const own = mutants.map(({ key }) => key)
    keys.set(file, own)
  }
  if (follow) writeFileSync(page, followMoves(readFileSync(page, 'utf8'), findFaults(readRows(), keys)))
  const rows = readRows()
  const faults = findFaults(rows, keys)
  for (const { row, fault } of faults) console.log(`row ${row}: ${fault}`)
  for (const file of statesOf(sourcesOf(room)).whole) tellNoticed(file, keys.get(file), rows)
  console.log(`${rows.length} rows, ${faults.length} of them for no mutant or for more than one`)
  return faults.length === 0
}

/** Where only speed changes, a busy machine runs out of time, which counts as noticing: such a row is not wrong yet. */
function tellNoticed(file, keys, rows) {
  const { undetected } = lastRun(file)
  const noticed = keys.filter((key) => isExplained(rows, file, key) && !undetected.includes(key))
  for (const key of noticed) console.log(`row ${key}: noticed by the last run of ${file}`)
}
