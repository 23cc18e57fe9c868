// node:crypto and WebCrypto are behind the same signer: whatever is to be sent, the two write the same headers, or fail with the same error.
// ECDSA takes a new random number each time, so there both verifiers have to take what each signer made.

import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { createAsyncWebhookSigner } from '../../src/adapters/fetch.ts'
import { derSignature } from '../../src/testing/signing/ecdsa-p256.ts'
import {
  createWebhookSigner,
  createWebhookVerifier,
  defineScheme,
  isWebhookError,
  type SignInput,
  type WebhookAlgorithm,
  type WebhookScheme,
  type WebhookSecrets,
  type WebhookSignerOptions,
} from '../../src/webhook/index.ts'
import { draftOf, writeHeaders } from '../../src/webhook/pipeline/signing.ts'
import { ecdsaP256 } from '../../src/webhook/proof/public-key/ecdsa-p256.ts'
import { webEngine, webSign } from '../../src/webhook/proof/web.ts'
import { ALL_SCHEMES } from '../../src/webhook/schemes/all-schemes.ts'
import { base64, mailgun, singleSignature, standardWebhooks, tokenFormat } from '../../src/webhook/schemes/index.ts'
import { readSignerOptions } from '../../src/webhook/signer-options.ts'
import { createAsyncWebhookVerifier } from '../../src/webhook/verify-async.ts'
import { NOW } from './support.ts'

const PAIRS = {
  ed25519: generateKeyPairSync('ed25519'),
  'ecdsa-p256-sha256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'rsa-sha256': generateKeyPairSync('rsa', { modulusLength: 2048 }),
}

const own = (algorithm: WebhookAlgorithm): WebhookScheme =>
  defineScheme({
    name: `own ${algorithm}`,
    headers: { signature: 'x-own', timestamp: 'x-time', deliveryId: 'x-id', event: 'x-event' },
    signed: ['vö:', 'method', ' ', 'url', '|', { bodyHash: 'sha256-hex' }, '|', 'deliveryId', '|', 'body', 'timestamp'],
    algorithm,
    timestampFormat: 'iso8601',
    signature: singleSignature({ encoding: base64 }),
  })

const SCHEMES: readonly (readonly [string, WebhookScheme])[] = [
  ...Object.entries(ALL_SCHEMES).filter(([, scheme]) => scheme !== mailgun), // its signature is in the body
  ...(['hmac-sha1', 'hmac-sha256', 'hmac-sha512', 'ed25519', 'ecdsa-p256-sha256', 'rsa-sha256'] as const).map(
    (algorithm) => [`own ${algorithm}`, own(algorithm)] as const,
  ),
  [
    'own token',
    defineScheme({
      name: 'own token',
      headers: { signature: 'authorization' },
      signed: [],
      algorithm: 'token',
      signature: tokenFormat({ prefix: 'Bearer ' }),
    }),
  ],
]

/** What the sender has, and what its receivers have. */
function secretsFor(scheme: WebhookScheme): readonly [WebhookSecrets, WebhookSecrets] {
  const { algorithm } = scheme.proof
  if (!(algorithm in PAIRS)) {
    const secret = scheme === standardWebhooks ? `whsec_${Buffer.alloc(32, 9).toString('base64')}` : '00ff00ff'
    return [secret, secret]
  }
  const { privateKey, publicKey } = PAIRS[algorithm as keyof typeof PAIRS]
  return [
    privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  ]
}

const HEADERS = {
  'x-contentful-signed-headers': 'x-other',
  'x-other': 'o',
  'x-qn-nonce': 'n',
}

/** What the signer is given. */
const anyDelivery = fc.record({
  body: fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.string({ unit: 'grapheme', maxLength: 300 }),
    fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
    fc.constantFrom('', '{"id":1}', new Uint8Array(70_000).fill(7)),
  ),
  deliveryId: fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom(...'abc123-_') }),
  event: fc.option(fc.constantFrom('paid', 'stream updated'), { nil: undefined }),
  timestamp: fc.integer({ min: NOW - 200, max: NOW + 200 }),
  method: fc.constantFrom(undefined, 'POST', 'put'),
  url: fc.constantFrom('https://a.example/hook', 'https://a.example/%2F?x=%20y&z'),
})

async function outcomeOf(sign: () => unknown): Promise<unknown> {
  try {
    return { headers: await sign() }
  } catch (error) {
    if (!isWebhookError(error)) throw error
    return { code: error.code, message: error.message, option: error.option }
  }
}

