// Runs every comparison, one after the other, each in a process of its own, and writes what they found to docs/: benchmarks.json for
// machines, benchmarks.md and benchmarks.svg for people.
//
//   npm run bench                        all of them, about fifteen minutes where nothing else runs
//   npm run bench -- verify decimal      some; the results of the others stay as they are
//   npm run bench -- --quick [verify]    a short look at whether they run; nothing is written
//   npm run bench -- --report            only writes the docs anew from what was found last

import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { benches } from './benches.mjs'
import { writeReport } from './report.mjs'

const { values: args, positionals: asked } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, report: { type: 'boolean', default: false } },
})
const unknown = asked.filter((name) => !benches.some((bench) => bench.name === name))
if (unknown.length > 0) {
  console.error(`No bench ${unknown.join(', ')}; there are ${benches.map(({ name }) => name).join(', ')}.`)
  process.exit(1)
}

const env = { ...process.env, BENCH_QUICK: args.quick ? '1' : '', BENCH_RECORD: args.quick ? '' : '1' }
for (const { name, flags = [] } of args.report ? [] : benches) {
  if (asked.length > 0 && !asked.includes(name)) continue
  console.log(`\n== ${name} (Node ${process.version})`)
  const file = new URL(`${name}.mjs`, import.meta.url).pathname
  const { status } = spawnSync(process.execPath, ['--expose-gc', ...flags, file], { stdio: 'inherit', env })
  // A bench that could not run; a figure that misses its aim is a figure.
  if (status !== 0) process.exitCode = 1
}
if (!args.quick) writeReport()
