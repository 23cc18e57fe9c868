// Calls every public function with junk for a given time: `npm run fuzz -- --seconds 60 [--seed 7]`. test/fuzz has the functions, the junk
// and the corpus. Inputs with an outcome that was never seen before are added to the corpus.

import { mkdirSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { root, runTests } from '../shared/repository.mjs'
import { record } from './figures.mjs'

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string' } } })
// Print the seed first, so that a run that crashes can be repeated.
const seed = values.seed ?? String(Date.now() % 2 ** 32)
console.log(`seed ${seed}`)
mkdirSync(`${root}reports`, { recursive: true })
const hasPassed = runTests(['test/fuzz', '--reporter=dot'], { FUZZ_SECONDS: values.seconds, FUZZ_SEED: seed })
const report = JSON.parse(readFileSync(`${root}reports/fuzz.json`, 'utf8'))
for (const [name, calls] of Object.entries(report.callsOf)) console.log(`${String(calls).padStart(9)}  ${name}`)
const { calls, functions, outcomes, added, seconds, slowestMs, slowest } = report
console.log(
  `${calls} calls in ${seconds} s, seed ${seed}: ${outcomes} outcomes, ${added} of them new, failures: ${hasPassed ? 0 : 'see above'}`,
)
record('fuzz', 'npm run fuzz -- --seconds 60', {
  calls,
  functions,
  outcomes,
  failures: hasPassed ? 0 : 'some',
  seed: report.seed,
  slowestMs: Math.round(slowestMs),
  slowest,
})