/** The same of both signers. */
async function bothOutcomes(options: WebhookSignerOptions, input: SignInput): Promise<readonly unknown[]> {
  return [
    await outcomeOf(() => createWebhookSigner(options).sign(input)),
    await outcomeOf(() => createAsyncWebhookSigner(options).sign(input)),
  ]
}

describe('both signers write what both verifiers take', () => {
  it.each(SCHEMES)('%s', async (_, scheme) => {
    const [secrets, known] = secretsFor(scheme)
    const now = (): number => NOW
    const signers = [createWebhookSigner, createAsyncWebhookSigner].map((make) => make({ scheme, secrets, now }))
    const options = { scheme, secrets: known, now }
    const verifiers = [createWebhookVerifier(options), createAsyncWebhookVerifier(options)]
    const property = fc.asyncProperty(anyDelivery, async (delivery) => {
      const input = { ...delivery, headers: HEADERS }
      const [one, other] = await Promise.all(signers.map((signer) => signer.sign(input)))
      if (scheme.proof.algorithm !== 'ecdsa-p256-sha256') expect(other).toEqual(one)
      expect(Object.keys(other ?? {})).toEqual(Object.keys(one ?? {}))
      for (const headers of [one, other]) {
        for (const verifier of verifiers) {
          const { body, method, url } = input
          const verdict = await verifier.verify({ headers: { ...HEADERS, ...headers }, body, method, url })
          // Linear and Zoom, say, have their time in the body, where these bodies have none.
          const code = scheme.bodyFields?.timestamp === undefined ? 'ok' : 'missing_timestamp'
          expect(verdict.code).toBe(code)
        }
      }
    })
    await fc.assert(property, { numRuns: 25 })
  })
})

describe('both signers fail alike', () => {
  const junk = fc.constantFrom<unknown>(
    undefined,
    null,
    0,
    '',
    ' ',
    'é',
    '\ud800',
    [],
    {},
    -1,
    1.5,
    NaN,
    1e13,
    'a, b',
    new URL('https://a.example/'),
  )

  it('whatever is to be sent', async () => {
    const scheme = fc.constantFrom(...Object.values(ALL_SCHEMES).filter(({ proof }) => proof.algorithm.startsWith('h')))
    const names = ['body', 'deliveryId', 'event', 'timestamp', 'url', 'method', 'headers', 'delivery_id', 'Event']
    const input = anyDelivery.chain((delivery) =>
      fc.tuple(fc.constantFrom(...names), junk).map(([name, value]) => ({ ...delivery, [name]: value })),
    )
    const property = fc.asyncProperty(scheme, input, async (given, broken) => {
      const [secrets] = secretsFor(given)
      const options = { scheme: given, secrets, now: () => NOW }
      const [one, other] = await bothOutcomes(options, broken as SignInput)
      // Where none was given, each draws an id of its own.
      if (broken.deliveryId === undefined) expect(Object.keys(other as object)).toEqual(Object.keys(one as object))
      else expect(other).toEqual(one)
    })
    await fc.assert(property, { numRuns: 300 })
  })

  it.each<[string, object]>([
    ['no options', null as never],
    ['no secret', {}],
    ['a blank secret', { secrets: ' ' }],
    ['a misspelt option', { secrets: 'a', scheem: 1 }],
    ['what is not a scheme', { secrets: 'a', scheme: {} }],
    ['a signature inside the body', { secrets: 'a', scheme: mailgun }],
    ['what is not a clock', { secrets: 'a', now: 5 }],
    ['a clock that gives milliseconds', { secrets: 'a', now: () => 1000 * NOW }],
    ['a clock that gives nothing', { secrets: 'a', now: () => NaN }],
    ['secrets that have all expired', { secrets: { secret: 'a', expiresAt: NOW }, now: () => NOW }],
    ['a public key', { secrets: secretsFor(own('ed25519'))[1], scheme: own('ed25519') }],
  ])('for %s', async (_, options) => {
    const [one, other] = await bothOutcomes(options as WebhookSignerOptions, { body: '{}', deliveryId: 'd' })
    expect(one).toMatchObject({ code: expect.any(String) })
    expect(other).toEqual(one)
  })

  it('throws for options at once, and rejects for the rest', async () => {
    expect(() => createAsyncWebhookSigner({ secrets: '' })).toThrow(expect.objectContaining({ code: 'invalid_secret' }))
    const signer = createAsyncWebhookSigner({ secrets: 'a' })
    await expect(signer.sign(undefined as never)).rejects.toMatchObject({ code: 'invalid_input' })
  })

  it('rejects each time for a key that no platform can use', async () => {
    const scheme = own('ecdsa-p256-sha256')
    const der = PAIRS['ecdsa-p256-sha256'].privateKey.export({ type: 'pkcs8', format: 'der' }).subarray(0, -9)
    const secrets = `-----BEGIN PRIVATE KEY-----\n${der.toString('base64')}\n-----END PRIVATE KEY-----`
    expect(() => createWebhookSigner({ scheme, secrets })).toThrow(expect.objectContaining({ code: 'invalid_secret' }))
    const signer = createAsyncWebhookSigner({ scheme, secrets })
    const input = { body: '{}', url: 'https://a.example/' }
    for (let times = 0; times < 2; times++)
      await expect(signer.sign(input)).rejects.toMatchObject({ code: 'invalid_secret', option: 'secrets' })
  })
})

