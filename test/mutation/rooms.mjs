// Which sources a mutation run breaks, and which tests must notice: those of the same room, without what only repeats at length.

/** @type {Record<string, { tests: string[], without?: string[] }>} */
export const rooms = {
  decimal: {
    tests: ['test/decimal/*.test.ts'],
    // Compilations and timings: they cannot see what a mutant does.
    without: ['test/decimal/types.test.ts', 'test/decimal/cost.test.ts'],
  },
  reorg: {
    tests: ['test/reorg/*.test.ts'],
    // Thousands of histories: seconds for each mutant, and the named properties beside them ask the same.
    without: ['test/reorg/exhaustive.test.ts', 'test/reorg/invariants.property.test.ts'],
  },
  webhook: {
    tests: ['test/webhook/*.test.ts'],
  },
}
