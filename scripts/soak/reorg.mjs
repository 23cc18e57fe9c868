// The slow lane of the reorg tests: a million steps of the model-based histories (or as many as the first argument says), each with every
// invariant checked, in both gap modes, with a fresh seed unless the second argument is one. The seed is printed first.

import { spawnSync } from 'node:child_process'

const steps = process.argv[2] ?? '1000000'
const seed = process.argv[3] ?? String(Math.floor(Math.random() * 2 ** 31))
console.log(`seed ${seed}, ${steps} steps`)
const { status } = spawnSync(
  'npx',
  ['vitest', 'run', 'test/reorg/invariants.property.test.ts', '--testTimeout=7200000'],
  {
    stdio: 'inherit',
    env: { ...process.env, REORG_SOAK: steps, REORG_SEED: seed },
    cwd: new URL('../..', import.meta.url),
  },
)
process.exitCode = status ?? 1
