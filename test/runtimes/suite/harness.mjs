// The smallest test harness, for hosts that have none in common.

const tests = []

/** Adds a test. */
export function test(name, run) {
  tests.push({ name, run })
}

/** Runs all tests, one after the other. */
export async function runTests() {
  const failures = []
  for (const { name, run } of tests) {
    try {
      await run()
    } catch (error) {
      failures.push(`${name}: ${error?.stack ?? error}`)
    }
  }
  return { passed: tests.length - failures.length, failures }
}

/** Values of the same JSON are the same here; bigints are written as text with an n. */
export function same(actual, expected, about = '') {
  const [a, b] = [write(actual), write(expected)]
  if (a !== b) throw new Error(`${about} expected ${b}, got ${a}`)
}

/** What an expression throws, by its code. */
export function codeOf(run) {
  try {
    run()
  } catch (error) {
    return error.code ?? `uncoded: ${error}`
  }
  return 'nothing thrown'
}

function write(value) {
  return JSON.stringify(value, (_key, each) => {
    if (typeof each === 'bigint') return `${each}n`
    if (each instanceof Uint8Array) return `bytes:${Array.from(each).join()}`
    return each
  })
}
