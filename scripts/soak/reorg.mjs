// The long reorg test: a million steps of model-based histories (or as many as the first argument says), with every invariant checked after
// each, in both gap modes, with and without skipped heights. Uses a new seed unless the second argument gives one, and prints it first.

import { runTests } from '../shared/repository.mjs'

const steps = process.argv[2] ?? '1000000'
const seed = process.argv[3] ?? String(Math.floor(Math.random() * 2 ** 31))
console.log(`seed ${seed}, ${steps} steps`)
const test = 'test/reorg/invariants.property.test.ts'
runTests([test, '--testTimeout=7200000'], { REORG_SOAK: steps, REORG_SEED: seed })
