// A browser page: the core suite, its result left where the page's driver finds it.

import { runTests } from '../suite/core.mjs'
import { same, test } from '../suite/harness.mjs'

test('the host is the one that was asked for', () => {
  same([typeof window, typeof document, typeof process], ['object', 'object', 'undefined'])
  same(/HeadlessChrome|Chrome\//.test(navigator.userAgent), true, navigator.userAgent)
})

runTests().then((result) => {
  globalThis.result = { host: navigator.userAgent, ...result }
})
