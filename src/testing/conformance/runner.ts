// What the conformance kits use of a test runner.

/** The functions of a test runner: those of vitest, jest, mocha, bun and node:test fit. */
export interface ConformanceRunner {
  /** Groups the tests of a store. */
  readonly describe: (name: string, body: () => void) => unknown
  /** Registers one test. */
  readonly it: (name: string, body: () => Promise<void>) => unknown
  /** Length of a short lease in milliseconds, 250 by default. Raise it for a store that answers slowly. */
  readonly shortMs?: number | undefined
}
