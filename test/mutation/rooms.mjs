// Which sources a mutation run breaks, and which tests must notice: those of the same room, without what only repeats at length.

import { readdirSync } from 'node:fs'

/**
 * `only`: the tests of the files whose paths begin so, where a room's tests take long. `coverage`: `all` where tests run side by side, so
 * that nobody can say which of them met a mutant. `runs`: how often a property is asked at most, 100 where it is left out.
 *
 * @type {Record<string, { tests: string[], without?: string[], only?: Record<string, string[]>, coverage?: 'perTest' | 'all', runs?: number }>}
 */
export const rooms = {
  // Few files have tests of their own: the rest is tested through the rooms that use it.
  shared: {
    tests: ['test/shared/*.test.ts', 'test/decimal/*.test.ts', 'test/reorg/*.test.ts', 'test/webhook/*.test.ts'],
    without: [
      'test/decimal/types.test.ts',
      'test/decimal/*.property.test.ts',
      'test/decimal/cost.test.ts',
      // They count what more runs than a hundred have met.
      'test/decimal/messages.test.ts',
      'test/decimal/pattern.test.ts',
      'test/reorg/exhaustive.test.ts',
      'test/reorg/*.property.test.ts',
      'test/reorg/recipes.test.ts',
      'test/webhook/*.property.test.ts',
      'test/webhook/mac-forms.test.ts',
    ],
  },
  decimal: {
    tests: ['test/decimal/*.test.ts'],
    // Compilations and timings: they cannot see what a mutant does.
    without: ['test/decimal/types.test.ts', 'test/decimal/cost.test.ts', 'test/decimal/docs.test.ts'],
    // Its properties are quick, and some count what their runs have met.
    runs: 2000,
  },
  reorg: {
    tests: ['test/reorg/*.test.ts'],
    // Thousands of histories: half a minute for each mutant, and the properties beside it ask the same.
    without: [
      'test/reorg/exhaustive.test.ts',
      // Counts what more runs than a hundred have met.
      'test/reorg/invariants.property.test.ts',
      // Reads a page, and needs clients of its own.
      'test/reorg/recipes.test.ts',
    ],
  },
  webhook: {
    // What answers over sockets is tested beside the adapters.
    tests: ['test/webhook/*.test.ts', 'test/adapters/handshakes.test.ts'],
  },
  adapters: {
    tests: ['test/adapters/*.test.ts'],
    // Asks V8 for the shapes of objects, which a broken copy has others of; and recipes read pages, and need clients of their own.
    without: ['test/adapters/hidden-class.test.ts', 'test/adapters/recipes*.test.ts'],
  },
  // Needs Redis and Postgres, and a Node that has node:sqlite. Without processes of their own, which run what is built; a cluster, which
  // SLOW=1 starts; and PGlite, which takes seconds to begin and is asked the same as PostgreSQL.
  stores: {
    tests: ['test/stores/*.test.ts'],
    without: ['test/stores/processes.test.ts', 'test/stores/redis-cluster.test.ts', 'test/stores/pglite.test.ts'],
    only: {
      'src/stores/memory': ['test/stores/memory*.test.ts'],
      'src/stores/postgres': ['test/stores/shared.test.ts', 'test/stores/postgres*.test.ts'],
      'src/stores/redis': ['test/stores/shared.test.ts', 'test/stores/redis*.test.ts'],
      'src/stores/sqlite': ['test/stores/shared.test.ts', 'test/stores/sqlite.test.ts'],
      'src/stores/shared/batch': ['test/stores/batch.test.ts'],
      'src/stores/shared/request': ['test/stores/shared.test.ts'],
      'src/stores/shared/table': ['test/stores/shared.test.ts'],
    },
    coverage: 'all',
  },
  stellar: {
    tests: ['test/stellar/*.test.ts'],
    // Needs clients of its own, and is asked the same by the vectors.
    without: ['test/stellar/peers.test.ts'],
  },
  testing: {
    tests: ['test/testing/**/*.test.ts', 'test/stores/conformance.test.ts', 'test/stores/memory.test.ts'],
  },
}

/** The sources below a folder of `src/` that hold code of their own: `decimal`, or all of them without a name. */
export function sourcesOf(room = '') {
  return readdirSync(`src/${room}`, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/(^|\/)index\.ts$/.test(file))
    .map((file) => (room === '' ? `src/${file}` : `src/${room}/${file}`))
    .sort()
}

/** The tests that are run on a file of a room. */
export function testsOf(room, file) {
  const [, own] = Object.entries(rooms[room].only ?? {}).find(([beginning]) => file.startsWith(beginning)) ?? []
  return own ?? rooms[room].tests
}
