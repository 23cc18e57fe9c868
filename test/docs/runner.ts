// Replaces the test runner in a block and runs its tests as they are defined, because the block itself runs inside a test.

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

/** Resolves to the number of tests once all have passed; rejects with the error of the first that fails. */
export async function finished(): Promise<number> {
  const tests = last
  const defined = count
  last = Promise.resolve()
  count = 0
  await tests
  return defined
}
