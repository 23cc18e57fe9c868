// The inputs that `npm run growth` measures: every input of the library that has a length.

import { findUnsafeAmounts, parseAmountFields, parseDecimal } from '@fluxora/verify/decimal'
import { createReorgState, parseReorgState, serializeReorgState, stepReorg } from '@fluxora/verify/reorg'
import { fluxora, github, shopify, standardWebhooks, stripe } from '@fluxora/verify/schemes'
import { createWebhookSigner, createWebhookVerifier, verifyWebhookSignature } from '@fluxora/verify/webhook'
import { fluxoraHeaders } from '../shared/fluxora-headers.mjs'

const NOW = 1_710_000_000
const now = () => NOW
const verifierOf = (scheme, more = {}) =>
  createWebhookVerifier({ scheme, secrets: scheme === standardWebhooks ? 'whsec_c2VjcmV0' : 'topsecret', now, ...more })
const signed = (body) => fluxoraHeaders({ secret: 'topsecret', id: 'd1', timestamp: NOW, body })
const plain = signed('{}')
const [bySix, byStripe, byGitHub, byShopify, byStandard] = [fluxora, stripe, github, shopify, standardWebhooks].map(
  (scheme) => verifierOf(scheme),
)
const large = verifierOf(fluxora, { maxBodyBytes: 2 ** 24 })
const chain = (count, from = 1) =>
  Array.from({ length: count }, (_, i) => ({
    sequence: from + i,
    hash: `h${from + i}`,
    parentHash: `h${from + i - 1}`,
  }))
const nest = (depth) => {
  let object = { amount: 1 }
  for (let i = 0; i < depth; i++) object = { a: object }
  return object
}
const many = (count, make) => Array.from({ length: count }, (_, i) => make(i))

/** Verifies a delivery with the body `{}`, one of whose headers grows. */
const verifying = (verifier, headersOf) => (n) => {
  const headers = headersOf(n)
  return () => verifier.verify({ headers, body: '{}' })
}
/** The same, for a delivery that differs from a plain one only in the value of one header. */
const withHeader = (name, value) => verifying(bySix, (n) => ({ ...plain, [name]: value(n) }))

