// Mutation testing: Stryker breaks the code of a room in a copy, one way at a time, and runs the room's tests on each; what no test
// noticed is a survivor. A few files at a time, so that an interrupted run keeps what it found. The room's score is taken over the last
// run of each file, once there is one of each as it stands.
//
//   npm run mutate -- decimal                          a room
//   npm run mutate -- decimal src/decimal/format.ts    some of its files
//   npm run mutate -- decimal --together               a room, all mutants in one process: many times quicker
//   npm run mutate -- decimal --stale                  those that have changed since they were broken last
//   npm run mutate -- decimal --survivors              only what no test noticed and nothing explains
//   npm run mutate -- decimal --sample 150 [--seed 1]  so many of the room's mutants, chosen at random: an estimate in minutes
//   npm run mutate -- decimal --tally                  nothing: adds up
//   npm run mutate -- reorg --by-hand [lag]            the mistakes of mistakes.mjs, or those with this in their name
//   npm run mutate -- --rows [--follow]                is each row of survivors.md for a mutant of the code as it stands? With --follow,
//                                                      rows whose function was moved or renamed are given its new name

import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { record } from '../../scripts/reliability/figures.mjs'
import { breakFiles } from './break-files.mjs'
import { breakByHand } from './by-hand.mjs'
import { checkRows } from './check-rows.mjs'
import { rooms, sourcesOf } from './rooms.mjs'
import { breakSample } from './sample.mjs'
import { lastRun, statesOf, tally, unexplainedOf } from './scores.mjs'
import { readRows, rowOf } from './survivors.mjs'
import { breakTogether } from './together/break-together.mjs'

const flag = { type: 'boolean', default: false }
const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    together: flag,
    stale: flag,
    survivors: flag,
    tally: flag,
    'by-hand': flag,
    rows: flag,
    follow: flag,
    sample: { type: 'string' },
    seed: { type: 'string' },
  },
})
const [name = '', ...chosen] = positionals

process.chdir(fileURLToPath(new URL('../..', import.meta.url)))
if (flags.rows) process.exitCode = (await checkRows(flags)) ? 0 : 1
else if (!rooms[name]) {
  console.error(
    `usage: npm run mutate -- ${Object.keys(rooms).join('|')} [--together|--stale|--survivors|--tally|--by-hand] [file …]`,
  )
  process.exitCode = 2
} else if (flags.sample) await breakSample(name, sourcesOf(name), Number(flags.sample), Number(flags.seed ?? 1))
else if (flags['by-hand']) process.exitCode = breakByHand(name, chosen[0]) ? 0 : 1
else await breakRoom()

async function breakRoom() {
  const files = sourcesOf(name)
  const wanted = flags.tally ? [] : wantedOf(chosen.length > 0 ? chosen : files)
  // Each time the room's tests are run once unbroken. Where a file has tests of its own, they are its alone.
  const size = rooms[name].only ? 1 : 8
  if (flags.together) await breakTogether(name, files)
  else
    for (let from = 0; from < wanted.length; from += size)
      await breakFiles(name, wanted.slice(from, from + size), flags.survivors)
  report(files)
  await checkRows({ room: name })
}

function wantedOf(named) {
  const { whole, changed, never } = statesOf(named)
  if (flags.stale) return [...changed, ...never]
  if (flags.survivors) return whole.filter((file) => unexplainedOf(file, readRows()).length > 0)
  return named
}

function report(files) {
  const rows = readRows()
  const { whole, changed, never } = statesOf(files)
  for (const file of whole) for (const key of unexplainedOf(file, rows)) console.log(`not explained: ${rowOf(key)}`)
  for (const file of changed) {
    const { date, undetected } = lastRun(file)
    console.log(`changed since its run of ${date}: ${file}, which left ${undetected.length} mutants undetected`)
  }
  for (const file of never) console.log(`never run: ${file}`)
  const figures = tally(whole, rows)
  const score = `${figures.score} % of ${figures.mutants} mutants detected`
  if (whole.length < files.length) console.log(`${name}: ${whole.length} of ${files.length} files, so far ${score}`)
  else {
    console.log(`${name}: ${score}`, JSON.stringify(figures))
    record(`mutation ${name}`, `npm run mutate -- ${name}`, figures)
  }
}
