// Mutation testing of one room: `npm run mutate -- decimal`, or of some of its files: `npm run mutate -- webhook src/webhook/secrets.ts`.
// Stryker breaks the code in a copy, one way at a time, and runs the room's tests on each; what no test noticed is a survivor. File by
// file, so that an interrupted run keeps what it found: `--again` skips mutants whose code and tests are the same as then, `--tally`
// breaks nothing and only adds up. The room's score is taken over the last run of each file, once there is one of each as it stands.

import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Stryker } from '@stryker-mutator/core'
import { record } from '../../scripts/figures.mjs'
import { rooms } from './rooms.mjs'
import { isExplained, keep, tally } from './scores.mjs'

const flags = ['--again', '--tally']
const [name = '', ...chosen] = process.argv.slice(2).filter((argument) => !flags.includes(argument))
const [again, tallyOnly] = flags.map((flag) => process.argv.includes(flag))
const room = rooms[name]
if (!room) {
  console.error(`usage: npm run mutate -- ${Object.keys(rooms).join('|')} [--again|--tally] [file …]`)
  process.exit(2)
}

process.chdir(fileURLToPath(new URL('../..', import.meta.url)))
process.env.MUTATE_ROOM = name

const sources = readdirSync(`src/${name}`, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && basename(file) !== 'index.ts',
)
const files = sources.sort().map((file) => `src/${name}/${file}`)
if (!tallyOnly) for (const file of chosen.length > 0 ? chosen : files) await breakFile(file)

const { missing, unexplained, figures } = tally(files)
for (const place of unexplained) console.log(`not explained: ${place}`)
if (missing.length > 0)
  console.log(`${name}: not run as they stand: ${missing.join(', ')}; so far ${figures.score} % of ${figures.mutants}`)
else {
  console.log(`${name}: ${figures.score} % of ${figures.mutants} mutants detected`, JSON.stringify(figures))
  record(`mutation ${name}`, `npm run mutate -- ${name}`, figures)
}

async function breakFile(file) {
  process.env.MUTATE_FILE = file
  const report = `reports/mutation/${file.slice(4, -3)}`
  const found = await new Stryker({
    testRunner: 'vitest',
    plugins: [fileURLToPath(import.meta.resolve('@stryker-mutator/vitest-runner'))],
    vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
    mutate: [file],
    coverageAnalysis: room.coverage ?? 'perTest',
    concurrency: Number(process.env.MUTATE_CONCURRENCY ?? 2),
    inPlace: false,
    // An endless loop is seen by counting; the clock is for what cannot be counted, on a machine that others use too.
    timeoutMS: 6_000,
    timeoutFactor: 1.5,
    ignorePatterns: ['/.stryker-tmp', '/bench', '/examples', '/dist', '/coverage', '/reports'],
    tempDirName: `.stryker-tmp/${basename(file)}`,
    incremental: again,
    incrementalFile: `${report}.again.json`,
    reporters: ['json'],
    jsonReporter: { fileName: `${report}.json` },
    logLevel: 'warn',
    warnings: { slow: false },
  }).runMutationTest()
  const { killed, timedOut, undetected } = keep(file, found)
  console.log(`${file}: ${killed + timedOut} of ${killed + timedOut + undetected.length} mutants detected`)
  for (const mutant of found) {
    const place = `${file}:${mutant.location.start.line}:${mutant.location.start.column} ${mutant.mutatorName}`
    const survived = mutant.status === 'Survived' || mutant.status === 'NoCoverage'
    if (survived && !isExplained(place)) console.log(`  ${place} ${mutant.replacement?.slice(0, 80)}`)
  }
}
