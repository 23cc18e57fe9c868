// The size of each import in a consumer's bundle, with its budget (scripts/package/size.mjs, enforced in CI), and compared with the peers'
// calls that do the same work.

import { execFileSync } from 'node:child_process'
import { weigh } from '../scripts/package/weigh.mjs'
import { bench } from './results.mjs'

const { table, aim, done } = bench('size', {
  title: 'Size',
  about:
    'Bytes that one import adds to a bundle, after bundling and minifying with esbuild, and then after brotli. Error messages are included in full. CI fails if an import exceeds its budget.',
  peers: [
    '@octokit/webhooks-methods',
    'standardwebhooks',
    'stripe',
    'svix',
    'viem',
    '@solana/fixed-points',
    'big.js',
    'ethers',
  ],
})
const columns = [
  { key: 'name', title: 'import' },
  { key: 'minified', title: 'minified' },
  { key: 'brotli', title: 'brotli' },
]

const script = new URL('../scripts/package/size.mjs', import.meta.url).pathname
const rows = JSON.parse(execFileSync(process.execPath, [script, '--json'], { encoding: 'utf8' }))
table(
  'each import, with its budget and aim',
  rows.map(({ name, minified, brotli, limit, aim: wanted, without }) => ({
    name,
    minified,
    brotli,
    limit,
    wanted,
    without: without.map((word) => `\`${word}\``).join(' '),
  })),
  {
    columns: [
      ...columns,
      { key: 'limit', title: 'budget' },
      { key: 'wanted', title: 'aim' },
      { key: 'without', title: 'must not contain' },
    ],
  },
)
for (const { name, brotli, aim: wanted } of rows) aim(`${name}, bytes`, brotli, wanted)

/** The import of one call, as a consumer writes it. */
const calls = {
  'verify a delivery': {
    '@fluxora/verify': `export { createWebhookVerifier } from '@fluxora/verify'`,
    '@octokit/webhooks-methods': `export { verify } from '@octokit/webhooks-methods'`,
    standardwebhooks: `export { Webhook } from 'standardwebhooks'`,
    svix: `export { Webhook } from 'svix'`,
    stripe: `import Stripe from 'stripe'\nexport const { webhooks } = new Stripe('sk_test_none')`,
  },
  'read a decimal string': {
    '@fluxora/verify/decimal': `export { parseDecimal } from '@fluxora/verify/decimal'`,
    viem: `export { parseUnits } from 'viem'`,
    '@solana/fixed-points': `export { decimalFixedPoint } from '@solana/fixed-points'`,
    'big.js': `export { default } from 'big.js'`,
    ethers: `export { parseUnits } from 'ethers'`,
  },
}
for (const [what, imports] of Object.entries(calls)) {
  const weights = []
  for (const [name, code] of Object.entries(imports)) {
    const { minified, brotli } = await weigh(code, import.meta.dirname)
    weights.push({ name, minified, brotli })
  }
  table(what, weights, { columns })
}
done()
