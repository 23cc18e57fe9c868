// Which sources a mutation run breaks, and which tests must notice: those of the same room, without what only repeats at length.

/** The files of one store, each met by the tests of that store. */
const byFile = (store, names) =>
  Object.fromEntries(
    names.map((name) => [
      `src/stores/${store}/${name}.ts`,
      ['test/stores/shared.test.ts', `test/stores/${store}*.test.ts`],
    ]),
  )

/**
 * `entries`: what is imported of a room, its `index.ts` unless they are named. `only`: the tests of one file, where a room's tests take
 * long. `coverage`: `all` where tests run side by side, so that nobody can say which of them met a mutant.
 *
 * @type {Record<string, {
 *   tests: string[], without?: string[], entries?: string[], only?: Record<string, string[]>, coverage?: 'perTest' | 'all'
 * }>}
 */
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
    entries: ['index.ts', 'schemes/index.ts', 'verify-async.ts'],
  },
  adapters: {
    tests: ['test/adapters/*.test.ts'],
    entries: ['http.ts', 'express.ts', 'fastify.ts', 'fetch.ts'],
  },
  // Needs Redis and Postgres, and a Node that has node:sqlite. Without processes of their own, which run what is built; a cluster, which
  // SLOW=1 starts; and PGlite, which takes seconds to begin and is asked the same as PostgreSQL.
  stores: {
    tests: ['test/stores/*.test.ts'],
    without: ['test/stores/processes.test.ts', 'test/stores/redis-cluster.test.ts', 'test/stores/pglite.test.ts'],
    entries: ['redis/index.ts', 'postgres/index.ts', 'sqlite.ts'],
    only: {
      ...byFile('postgres', ['claim', 'client', 'statements', 'store', 'transaction']),
      ...byFile('redis', ['client', 'commits', 'record', 'run', 'scripts', 'spread', 'store', 'take']),
      'src/stores/sqlite.ts': ['test/stores/shared.test.ts', 'test/stores/sqlite.test.ts'],
      'src/stores/shared/gather.ts': ['test/stores/gather.test.ts'],
      'src/stores/shared/request.ts': ['test/stores/shared.test.ts'],
      'src/stores/shared/table.ts': ['test/stores/shared.test.ts'],
    },
    coverage: 'all',
  },
  testing: {
    tests: ['test/testing/*.test.ts', 'test/stores/conformance.test.ts', 'test/stores/memory.test.ts'],
  },
}
