// A browser page: runs the core tests and leaves the result where the page's driver finds it.

import { runTests } from '../suite/core.mjs'
import { same, test } from '../suite/harness.mjs'

test('this is the expected host', () => {
  same([typeof window, typeof document, typeof process], ['object', 'object', 'undefined'])
  same(/HeadlessChrome|Chrome\//.test(navigator.userAgent), true, navigator.userAgent)
})

runTests().then((result) => {
  globalThis.result = { host: navigator.userAgent, ...result }
})
