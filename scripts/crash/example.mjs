// The long crash test of the example's server: test/example/crash.test.ts, with 25 times the work and as many more kills.
//
//   npm run crash:example [-- 50]

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from '../shared/repository.mjs'

const [factor = '25'] = process.argv.slice(2)
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const { status } = spawnSync(
  process.execPath,
  [vitest, 'run', 'test/example/crash.test.ts', '--disable-console-intercept'],
  { cwd: root, stdio: 'inherit', env: { ...process.env, CRASH_FACTOR: factor, EXAMPLE_MUST_RUN: 'true' } },
)
process.exitCode = status ?? 1
