// A guard against regressions that does not depend on the clock: how many instructions one call takes, counted by valgrind. Other load on the
// machine does not change them: two runs of the same code differ by a percent or less.
//
//   npm run bench:instructions              counts, and compares with instructions.json: a difference of over 5 percent fails
//   npm run bench:instructions -- --write   counts, and writes instructions.json
//
// Another Node, another machine or another OpenSSL counts otherwise, so the file says what it was written by. valgrind shows programs an older
// processor than the real one, without instructions for SHA-256: what the hashes take here is no measure of their time.

import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { WORK } from './instructions-work.mjs'

const KEPT = new URL('instructions.json', import.meta.url)
const PROGRAM = new URL('instructions-work.mjs', import.meta.url).pathname
const MOST = 0.05

/** One thread, no heuristics by time, and room for all that is allocated: a garbage collection takes more or less, as its own clock goes. */
const FLAGS = ['--single-threaded', '--predictable', '--min-semi-space-size=512', '--max-semi-space-size=512']
/** Calls before the first reading, for the compiler to be done; and between the two readings. */
const WARM = 20_000
const COUNTED = 10_000

const { values: args } = parseArgs({ options: { write: { type: 'boolean', default: false } } })
if (spawnSync('valgrind', ['--version']).status !== 0) {
  console.error('valgrind is not installed: nothing was counted.')
  process.exit(1)
}

const counted = { node: process.version, openssl: process.versions.openssl, processor: processorOf(), instructions: {} }
for (const name of Object.keys(WORK)) {
  counted.instructions[name] = Math.round((countOf(name, WARM + COUNTED) - countOf(name, WARM)) / COUNTED)
  console.log(`${name.padEnd(14)} ${counted.instructions[name].toLocaleString('en').padStart(8)} instructions a call`)
}
if (args.write) writeFileSync(KEPT, `${JSON.stringify(counted, null, 2)}\n`)
else compareWith(JSON.parse(readFileSync(KEPT, 'utf8')))

/** All instructions of a process that makes so many calls. */
function countOf(name, calls) {
  const valgrind = ['--tool=cachegrind', '--cache-sim=no', '--cachegrind-out-file=/dev/null']
  const { stderr, status } = spawnSync(
    'valgrind',
    [...valgrind, process.execPath, ...FLAGS, PROGRAM, name, String(calls)],
    { encoding: 'utf8' },
  )
  const [, count] = /I\s+refs:\s+([\d,]+)/.exec(stderr) ?? []
  if (status !== 0 || !count) throw new Error(`${name} could not be counted:\n${stderr}`)
  return Number(count.replaceAll(',', ''))
}

function compareWith(kept) {
  const { instructions, ...by } = kept
  const { instructions: _, ...here } = counted
  if (JSON.stringify(by) !== JSON.stringify(here)) {
    console.log(`The kept figures are from ${JSON.stringify(by)}, so these cannot be compared with them.`)
    return
  }
  for (const [name, before] of Object.entries(instructions)) {
    const change = counted.instructions[name] / before - 1
    const isFar = Math.abs(change) > MOST
    console.log(`${name.padEnd(14)} ${(100 * change).toFixed(2)} % ${isFar ? 'OVER 5 PERCENT' : 'ok'}`)
    // Fewer than kept is good news, but the next regression would hide in the difference.
    if (isFar) process.exitCode = 1
  }
}

function processorOf() {
  return execFileSync('uname', ['-m'], { encoding: 'utf8' }).trim()
}
