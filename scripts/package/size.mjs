// Prints the size of each import in a consumer's bundle: minified and brotli bytes, next to its budget and its aim.
// Fails if an import exceeds its budget, or if its bundle contains a word that must not be there, or lacks one that must. Measures the built
// package by its public names. With --json, prints the same as data, for the benchmarks.

import { budgets } from './budgets.mjs'
import { weigh } from './weigh.mjs'

let failed = false
const rows = []
for (const { name, code, limit, aim = limit, without, including = [] } of budgets) {
  const { minified, brotli, text } = await weigh(code)
  const strays = without.filter((word) => text.includes(word))
  const missing = including.filter((word) => !text.includes(word))
  rows.push({ name, minified, brotli, limit, aim, without, strays, missing })
  failed ||= brotli > limit || strays.length > 0 || missing.length > 0
}

if (process.argv.includes('--json')) console.log(JSON.stringify(rows, null, 2))
else {
  console.log(
    `${'import'.padEnd(28)}${['minified', 'brotli', 'budget', 'aim'].map((title) => title.padStart(9)).join('')}`,
  )
  for (const { name, minified, brotli, limit, aim, strays, missing } of rows) {
    const cells = [minified, brotli, limit, aim].map((bytes) => String(bytes).padStart(9))
    console.log(name.padEnd(28) + cells.join(''))
    if (brotli > limit) console.error(`  ${brotli - limit} bytes over budget`)
    if (strays.length > 0) console.error(`  must not contain: ${strays.join(', ')}`)
    if (missing.length > 0) console.error(`  must contain: ${missing.join(', ')}`)
  }
}
process.exitCode = failed ? 1 : 0
