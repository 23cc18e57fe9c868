// What each import may weigh in a consumer's bundle, and what must and must not be in it. size.mjs measures it.

/**
 * @typedef {object} Budget
 * @property {string} name
 * @property {string} code The import.
 * @property {number} limit Bytes, compressed with brotli.
 * @property {number} [aim] What it should weigh one day; the limit by default.
 * @property {readonly string[]} without Words that must not be in the bundle.
 * @property {readonly string[]} [including] Words that must be: what shows that the lists of the others are to the point.
 */

/** A word for each way of proving or signing that only bundles with a scheme of that family may hold. */
export const FAMILIES = {
  'HMAC-SHA1': 'sha1',
  'HMAC-SHA512': 'sha512',
  Ed25519: 'Ed25519',
  ECDSA: 'P-256',
  RSA: 'RSASSA',
  token: '<token>',
  'signed address': 'URLSearchParams',
  'ISO 8601': 'toISOString',
}

/**
 * @param {string} title
 * @param {string} scheme What to import beside the verifier.
 * @param {number} limit
 * @param {readonly (keyof typeof FAMILIES)[]} families
 * @returns {Budget}
 */
function verifierFor(title, scheme, limit, families) {
  const isOwn = (family) => families.includes(family)
  const words = (test) => Object.entries(FAMILIES).flatMap(([family, word]) => (test(family) ? [word] : []))
  return {
    name: `verifier for ${title}`,
    code: `export { createWebhookVerifier } from '@fluxora/verify/webhook'\nexport { ${scheme} } from '@fluxora/verify/schemes'`,
    limit,
    including: words(isOwn),
    without: [
      ...words((family) => !isOwn(family)),
      'stripe-signature',
      'webhook-id',
      'retry-after',
      'DECIMAL',
      'rollback',
    ],
  }
}

/** One scheme of each family. RSA has no sender of its own: it comes with the language of schemes, which holds all of them. */
const families = [
  verifierFor('GitHub', 'github', 8700, []),
  verifierFor('Intercom', 'intercom', 8700, ['HMAC-SHA1']),
  verifierFor('Paystack', 'paystack', 8700, ['HMAC-SHA512']),
  verifierFor('Discord', 'discord', 9400, ['Ed25519']),
  verifierFor('Circle', 'circle', 9800, ['ECDSA']),
  verifierFor('Telegram', 'telegram', 8800, ['token']),
  verifierFor('Square', 'square', 9700, ['signed address']),
  verifierFor('Twilio', 'twilio', 9500, ['HMAC-SHA1', 'signed address']),
  verifierFor('Zendesk', 'zendesk', 9000, ['ISO 8601']),
  verifierFor(
    'an own scheme',
    'defineScheme',
    13_700,
    Object.keys(FAMILIES).filter((family) => family !== 'token'),
  ),
]

/** @type {readonly Budget[]} */
export const budgets = [
  {
    name: 'verifier, one scheme',
    code: `export { createWebhookVerifier } from '@fluxora/verify'`,
    limit: 8700,
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
  ...families,
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
    limit: 8400,
    without: ['Ed25519', 'RSASSA', 'URLSearchParams', 'node:', 'createHmac', 'retry-after', 'must be spelt'], // the last is the signer's
  },
  {
    name: 'signer over WebCrypto',
    code: `export { createAsyncWebhookSigner } from '@fluxora/verify/fetch'`,
    limit: 5900,
    without: ['Ed25519', 'RSASSA', 'URLSearchParams', 'node:', 'createHmac', 'retry-after', 'signature_mismatch'],
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
    limit: 32000, // 1,100 of them for the causes that deliveries broken by hand brought to light
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
    limit: 39_400,
    aim: 12_000,
    without: ['stellar-signature'],
  },
]
