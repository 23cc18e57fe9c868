// Stands for the test runner of a block, whose tests are run as they are defined: the blocks themselves are run by a test.

export { expect } from 'vitest'

let last: Promise<unknown> = Promise.resolve()
let count = 0

export function test(_name: string, run: () => unknown): void {
  count++
  last = last.then(run)
}

export const it = test

export function describe(_name: string, define: () => void): void {
  define()
}

/** Resolves to the number of tests once all have passed; rejects with what the first failure throws. */
export async function finished(): Promise<number> {
  const tests = last
  const defined = count
  last = Promise.resolve()
  count = 0
  await tests
  return defined
}
