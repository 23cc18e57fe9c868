// The tests that run on any host, including browsers and edge runtimes.

import './decimal.mjs'
import './diagnose.mjs'
import './fetch.mjs'
import './reorg.mjs'

export { runTests } from './harness.mjs'
