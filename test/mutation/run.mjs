// Mutation testing of one room: `npm run mutate -- decimal`, or of some of its files: `npm run mutate -- webhook src/webhook/secrets.ts`.
// Stryker breaks the code in a copy, one way at a time, and runs the room's tests on each; what no test noticed is a survivor. File by
// file, so that an interrupted run keeps what it found: `--again` skips mutants whose code and tests are the same as then. The room's
// score is taken over the last report of each file, once there is one of each that is of the file as it stands.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Stryker } from '@stryker-mutator/core'
import { record } from '../../scripts/figures.mjs'
import { rooms } from './rooms.mjs'

const again = process.argv.includes('--again')
const [name = '', ...chosen] = process.argv.slice(2).filter((argument) => argument !== '--again')
const room = rooms[name]
if (!room) {
  console.error(`usage: npm run mutate -- ${Object.keys(rooms).join('|')} [--again] [file …]`)
  process.exit(2)
}

process.chdir(fileURLToPath(new URL('../..', import.meta.url)))
process.env.MUTATE_ROOM = name

const sources = readdirSync(`src/${name}`, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && basename(file) !== 'index.ts',
)
const files = sources.sort().map((file) => `src/${name}/${file}`)
const page = readFileSync('docs/mutation-survivors.md', 'utf8')
for (const file of chosen.length > 0 ? chosen : files) await breakFile(file)

const reports = files.map((file) => [file, lastReport(file)])
const missing = reports.filter(([, mutants]) => !mutants).map(([file]) => file)
if (missing.length > 0) console.log(`${name}: no report yet of ${missing.join(', ')}`)
else {
  const total = figuresOf(
    reports.flatMap(([file, mutants]) =>
      mutants.map((mutant) => ({ ...mutant, known: page.includes(lineOf(file, mutant)) })),
    ),
  )
  console.log(`${name}: ${total.score} % of ${total.mutants} mutants detected`, JSON.stringify(total))
  record(`mutation ${name}`, `npm run mutate -- ${name}`, total)
}

/** The mutants of the last run of a file, unless it has changed since. */
function lastReport(file) {
  const path = `${reportOf(file)}.json`
  if (!existsSync(path)) return undefined
  const report = JSON.parse(readFileSync(path, 'utf8')).files[file]
  if (!report) return [] // nothing in it can be broken: types alone
  return report.source === readFileSync(file, 'utf8') ? report.mutants : undefined
}

function reportOf(file) {
  return `reports/mutation/${file.slice(4, -3)}`
}

async function breakFile(file) {
  const report = reportOf(file)
  const found = await new Stryker({
    testRunner: 'vitest',
    plugins: [fileURLToPath(import.meta.resolve('@stryker-mutator/vitest-runner'))],
    vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
    mutate: [file],
    coverageAnalysis: 'perTest',
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
  const { score, mutants } = figuresOf(found)
  console.log(`${file}: ${score} % of ${mutants} mutants detected`)
  for (const mutant of undetected(found)) {
    const known = page.includes(lineOf(file, mutant))
    if (!known) console.log(`  unexplained: ${lineOf(file, mutant)} ${mutant.replacement?.slice(0, 80)}`)
  }
}

function figuresOf(mutants) {
  const count = (...statuses) => mutants.filter(({ status }) => statuses.includes(status)).length
  const missed = undetected(mutants)
  const detected = count('Killed', 'Timeout')
  const score = Math.floor((10_000 * detected) / Math.max(1, detected + missed.length)) / 100
  return {
    score,
    mutants: detected + missed.length,
    killed: count('Killed'),
    timedOut: count('Timeout'),
    undetected: missed.length,
    unexplained: missed.filter(({ known }) => !known).length,
  }
}

function undetected(mutants) {
  return mutants.filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
}

/** As the page of survivors names a mutant. */
function lineOf(file, { location, mutatorName }) {
  return `${file}:${location.start.line}:${location.start.column} ${mutatorName}`
}