/** Each input: its name, its smallest and largest size, and a function that makes the call for a size. */
export const inputs = [
  [
    'body, within the limit',
    [2 ** 12, 2 ** 22],
    (n) => {
      const body = Buffer.alloc(n, 'a')
      const headers = signed(body)
      return () => large.verify({ headers, body })
    },
  ],
  [
    'body, beyond the limit',
    [2 ** 19, 2 ** 24],
    (n) => {
      const body = Buffer.alloc(n, 'a')
      return () => bySix.verify({ headers: plain, body })
    },
  ],
  [
    'body as text, within the limit',
    [2 ** 12, 2 ** 22],
    (n) => {
      const body = 'a'.repeat(n)
      const headers = signed(body)
      return () => large.verify({ headers, body })
    },
  ],
  [
    'body as text, beyond the limit',
    [2 ** 19, 2 ** 24],
    (n) => {
      const body = 'a'.repeat(n)
      return () => bySix.verify({ headers: plain, body })
    },
  ],
  [
    'number of headers, an object',
    [2 ** 6, 2 ** 14],
    verifying(bySix, (n) => ({ ...Object.fromEntries(many(n, (i) => [`x-header-${i}`, 'v'])), ...plain })),
  ],
  [
    'number of headers, pairs',
    [2 ** 6, 2 ** 13],
    verifying(bySix, (n) => [...many(n, (i) => [`x-header-${i}`, 'v']), ...Object.entries(plain)]),
  ],
  [
    'number of headers, pairs beyond 10,000',
    [2 ** 14, 2 ** 20],
    verifying(bySix, (n) => many(n, (i) => [`x-header-${i % 100}`, 'v'])),
  ],
  ['values of one header', [2 ** 6, 2 ** 14], withHeader('x-fluxora-signature', (n) => many(n, () => 'ab'))],
  ['length of a header that is not asked for', [2 ** 8, 2 ** 20], withHeader('cookie', (n) => 'a'.repeat(n))],
  ['length of a header name', [2 ** 8, 2 ** 20], verifying(bySix, (n) => ({ ...plain, ['n'.repeat(n)]: 'a' }))],
  ['length of the signature, hex', [2 ** 8, 2 ** 20], withHeader('x-fluxora-signature', (n) => 'a'.repeat(n))],
  [
    'length of the signature, with a prefix',
    [2 ** 8, 2 ** 20],
    verifying(byGitHub, (n) => ({ 'x-hub-signature-256': `sha256=${'a'.repeat(n)}` })),
  ],
  [
    'length of the signature, base64',
    [2 ** 8, 2 ** 20],
    verifying(byShopify, (n) => ({ 'x-shopify-hmac-sha256': 'a'.repeat(n) })),
  ],
  [
    'length of the signature, blanks',
    [2 ** 8, 2 ** 20],
    withHeader('x-fluxora-signature', (n) => `a${' '.repeat(n)}a`),
  ],
  [
    'candidates in a field list',
    [2 ** 5, 2 ** 14],
    verifying(byStripe, (n) => ({ 'stripe-signature': `t=${NOW},${many(n, () => `v1=${'a'.repeat(64)}`).join(',')}` })),
  ],
  [
    'fields of other names',
    [2 ** 5, 2 ** 16],
    verifying(byStripe, (n) => ({ 'stripe-signature': `t=${NOW},${'x=1,'.repeat(n)}v1=${'a'.repeat(64)}` })),
  ],
  [
    'candidates in a versioned list',
    [2 ** 5, 2 ** 14],
    (n) => {
      const signature = many(n, () => `v1,${'A'.repeat(43)}=`).join(' ')
      const headers = { 'webhook-id': 'd1', 'webhook-timestamp': String(NOW), 'webhook-signature': signature }
      return () => byStandard.verify({ headers, body: '{}' })
    },
  ],
  ['length of the delivery id', [2 ** 8, 2 ** 20], withHeader('x-fluxora-delivery-id', (n) => 'a'.repeat(n))],
  [
    'length of the delivery id, signed',
    [2 ** 8, 2 ** 20],
    verifying(byStandard, (n) => ({
      'webhook-id': 'a'.repeat(n),
      'webhook-timestamp': String(NOW),
      'webhook-signature': `v1,${'A'.repeat(43)}=`,
    })),
  ],
  ['length of the timestamp', [2 ** 8, 2 ** 20], withHeader('x-fluxora-timestamp', (n) => '1'.repeat(n))],
  ['length of the content encoding', [2 ** 8, 2 ** 20], withHeader('content-encoding', (n) => 'a'.repeat(n))],
  ['joined headers', [2 ** 6, 2 ** 16], withHeader('x-fluxora-signature', (n) => 'a, '.repeat(n))],
  [
    'length of the secret',
    [2 ** 8, 2 ** 20],
    (n) => {
      const secrets = 's'.repeat(n)
      return () => createWebhookVerifier({ secrets })
    },
  ],
  [
    'number of secrets',
    [2, 2 ** 8],
    (n) => {
      const verifier = verifierOf(fluxora, { secrets: many(n, (i) => `secret${i}`) })
      return () => verifier.verify({ headers: plain, body: '{}' })
    },
  ],
  [
    'contract: length of the signature',
    [2 ** 8, 2 ** 20],
    (n) => {
      const input = {
        secret: 'topsecret',
        deliveryId: 'd1',
        timestamp: String(NOW),
        signature: 'a'.repeat(n),
        rawBody: '{}',
        now: NOW,
      }
      return () => verifyWebhookSignature(input)
    },
  ],
  [
    'signing: body',
    [2 ** 12, 2 ** 22],
    (n) => {
      const signer = createWebhookSigner({ secrets: 'topsecret', now })
      const body = Buffer.alloc(n, 'a')
      return () => signer.sign({ body, deliveryId: 'd1' })
    },
  ],
  [
    'the headers of a delivery',
    [2 ** 6, 2 ** 13],
    (n) => {
      const headers = { ...Object.fromEntries(many(n, (i) => [`x-header-${i}`, 'v'])), ...plain }
      return () => bySix.verify({ headers, body: '{}' }).delivery.headers
    },
  ],
  [
    'decimal text, beyond 128',
    [2 ** 8, 2 ** 20],
    (n) => {
      const text = '9'.repeat(n)
      return () => parseDecimal(text)
    },
  ],
  [
    'decimal text, within 128',
    [2 ** 3, 2 ** 7],
    (n) => {
      const text = '0'.repeat(n)
      return () => parseDecimal(text)
    },
  ],
  [
    'number of amount fields',
    [2 ** 5, 2 ** 13],
    (n) => {
      const fields = many(n, (i) => `f${i}`)
      const object = Object.fromEntries(fields.map((field) => [field, '1.5']))
      return () => parseAmountFields(object, fields)
    },
  ],
  [
    'findUnsafeAmounts: width',
    [2 ** 8, 2 ** 18],
    (n) => {
      const payload = { list: many(n, (i) => ({ id: i })) }
      return () => findUnsafeAmounts(payload, ['amount'])
    },
  ],
  [
    'findUnsafeAmounts: depth, within 64',
    [2 ** 2, 2 ** 6],
    (n) => {
      const payload = nest(n - 1)
      return () => findUnsafeAmounts(payload, ['amount'])
    },
  ],
  [
    'findUnsafeAmounts: depth, beyond 64',
    [2 ** 7, 2 ** 14],
    (n) => {
      const payload = nest(n)
      return () => findUnsafeAmounts(payload, ['amount'])
    },
  ],
  [
    'findUnsafeAmounts: findings, beyond 1,000',
    [2 ** 11, 2 ** 18],
    (n) => {
      const payload = { amount: many(n, () => 1) }
      return () => findUnsafeAmounts(payload, ['amount'])
    },
  ],
  [
    'findUnsafeAmounts: length of a key',
    [2 ** 11, 2 ** 20],
    (n) => {
      const payload = { ['k'.repeat(n)]: { amount: 1 } }
      return () => findUnsafeAmounts(payload, ['amount'])
    },
  ],
  [
    'reorg: ledgers in an event',
    [2 ** 5, 2 ** 13],
    (n) => {
      const state = createReorgState()
      const event = { type: 'ledgers', ledgers: chain(n) }
      return () => stepReorg(state, event)
    },
  ],
  [
    'reorg: ledgers in an event, beyond 10,000',
    [2 ** 14, 2 ** 18],
    (n) => {
      const state = createReorgState()
      const event = { type: 'ledgers', ledgers: chain(n) }
      return () => stepReorg(state, event)
    },
  ],
  [
    'reorg: ledgers held, one more',
    [2 ** 6, 2 ** 14],
    (n) => {
      const empty = createReorgState({ history: n, finalityDepth: 8, maxBatch: n })
      const { state } = stepReorg(empty, { type: 'ledgers', ledgers: chain(n) })
      const event = { type: 'ledgers', ledgers: chain(1, n + 1) }
      return () => stepReorg(state, event)
    },
  ],
  [
    'reorg: length of a hash',
    [2 ** 6, 2 ** 20],
    (n) => {
      const state = createReorgState()
      const event = { type: 'ledgers', ledgers: [{ sequence: 1, hash: 'h'.repeat(n) }] }
      return () => stepReorg(state, event)
    },
  ],
  [
    'reorg: a state as text',
    [2 ** 6, 2 ** 13],
    (n) => {
      const empty = createReorgState({ history: n, finalityDepth: 8 })
      const text = serializeReorgState(stepReorg(empty, { type: 'ledgers', ledgers: chain(n) }).state)
      return () => parseReorgState(text)
    },
  ],
  [
    'reorg: text that is not a state',
    [2 ** 8, 2 ** 20],
    (n) => {
      const text = `[${'1,'.repeat(n / 2)}1]`
      return () => {
        try {
          parseReorgState(text)
        } catch {}
      }
    },
  ],
]
