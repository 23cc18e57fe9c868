// Runs every comparison, one after the other, each in a process of its own: `npm run bench`, or `npm run bench -- verify` for some.

import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'

const own = new Set(['run.mjs', 'harness.mjs'])
const asked = process.argv.slice(2)
const benches = readdirSync(new URL('.', import.meta.url))
  .filter((file) => file.endsWith('.mjs') && !own.has(file) && !file.includes('-'))
  .filter((file) => asked.length === 0 || asked.includes(file.slice(0, -4)))

for (const bench of benches) {
  console.log(`\n== ${bench.slice(0, -4)} (Node ${process.version})`)
  const { status } = spawnSync(process.execPath, ['--expose-gc', new URL(bench, import.meta.url).pathname], {
    stdio: 'inherit',
  })
  if (status !== 0) process.exitCode = 1
}
