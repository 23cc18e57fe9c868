// The slow lane of the decimal tests: the differential test on a million random and damaged texts (or as many as the first argument
// says), with a fresh seed unless FLUXORA_SEED is set.

import { spawnSync } from 'node:child_process'

const texts = process.argv[2] ?? '1000000'
const { status } = spawnSync('npx', ['vitest', 'run', 'test/decimal/differential.property.test.ts'], {
  stdio: 'inherit',
  env: { ...process.env, DECIMAL_SOAK: texts },
  cwd: new URL('../..', import.meta.url),
})
process.exitCode = status ?? 1
