// A minimal test harness, because these hosts have none in common.

const tests = []

/** Adds a test. */
export function test(name, run) {
  tests.push({ name, run })
}

/** Runs all tests, one after another. */
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

/** Compares two values by their JSON, in which a bigint is text with an n. */
export function same(actual, expected, about = '') {
  const [a, b] = [write(actual), write(expected)]
  if (a !== b) throw new Error(`${about} expected ${b}, got ${a}`)
}

/** The code of the error that a call throws. */
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
