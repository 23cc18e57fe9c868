// Calls every public function with junk for a set time: `npm run fuzz -- --seconds 60 [--seed 7]`. test/fuzz holds the functions, the junk
// and the corpus; inputs that lead to an outcome never seen before are added to it.

import { mkdirSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { root, runTests } from '../shared/repository.mjs'
import { record } from './figures.mjs'

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string' } } })
// Said before anything runs: a run that dies must be one that can be run again.
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
