// Prints the size of each import in a consumer's bundle: minified and brotli bytes, next to its budget and its aim.
// Fails if an import exceeds its budget, or if its bundle contains a word that must not be there, or lacks one that must. Measures the built
// package by its public names. With --json, prints the same as data, for the benchmarks.

import { budgets } from './budgets.mjs'
import { weigh } from './weigh.mjs'

<<<<<<< HEAD
=======
const budgets = [
  {
    name: 'verifier, one scheme',
    code: `export { createWebhookVerifier } from '@fluxora/verify'`,
    limit: 8600,
    aim: 2000,
    without: [
      'Ed25519',
      'RSASSA',
      'URLSearchParams',
      'stellar-signature',
      'webhook-id',
      'retry-after',
      'DECIMAL',
      'rollback',
    ],
  },
  {
    name: 'verifier, all schemes',
    code: `export { createWebhookVerifier } from '@fluxora/verify/webhook'\nexport * from '@fluxora/verify/schemes'`,
    limit: 21_800,
    aim: 3000,
    without: ['retry-after', 'DECIMAL', 'rollback'],
  },
  {
    name: 'verifier for GitHub',
    code: `export { createWebhookVerifier } from '@fluxora/verify/webhook'\nexport { github } from '@fluxora/verify/schemes'`,
    limit: 8600,
    without: ['Ed25519', 'RSASSA', 'URLSearchParams', 'stripe-signature', 'webhook-id', 'rollback'],
  },
  {
    name: 'verifier for Discord',
    code: `export { createWebhookVerifier } from '@fluxora/verify/webhook'\nexport { discord } from '@fluxora/verify/schemes'`,
    limit: 9400,
    without: ['RSASSA', 'URLSearchParams', 'stripe-signature', 'rollback'],
  },
  {
    name: 'verifier for Twilio',
    code: `export { createWebhookVerifier } from '@fluxora/verify/webhook'\nexport { twilio } from '@fluxora/verify/schemes'`,
    limit: 9300,
    without: ['Ed25519', 'RSASSA', 'stripe-signature', 'webhook-id', 'rollback'],
  },
  {
    name: 'receiver and http adapter',
    code: `export { createWebhookListener } from '@fluxora/verify/http'`,
    limit: 19_300,
    aim: 5000,
    without: [
      'Ed25519',
      'RSASSA',
      'URLSearchParams',
      'stellar-signature',
      'webhook-id',
      'subtle',
      'DECIMAL',
      'rollback',
    ],
  },
  {
    name: 'verifier over WebCrypto',
    code: `export { createAsyncWebhookVerifier } from '@fluxora/verify/fetch'`,
    limit: 8300,
    without: ['Ed25519', 'RSASSA', 'URLSearchParams', 'node:', 'createHmac', 'retry-after'],
  },
  {
    name: 'sender',
    code: `export { createWebhookSender } from '@fluxora/verify/sender'`,
    limit: 16_000,
    without: ['subtle', 'DECIMAL', 'rollback', 'stripe-signature'],
  },
  {
    name: 'diagnoseDelivery',
    code: `export { diagnoseDelivery } from '@fluxora/verify/diagnose'`,
    limit: 31_500, // 1,100 of them for the causes that deliveries broken by hand brought to light
    without: ['node:buffer', 'retry-after', 'DECIMAL', 'rollback'],
  },
  {
    name: 'parseDecimal, one policy',
    code: `export { parseDecimal } from '@fluxora/verify/decimal'`,
    limit: 2200,
    aim: 1300,
    without: ['signature', 'rollback', 'pointer', '[0-9]', 'maxLength'],
  },
  {
    name: 'all of decimal',
    code: `export * from '@fluxora/verify/decimal'`,
    limit: 5100,
    aim: 3000,
    without: ['signature', 'rollback'],
  },
  {
    name: 'createReorgState, stepReorg',
    code: `export { createReorgState, stepReorg } from '@fluxora/verify/reorg'`,
    limit: 7000,
    without: ['signature', 'DECIMAL'],
  },
  {
    name: 'isStellarPublicKey',
    code: `export { isStellarPublicKey } from '@fluxora/verify/stellar'`,
    limit: 1100,
    without: ['ORG_', 'signature', 'rollback'],
  },
  {
    name: 'writeStellarToml',
    code: `export { writeStellarToml } from '@fluxora/verify/stellar'`,
    limit: 5600,
    without: ['signature_mismatch', 'rollback', 'DECIMAL'],
  },
  {
    name: 'everything in .',
    code: `export * from '@fluxora/verify'`,
    limit: 39_000,
    aim: 12_000,
    without: ['stellar-signature'],
  },
]

>>>>>>> main
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
