// Which sources a mutation run breaks, and which tests must notice: those of the same room, without what only repeats at length.

/**
 * `entries`: what is imported of a room, its `index.ts` unless they are named.
 *
 * @type {Record<string, { tests: string[], without?: string[], entries?: string[] }>}
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
  // Needs Redis and Postgres, and a Node that has node:sqlite.
  stores: {
    tests: ['test/stores/*.test.ts'],
    // Processes of their own, which run what is built, and a cluster that SLOW=1 starts.
    without: ['test/stores/processes.test.ts', 'test/stores/redis-cluster.test.ts'],
    entries: ['redis.ts', 'postgres.ts', 'sqlite.ts'],
  },
  testing: {
    tests: ['test/testing/*.test.ts', 'test/stores/conformance.test.ts', 'test/stores/memory.test.ts'],
  },
}
