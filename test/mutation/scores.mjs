// What the last mutation run of each file found: `scores.json`, kept in the repository, so that files can be run on different days and
// machines. An entry counts as long as its file is, byte for byte, what was broken then.

import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { readEntries, writeEntries } from '../../scripts/shared/entries.mjs'
import { isExplained } from './survivors.mjs'

const store = new URL('scores.json', import.meta.url)

/**
 * Keeps what Stryker found in one file.
 *
 * @param {string} file
 * @param {readonly { key: string, status: string }[]} mutants all of the file
 */
export function keep(file, mutants) {
  const count = (status) => mutants.filter((mutant) => mutant.status === status).length
  return write(file, {
    source: digestOf(file),
    date: new Date().toISOString().slice(0, 10),
    node: process.version.slice(1),
    killed: count('Killed'),
    timedOut: count('Timeout'),
    undetected: undetectedOf(mutants),
  })
}

/**
 * Keeps what Stryker found where it broke a file again at its survivors alone: what was noticed elsewhere in the file is still so.
 *
 * @param {string} file
 * @param {readonly { key: string, status: string }[]} mutants those of this run
 */
export function amend(file, mutants) {
  const entry = readEntries(store)[file]
  const asked = mutants.map(({ key }) => key)
  const still = undetectedOf(mutants)
  const undetected = entry.undetected.filter((key) => !asked.includes(key) || still.includes(key))
  return write(file, { ...entry, killed: entry.killed + entry.undetected.length - undetected.length, undetected })
}

/** The keys of a file's mutants that nothing noticed in its last run, and that no row explains. */
export function unexplainedOf(file, rows) {
  return readEntries(store)[file]?.undetected.filter((key) => !isExplained(rows, file, key)) ?? []
}

/** What is known of some files: in `whole` those that are as they were broken last, in `changed` those that are not, in `never` the rest. */
export function statesOf(files) {
  const all = readEntries(store)
  const states = { whole: [], changed: [], never: [] }
  for (const file of files) {
    if (!all[file]) states.never.push(file)
    else states[all[file].source === digestOf(file) ? 'whole' : 'changed'].push(file)
  }
  return states
}

/** When a file was broken last, and the keys of what nothing noticed then. */
export function lastRun(file) {
  return readEntries(store)[file]
}

/** The figures of some files together, each as it was broken last. */
export function tally(files, rows) {
  const all = readEntries(store)
  const sum = (figure) => files.reduce((total, file) => total + figure(all[file]), 0)
  const killed = sum((entry) => entry.killed)
  const timedOut = sum((entry) => entry.timedOut)
  const undetected = sum((entry) => entry.undetected.length)
  const mutants = killed + timedOut + undetected
  const unexplained = files.reduce((total, file) => total + unexplainedOf(file, rows).length, 0)
  const score = Math.floor((10_000 * (killed + timedOut)) / Math.max(1, mutants)) / 100
  return { score, mutants, killed, timedOut, undetected, unexplained }
}

function undetectedOf(mutants) {
  return mutants.filter(({ status }) => status === 'Survived' || status === 'NoCoverage').map(({ key }) => key)
}

/** Replaces the entry of a file; those of files that are no longer there go. */
function write(file, entry) {
  const there = Object.entries(readEntries(store)).filter(([path]) => existsSync(path))
  writeEntries(store, { ...Object.fromEntries(there), [file]: entry })
  return entry
}

function digestOf(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 16)
}
