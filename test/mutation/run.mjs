// Mutation testing of one room: `npm run mutate -- decimal`, or of some of its files: `npm run mutate -- webhook src/webhook/secrets.ts`.
// Stryker breaks the code in a copy, one way at a time, and runs the room's tests on each; what no test noticed is a survivor. With
// `--again` what an earlier run found is kept for mutants whose code and tests are the same.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Stryker } from '@stryker-mutator/core'
import { record } from '../../scripts/figures.mjs'
import { rooms } from './rooms.mjs'

const again = process.argv.includes('--again')
const [name = '', ...files] = process.argv.slice(2).filter((argument) => argument !== '--again')
const room = rooms[name]
if (!room) {
  console.error(`usage: npm run mutate -- ${Object.keys(rooms).join('|')} [--again] [file …]`)
  process.exit(2)
}

process.chdir(fileURLToPath(new URL('../..', import.meta.url)))
process.env.MUTATE_ROOM = name

const results = await new Stryker({
  testRunner: 'vitest',
  plugins: [fileURLToPath(import.meta.resolve('@stryker-mutator/vitest-runner'))],
  vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
  mutate: files.length > 0 ? files : room.mutate,
  coverageAnalysis: 'perTest',
  concurrency: Number(process.env.MUTATE_CONCURRENCY ?? 2),
  inPlace: false,
  // An endless loop is seen by counting; the clock is for what cannot be counted, on a machine that others use too.
  timeoutMS: 20_000,
  timeoutFactor: 2,
  ignorePatterns: ['/.stryker-tmp', '/bench', '/examples', '/dist', '/coverage', '/test/runtimes', '/test/stores', '/test/adapters'],
  tempDirName: `.stryker-tmp/${name}`,
  incremental: again,
  incrementalFile: `reports/mutation/${name}.again.json`,
  reporters: ['clear-text', 'json', 'progress-append-only'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportMutants: false },
  jsonReporter: { fileName: `reports/mutation/${name}.json` },
}).runMutationTest()

const count = (...statuses) => results.filter(({ status }) => statuses.includes(status)).length
const detected = count('Killed', 'Timeout')
const undetected = results.filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
const score = (100 * detected) / (detected + undetected.length)

const page = readFileSync('docs/mutation-survivors.md', 'utf8')
const unexplained = undetected.filter((mutant) => !page.includes(lineOf(mutant)))
for (const mutant of unexplained) console.log(`unexplained ${mutant.status}: ${lineOf(mutant)}  ${mutant.replacement}`)

console.log(
  `${name}: ${score.toFixed(2)} % of ${detected + undetected.length} mutants detected, ${undetected.length} not (${unexplained.length} unexplained)`,
)
if (files.length === 0) {
  record(`mutation ${name}`, `npm run mutate -- ${name}`, {
    score: Number(score.toFixed(2)),
    mutants: detected + undetected.length,
    killed: count('Killed'),
    timedOut: count('Timeout'),
    survived: count('Survived'),
    withoutCoverage: count('NoCoverage'),
    unexplained: unexplained.length,
  })
}

/** As the page of survivors names a mutant. */
function lineOf({ fileName, location, mutatorName }) {
  const file = fileName.slice(fileName.indexOf('src/'))
  return `${file}:${location.start.line}:${location.start.column} ${mutatorName}`
}