describe('secrets that are being rotated', () => {
  const now = (): number => NOW
  const input = { body: '{}', deliveryId: 'd' }
  const scheme = ALL_SCHEMES.stripe as WebhookScheme
  const secrets = ['one', { secret: 'old', expiresAt: NOW }, { secret: 'two', id: 'second', expiresAt: NOW + 1 }]

  it.each([
    ['all sign where the scheme carries many', scheme],
    ['the first signs where it carries one', ALL_SCHEMES.github as WebhookScheme],
  ])('%s', async (_, each) => {
    const [one, other] = await bothOutcomes({ scheme: each, secrets, now }, input)
    expect(other).toEqual(one)
    const { headers } = other as { headers: Record<string, string> }
    const verdicts = secrets.map((known) => {
      const { secret } = typeof known === 'string' ? { secret: known } : known
      return createWebhookVerifier({ scheme: each, secrets: secret, now }).verify({ headers, body: '{}' }).code
    })
    const last = each === scheme ? 'ok' : 'signature_mismatch'
    expect(verdicts).toEqual(['ok', 'signature_mismatch', last])
  })

  it.each([
    [2, scheme],
    [1, ALL_SCHEMES.github as WebhookScheme],
  ])('are signed with no more often than the header carries: %i times', async (times, each) => {
    const { terms, keys } = readSignerOptions({ scheme: each, secrets, now })
    const sign = vi.fn(webSign)
    const imported = await Promise.all(keys.map(({ material }) => webEngine.importKey(material)))
    await writeHeaders({ proof: webEngine, sign }, each, draftOf(terms, input), { keys, imported })
    expect(sign).toHaveBeenCalledTimes(times)
  })

  it('of Standard Webhooks sign by a shared secret and by a private key', async () => {
    const secret = `whsec_${Buffer.alloc(24, 3).toString('base64')}`
    const pem = secretsFor(own('ed25519'))[0] as string
    const [one, other] = await bothOutcomes({ scheme: standardWebhooks, secrets: [secret, pem], now }, input)
    expect(other).toEqual(one)
    const { headers } = other as { headers: Record<string, string> }
    expect(headers['webhook-signature']).toMatch(/^v1,\S+ v1a,\S+$/)
  })
})

describe('a body', () => {
  it.each([
    ['whose hash is signed', own('hmac-sha256')],
    ['that is signed itself', ALL_SCHEMES.fluxora as WebhookScheme],
  ])('%s may change as soon as sign was called', async (_, scheme) => {
    const signer = createAsyncWebhookSigner({ scheme, secrets: 'a', now: () => NOW })
    const expected = createWebhookSigner({ scheme, secrets: 'a', now: () => NOW })
    for (let times = 0; times < 2; times++) {
      const body = Buffer.from('{"amount":1}')
      const input = { body, deliveryId: 'd', url: 'https://a.example/' }
      const before = expected.sign(input)
      const signing = signer.sign(input)
      body.fill(0)
      expect(await signing).toEqual(before)
    }
  })
})

describe('ECDSA over WebCrypto', () => {
  it('writes both numbers in DER, in as few bytes as hold them', () => {
    const [pem] = secretsFor(own('ecdsa-p256-sha256'))
    const key = ecdsaP256.readKey(pem as string, () => undefined)
    const write = key?.kind === 'private' ? key.rules.web.write : undefined
    const number = fc.oneof(
      fc.bigInt({ min: 1n, max: 2n ** 256n - 1n }),
      fc.nat(255).chain((bits) => fc.constantFrom(2n ** BigInt(bits), 2n ** BigInt(bits) - 1n || 1n)),
    )
    const property = fc.property(number, number, (r, s) => {
      const raw = Buffer.from([r, s].map((each) => each.toString(16).padStart(64, '0')).join(''), 'hex')
      expect(Buffer.from(write?.(new Uint8Array(raw)) ?? [])).toEqual(Buffer.from(derSignature(r, s)))
    })
    fc.assert(property, { numRuns: 500 })
  })
})
