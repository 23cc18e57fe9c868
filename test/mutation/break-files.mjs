// Stryker, over some files of one room.

import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Stryker } from '@stryker-mutator/core'
import { mutantsOf, placeOf } from './mutants.mjs'
import { rooms } from './rooms.mjs'
import { amend, keep, unexplainedOf } from './scores.mjs'
import { isExplained, readRows, rowOf } from './survivors.mjs'

/** @param {boolean} survivorsOnly break again only what no test noticed and nothing explains */
export async function breakFiles(room, files, survivorsOnly) {
  const all = new Map()
  for (const file of files) all.set(file, await mutantsOf(file))
  const mutate = survivorsOnly ? files.flatMap((file) => survivorRanges(file, all.get(file))) : files
  const found = await runStryker(room, files[0], mutate, survivorsOnly ? '.survivors' : '')
  for (const file of files) {
    const own = found.filter(({ fileName }) => fileName.endsWith(file))
    tell(file, keyed(own, all.get(file)), survivorsOnly)
  }
}

/**
 * Runs the tests of a room on each change.
 *
 * @param {string} file the file whose tests are run, and that names the report
 * @param {string[]} mutate files, or ranges of files
 */
export function runStryker(room, file, mutate, suffix) {
  process.env.MUTATE_ROOM = room
  process.env.MUTATE_FILE = file
  return new Stryker({
    testRunner: 'vitest',
    plugins: [fileURLToPath(import.meta.resolve('@stryker-mutator/vitest-runner'))],
    vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
    mutate,
    coverageAnalysis: rooms[room].coverage ?? 'perTest',
    concurrency: Number(process.env.MUTATE_CONCURRENCY ?? 2),
    inPlace: false,
    // An endless loop is seen by counting; the clock is for what cannot be counted, on a machine that others use too.
    timeoutMS: Number(process.env.MUTATE_TIMEOUT_MS ?? 6_000),
    timeoutFactor: 1.5,
    ignorePatterns: ['/.stryker-tmp', '/bench', '/examples', '/dist', '/coverage', '/reports'],
    tempDirName: `.stryker-tmp/${room}-${basename(file)}`,
    reporters: ['json'],
    jsonReporter: { fileName: `reports/mutation/${file.slice(4, -3)}${suffix}.json` },
    logLevel: 'warn',
    warnings: { slow: false },
  }).runMutationTest()
}

function survivorRanges(file, mutants) {
  const keys = unexplainedOf(file, readRows())
  return mutants.filter(({ key }) => keys.includes(key)).map(({ range }) => range)
}

/** What a run says of each mutant, under its key. */
function keyed(found, mutants) {
  const keys = new Map(mutants.map(({ place, key }) => [place, key]))
  return found.map((mutant) => {
    const key = keys.get(placeOf(mutant))
    if (key === undefined) throw new Error(`a mutant that the instrumenter did not make: ${placeOf(mutant)}`)
    return { key, status: mutant.status }
  })
}

/** Keeps what a run found in a file, and prints what nothing noticed and no row explains. */
export function tell(file, mutants, survivorsOnly) {
  const { killed, timedOut, undetected } = survivorsOnly ? amend(file, mutants) : keep(file, mutants)
  console.log(`${file}: ${killed + timedOut} of ${killed + timedOut + undetected.length} mutants detected`)
  const rows = readRows()
  for (const key of undetected) if (!isExplained(rows, file, key)) console.log(rowOf(key))
}
