// The slow lane of the reorg tests: a million steps of the model-based histories (or as many as the first argument says), each with every
// invariant checked, in both gap modes, over heights with and without holes, with a fresh seed unless the second argument is one. The seed
// is printed first.

import { runTests } from '../shared/repository.mjs'

const steps = process.argv[2] ?? '1000000'
const seed = process.argv[3] ?? String(Math.floor(Math.random() * 2 ** 31))
console.log(`seed ${seed}, ${steps} steps`)
const test = 'test/reorg/invariants.property.test.ts'
runTests([test, '--testTimeout=7200000'], { REORG_SOAK: steps, REORG_SEED: seed })
