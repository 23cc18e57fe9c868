// Prints what each import costs a consumer who bundles it: minified and brotli bytes, beside its budget. Fails when a budget is
// passed, or when a name that must not be in a bundle is in it. The built package is measured, by its public names.

import { brotliCompressSync, constants } from 'node:zlib'
import { build } from 'esbuild'

const budgets = [
  {
    name: 'verifier, one scheme',
    code: `export { createWebhookVerifier } from '@fluxora/verify'`,
    limit: 2000,
    without: ['claim', 'handler_failed', 'stellar-signature', 'webhook-id'],
  },
  {
    name: 'verifier, all schemes',
    code: `export { createWebhookVerifier } from '@fluxora/verify/webhook'\nexport * from '@fluxora/verify/schemes'`,
    limit: 3000,
    without: ['handler_failed'],
  },
  {
    name: 'receiver and http adapter',
    code: `export { createWebhookListener } from '@fluxora/verify/http'`,
    limit: 5000,
    without: ['stellar-signature', 'webhook-id'],
  },
  { name: 'everything in .', code: `export * from '@fluxora/verify'`, limit: 12_000, without: [] },
]

let failed = false
console.log(`${'import'.padEnd(28)}${'minified'.padStart(10)}${'brotli'.padStart(8)}${'budget'.padStart(8)}`)
for (const { name, code, limit, without } of budgets) {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: new URL('..', import.meta.url).pathname, loader: 'js' },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
  })
  const bundle = outputFiles[0].contents
  const brotli = brotliCompressSync(bundle, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length
  const strays = without.filter((word) => outputFiles[0].text.includes(word))
  console.log(
    `${name.padEnd(28)}${String(bundle.length).padStart(10)}${String(brotli).padStart(8)}${String(limit).padStart(8)}`,
  )
  if (brotli > limit || strays.length > 0) {
    failed = true
    if (brotli > limit) console.error(`  over its budget by ${brotli - limit} bytes`)
    if (strays.length > 0) console.error(`  must not hold: ${strays.join(', ')}`)
  }
}
process.exitCode = failed ? 1 : 0
