// Runs every benchmark, one after another, each in its own process, and writes the results to docs/: benchmarks.json for programs,
// benchmarks.md and benchmarks.svg for people.
//
//   npm run bench                        all of them; takes about fifteen minutes on an idle machine
//   npm run bench -- verify decimal      only these; the other results stay as they are
//   npm run bench -- --quick [verify]    only checks that they run; writes nothing
//   npm run bench -- --report            only writes the page and the picture again, from the last results

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
  console.error(`Unknown: ${unknown.join(', ')}. The benchmarks are ${benches.map(({ name }) => name).join(', ')}.`)
  process.exit(1)
}

const env = { ...process.env, BENCH_QUICK: args.quick ? '1' : '', BENCH_RECORD: args.quick ? '' : '1' }
for (const { name, flags = [] } of args.report ? [] : benches) {
  if (asked.length > 0 && !asked.includes(name)) continue
  console.log(`\n== ${name} (Node ${process.version})`)
  const file = new URL(`${name}.mjs`, import.meta.url).pathname
  const { status } = spawnSync(process.execPath, ['--expose-gc', ...flags, file], { stdio: 'inherit', env })
  // Fails if a benchmark could not run. A figure that misses its aim is not a failure.
  if (status !== 0) process.exitCode = 1
}
if (!args.quick) writeReport()
