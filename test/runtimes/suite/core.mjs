// What runs on any host, browsers and edge included.

import './decimal.mjs'
import './fetch.mjs'
import './reorg.mjs'

export { runTests } from './harness.mjs'
