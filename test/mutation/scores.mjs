// What the last mutation run of each file found: `scores.json`, kept in the repository, so that files can be run on different days and
// machines. An entry counts as long as its file is, byte for byte, what was broken then.

import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const path = fileURLToPath(new URL('scores.json', import.meta.url))
const page = fileURLToPath(new URL('../../docs/mutation-survivors.md', import.meta.url))

/** Keeps what Stryker found in one file; returns the entry. */
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

/** Where nothing noticed a mutant of this file, and nothing explains that. */
export function survivors(file) {
  return read()[file]?.undetected.filter((place) => !isExplained(file, place)) ?? []
}

/** Keeps what Stryker found at the places of survivors alone: what was noticed elsewhere in the file is still so. */
export function amend(file, mutants) {
  const entry = read()[file]
  const asked = new Set(mutants.map(placeOf))
  const still = undetectedOf(mutants)
  const before = entry.undetected.filter((place) => asked.has(place))
  const now = before.length === 0 ? [] : still.filter((place) => before.includes(place))
  const undetected = [...entry.undetected.filter((place) => !asked.has(place)), ...now]
  return write(file, { ...entry, killed: entry.killed + before.length - now.length, undetected })
}

/** The figures of some files together, and the names of those that were not broken since they were last changed. */
export function tally(files) {
  const all = read()
  const missing = files.filter((file) => all[file]?.source !== digestOf(file))
  const entries = files.filter((file) => !missing.includes(file)).map((file) => [file, all[file]])
  const sum = (figure) => entries.reduce((total, [, entry]) => total + figure(entry), 0)
  const killed = sum((entry) => entry.killed)
  const timedOut = sum((entry) => entry.timedOut)
  const undetected = sum((entry) => entry.undetected.length)
  const mutants = killed + timedOut + undetected
  const unexplained = entries.flatMap(([file]) => survivors(file).map((place) => `${file}:${place}`))
  const score = Math.floor((10_000 * (killed + timedOut)) / Math.max(1, mutants)) / 100
  return {
    missing,
    unexplained,
    figures: { score, mutants, killed, timedOut, undetected, unexplained: unexplained.length },
  }
}

/** Whether the page of survivors has a row for this place: `file:line:column Mutator`. */
export function isExplained(file, place) {
  return readFileSync(page, 'utf8').includes(`| ${file}:${place.replace(/-\S+/, '')} |`)
}

/** `line:column-line:column Mutator`: from where to where the code was changed, and how. */
export function placeOf({ location: { start, end }, mutatorName }) {
  return `${start.line}:${start.column}-${end.line}:${end.column} ${mutatorName}`
}

function undetectedOf(mutants) {
  return mutants.filter(({ status }) => status === 'Survived' || status === 'NoCoverage').map(placeOf)
}

function write(file, entry) {
  const all = { ...read(), [file]: entry }
  const sorted = Object.fromEntries(Object.entries(all).sort(([one], [other]) => (one < other ? -1 : 1)))
  writeFileSync(path, `${JSON.stringify(sorted, null, 2)}\n`)
  return entry
}

function read() {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {}
}

function digestOf(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 16)
}
