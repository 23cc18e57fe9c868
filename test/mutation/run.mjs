// Mutation testing of one room: `npm run mutate -- decimal`, or of some of its files: `npm run mutate -- webhook src/webhook/secrets.ts`.
// Stryker breaks the code in a copy, one way at a time, and runs the room's tests on each; what no test noticed is a survivor. A few files
// at a time, so that an interrupted run keeps what it found: `--stale` runs only those that have changed since, `--survivors` breaks again
// only what no test noticed and nothing explains, `--tally` runs nothing and adds up. The room's score is taken over the last run of each
// file, once there is one of each as it stands.

import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Stryker } from '@stryker-mutator/core'
import { record } from '../../scripts/reliability/figures.mjs'
import { rooms } from './rooms.mjs'
import { amend, isExplained, keep, placeOf, survivors, tally } from './scores.mjs'

const flags = ['--stale', '--survivors', '--tally']
const [name = '', ...chosen] = process.argv.slice(2).filter((argument) => !flags.includes(argument))
const [staleOnly, survivorsOnly, tallyOnly] = flags.map((flag) => process.argv.includes(flag))
const room = rooms[name]
if (!room) {
  console.error(`usage: npm run mutate -- ${Object.keys(rooms).join('|')} [--stale|--survivors|--tally] [file …]`)
  process.exit(2)
}

process.chdir(fileURLToPath(new URL('../..', import.meta.url)))
process.env.MUTATE_ROOM = name

const sources = readdirSync(`src/${name}`, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && basename(file) !== 'index.ts',
)
const files = sources.sort().map((file) => `src/${name}/${file}`)
if (!tallyOnly) {
  const named = chosen.length > 0 ? chosen : files
  const { missing } = tally(named)
  const isKnown = (file) => !missing.includes(file) && survivors(file).length > 0
  const wanted = staleOnly ? missing : survivorsOnly ? named.filter(isKnown) : named
  // Each time the room's tests are run once unbroken. Where a file has tests of its own, they are its alone.
  const size = room.only ? 1 : 8
  for (let from = 0; from < wanted.length; from += size) await breakFiles(wanted.slice(from, from + size))
}

const { missing, unexplained, figures } = tally(files)
for (const place of unexplained) console.log(`not explained: ${place}`)
if (missing.length > 0) {
  const soFar = `${figures.score} % of ${figures.mutants}`
  console.log(`${name}: not run as they stand: ${missing.join(', ')}; so far ${soFar}`)
} else {
  console.log(`${name}: ${figures.score} % of ${figures.mutants} mutants detected`, JSON.stringify(figures))
  record(`mutation ${name}`, `npm run mutate -- ${name}`, figures)
}

async function breakFiles(batch) {
  process.env.MUTATE_FILE = batch[0]
  const found = await new Stryker({
    testRunner: 'vitest',
    plugins: [fileURLToPath(import.meta.resolve('@stryker-mutator/vitest-runner'))],
    vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
    mutate: survivorsOnly ? batch.flatMap(rangesOf) : batch,
    coverageAnalysis: room.coverage ?? 'perTest',
    concurrency: Number(process.env.MUTATE_CONCURRENCY ?? 2),
    inPlace: false,
    // An endless loop is seen by counting; the clock is for what cannot be counted, on a machine that others use too.
    timeoutMS: 6_000,
    timeoutFactor: 1.5,
    ignorePatterns: ['/.stryker-tmp', '/bench', '/examples', '/dist', '/coverage', '/reports'],
    tempDirName: `.stryker-tmp/${basename(batch[0])}`,
    reporters: ['json'],
    jsonReporter: { fileName: `reports/mutation/${batch[0].slice(4, -3)}${survivorsOnly ? '.survivors' : ''}.json` },
    logLevel: 'warn',
    warnings: { slow: false },
  }).runMutationTest()
  for (const file of batch)
    tell(
      file,
      found.filter(({ fileName }) => fileName.endsWith(file)),
    )
}

/** The places of a file's survivors, as Stryker counts: columns from 0. */
function rangesOf(file) {
  return survivors(file).map((place) => {
    const [startLine, startColumn, endLine, endColumn] = place.match(/\d+/g).map(Number)
    return `${file}:${startLine}:${startColumn - 1}-${endLine}:${endColumn - 1}`
  })
}

function tell(file, mutants) {
  const { killed, timedOut, undetected } = survivorsOnly ? amend(file, mutants) : keep(file, mutants)
  console.log(`${file}: ${killed + timedOut} of ${killed + timedOut + undetected.length} mutants detected`)
  for (const mutant of mutants) {
    const survived = mutant.status === 'Survived' || mutant.status === 'NoCoverage'
    const place = placeOf(mutant)
    if (survived && !isExplained(file, place)) console.log(`  ${place} ${mutant.replacement?.slice(0, 80)}`)
  }
}
