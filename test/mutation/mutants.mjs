// Every change that Stryker would make to a file, found without running a test.

import { readFileSync } from 'node:fs'
import { Instrumenter } from '@stryker-mutator/instrumenter'
import { keysOf } from './keys.mjs'

const silent = { isDebugEnabled: () => false, debug() {}, info() {} }

/**
 * @param {string} file
 * @returns {Promise<{ key: string, place: string, range: string }[]>} `place` is what `placeOf` gives for the same mutant of a run,
 * `range` what Stryker's option `mutate` takes
 */
export async function mutantsOf(file) {
  const content = readFileSync(file, 'utf8')
  const options = { plugins: null, excludedMutations: [], ignorers: [] }
  const { mutants } = await new Instrumenter(silent).instrument([{ name: file, mutate: true, content }], options)
  const keys = keysOf(content, mutants)
  return mutants.map(({ location: { start, end }, ...mutant }, i) => {
    // The instrumenter counts from 0. A run counts both from 1, and the option takes lines from 1 and columns from 0.
    const location = {
      start: { line: start.line + 1, column: start.column + 1 },
      end: { line: end.line + 1, column: end.column + 1 },
    }
    const range = `${file}:${start.line + 1}:${start.column}-${end.line + 1}:${end.column}`
    return { key: keys[i], place: placeOf({ ...mutant, location }), range }
  })
}

/** Where a mutant of a run is, and what it is: no other mutant of the file has the same. */
export function placeOf({ location: { start, end }, mutatorName, replacement }) {
  return `${start.line}:${start.column}-${end.line}:${end.column} ${mutatorName} ${replacement}`
}
