// node:crypto and WebCrypto are behind the same checks: whatever comes, the two verifiers agree, and so do the receivers.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createWebhookReceiver,
  createWebhookSigner,
  createWebhookVerifier,
  defineScheme,
  type Verification,
  type WebhookScheme,
} from '../../src/webhook/index.ts'
import { nodeEngine, nodeSign } from '../../src/webhook/proof/node.ts'
import { webEngine } from '../../src/webhook/proof/web.ts'
import { webInflater } from '../../src/webhook/receiving/inflate-web.ts'
import { receiverOver } from '../../src/webhook/receiving/receiver.ts'
import * as library from '../../src/webhook/schemes/index.ts'
import { createAsyncWebhookVerifier } from '../../src/webhook/verify-async.ts'
import { hmacKey } from './support.ts'

const NOW = 1_710_000_000
const now = (): number => NOW
const standardSecret = `whsec_${Buffer.alloc(32, 9).toString('base64')}`

// Text before and after the body, and text that is not ASCII among what is signed.
let made: WebhookScheme | undefined
const enclosing = (): WebhookScheme =>
  (made ??= defineScheme({
    name: 'enclosing',
    headers: { signature: 'x-signature', timestamp: 'x-time', deliveryId: 'x-id' },
    signed: ['vö:', 'deliveryId', '|', 'body', '|', 'timestamp'],
    signature: library.singleSignature({ encoding: library.base64 }),
  }))

const schemes: readonly (() => WebhookScheme)[] = [
  () => library.fluxora,
  () => library.stellarPayment,
  () => library.chronomind,
  () => library.fluxdrop,
  () => library.standardWebhooks,
  () => library.stripe,
  () => library.github,
  () => library.slack,
  () => library.shopify,
  enclosing,
]

const secretOf = (scheme: WebhookScheme): string => (scheme === library.standardWebhooks ? standardSecret : 'top')

const anyBody = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom<unknown>(
    '',
    '\ud800',
    null,
    undefined,
    7,
    {},
    { a: 1 },
    [],
    new ArrayBuffer(8),
    new DataView(new ArrayBuffer(9), 2),
  ),
  fc.uint8Array({ minLength: 5000, maxLength: 5010 }), // beyond node's one-shot path, and beyond the limit below for some
  fc.uint8Array({ minLength: 4, maxLength: 40 }).map((bytes) => {
    // A buffer that can be resized, which the ES2022 library has no type for.
    const buffer: ArrayBuffer = Reflect.construct(ArrayBuffer, [bytes.length, { maxByteLength: 100 }])
    new Uint8Array(buffer).set(bytes)
    return new Uint8Array(buffer)
  }),
  fc.uint8Array({ minLength: 4, maxLength: 40 }).map((bytes) => {
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length))
    shared.set(bytes)
    return shared
  }),
)

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.constantFrom(
    '',
    ' ',
    '0',
    '-1',
    '1e9',
    '01710000000',
    `${NOW}`,
    `${NOW}, ${NOW}`,
    'identity',
    'gzip',
    'v1,',
    't=1,v1=',
    '__proto__',
  ),
  fc.integer({ min: NOW - 400, max: NOW + 400 }).map(String),
)

type Fields = Readonly<Record<string, unknown>>
type Change = (headers: Fields) => Fields
const anyChange = (scheme: WebhookScheme): fc.Arbitrary<Change> => {
  const names = Object.values(scheme.headers).flat()
  /** Changes one header's value by a text and a number. */
  const changing = (change: (value: string, text: string, at: number) => unknown): fc.Arbitrary<Change> =>
    fc
      .tuple(fc.constantFrom(...names, 'content-encoding', 'x-other'), anyText, fc.nat(100))
      .map(([name, text, at]) => (headers) => ({ ...headers, [name]: change(String(headers[name]), text, at) }))
  return fc.oneof(
    fc.constant<Change>((headers) => headers),
    changing(() => undefined),
    changing((_value, text) => text),
    changing((value, text) => [value, text]),
    changing((value) => value.toUpperCase()),
    changing((value) => `${value}, ${value}`),
    changing((value, _text, at) => value.slice(0, at)),
    changing((value, _text, at) => value.slice(0, at) + (value[at] === '0' ? '1' : '0') + value.slice(at + 1)),
  )
}

const anyCase = fc
  .constantFrom(...schemes)
  .map((scheme) => scheme())
  .chain((scheme) =>
    fc.record({
      scheme: fc.constant(scheme),
      body: anyBody,
      other: fc.option(anyBody, { freq: 4 }),
      timestamp: fc.integer({ min: NOW - 310, max: NOW + 310 }),
      deliveryId: fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom(...'abc123-_.|') }),
      change: anyChange(scheme),
      wrongSecret: fc.boolean(),
      expired: fc.boolean(),
      bag: fc.constantFrom('object', 'pairs', 'flat', 'Headers', 'junk'),
    }),
  )

type Case = typeof anyCase extends fc.Arbitrary<infer T> ? T : never

function inputOf(given: Case): { headers: never; body: never } {
  const { scheme, body, timestamp, deliveryId, change } = given
  const signer = createWebhookSigner({ scheme, secrets: secretOf(scheme), now })
  let headers: Fields = {}
  try {
    headers = signer.sign({ body: body as never, timestamp, deliveryId })
  } catch {} // what cannot be signed is sent unsigned
  return { headers: bagOf(change(headers), given.bag) as never, body: (given.other ?? body) as never }
}

function bagOf(headers: Fields, kind: string): unknown {
  const sent = Object.entries(headers).filter(([, value]) => value !== undefined)
  const pairs = sent.flatMap(([name, value]) => [value].flat().map((each) => [name, String(each)]))
  if (kind === 'pairs') return pairs
  if (kind === 'flat') return pairs.flat()
  if (kind === 'junk') return null
  if (kind !== 'Headers') return headers
  try {
    return new Headers(pairs as [string, string][])
  } catch {
    return headers // what no Headers can hold
  }
}

function optionsOf({ scheme, wrongSecret, expired }: Case) {
  const secret = { secret: secretOf(scheme), id: 'current', ...(expired ? { expiresAt: NOW - 1 } : {}) }
  const another = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
  return { scheme, now, maxBodyBytes: 5005, secrets: wrongSecret ? another : [another, secret] }
}

/** All that a verdict says. */
function said(verdict: Verification): unknown {
  if (!verdict.ok) return verdict
  const { delivery, ...rest } = verdict
  const { scheme, deliveryId, event, timestamp, keyId, headers } = delivery
  return {
    ...rest,
    scheme,
    deliveryId,
    event,
    timestamp,
    keyId,
    headers,
    body: Buffer.from(delivery.body).toString('hex'),
  }
}

describe('the two engines', () => {
  it('give the same verdict on whatever comes', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async (given) => {
        const input = inputOf(given)
        const node = createWebhookVerifier(optionsOf(given)).verify(input)
        const web = await createAsyncWebhookVerifier(optionsOf(given)).verify(input)
        expect(said(web)).toEqual(said(node))
      }),
      { numRuns: 4000 },
    )
  })

  it('are compared on cases that come to every verdict', () => {
    const codes = fc
      .sample(anyCase, 4000)
      .map((given) => createWebhookVerifier(optionsOf(given)).verify(inputOf(given)).code)
    expect([...new Set(codes)].sort()).toEqual([
      'ambiguous_header',
      'body_already_parsed',
      'invalid_body',
      'invalid_timestamp',
      'malformed_signature',
      'missing_delivery_id',
      'missing_signature',
      'missing_timestamp',
      'ok',
      'payload_too_large',
      'previous_secret_expired',
      'signature_mismatch',
      'timestamp_outside_tolerance',
      'unsupported_content_encoding',
    ])
  })

  it('lead to the same outcome, and to the same dedupe keys', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async (given) => {
        const nodeKeys: unknown[] = []
        const webKeys: unknown[] = []
        const options = (seen: unknown[]) => ({
          ...optionsOf(given),
          dedupe: {
            claim: async (request: { keys: unknown }) => {
              seen.push(request.keys)
              return { status: 'duplicate' as const }
            },
            commit: async () => true,
            release: async () => true,
          },
        })
        const input = inputOf(given)
        const { delivery: _a, ...node } = await createWebhookReceiver(options(nodeKeys)).receive(input, () => {})
        const { delivery: _b, ...web } = await receiverOver(
          { proof: webEngine, inflater: webInflater },
          options(webKeys),
        ).receive(input, () => {})
        expect(web).toEqual(node)
        expect(webKeys).toEqual(nodeKeys)
      }),
      { numRuns: 500 },
    )
  })

  it('throw alike for options that make no sense', () => {
    for (const options of [
      {},
      { secrets: '' },
      { secrets: 'a', toleranceSeconds: Number.NaN },
      { secrets: 'a', scheme: {} },
      null,
    ]) {
      const code = (make: (options: never) => unknown): unknown => {
        try {
          make(options as never)
        } catch (error) {
          return (error as { code: string }).code
        }
      }
      expect(code(createAsyncWebhookVerifier)).toEqual(expect.any(String))
      expect(code(createAsyncWebhookVerifier)).toBe(code(createWebhookVerifier))
    }
  })

  it('compute the same MACs and digests, over every length about a block', async () => {
    for (let length = 1; length < 140; length++) {
      const [secret, body] = [new Uint8Array(length).fill(length), new Uint8Array(length).fill(255 - length)]
      const key = await webEngine.importKey(hmacKey(secret))
      for (const [before, after] of [
        ['', ''],
        ['t.', ''],
        ['', '.ü'],
        ['\ud800.', '.x'],
      ] as const) {
        const content = { before, body, after }
        const mac = nodeSign(nodeEngine.importKey(hmacKey(secret)), content)
        expect(await webEngine.matches(key, content, [mac])).toBe(true)
        expect(await webEngine.matches(key, content, [mac.map((byte) => byte ^ 1)])).toBe(false)
      }
      expect(await webEngine.digest(body)).toBe(nodeEngine.digest(body))
    }
    expect(await webEngine.digest('ü\ud800')).toBe(nodeEngine.digest('ü\ud800'))
  })

  it('compare every bit with every candidate', async () => {
    const [secret, body] = [new Uint8Array(32).fill(1), new Uint8Array(10).fill(2)]
    const key = await webEngine.importKey(hmacKey(secret))
    const content = { before: 't.', body, after: '' }
    const right = nodeSign(nodeEngine.importKey(hmacKey(secret)), content)
    const matches = (...candidates: Uint8Array[]) => webEngine.matches(key, content, candidates)
    const wrong = Array.from({ length: 256 }, (_, bit) => {
      const other = right.slice()
      other[bit >> 3]! ^= 1 << (bit & 7)
      return other
    })
    for (const other of [...wrong, right.slice(1), new Uint8Array([...right, 0]), new Uint8Array(0)]) {
      expect(await matches(other)).toBe(false)
    }
    expect(await matches()).toBe(false)
    expect(await matches(...wrong)).toBe(false)
    expect(await matches(right, ...wrong)).toBe(true)
    expect(await matches(...wrong, right)).toBe(true)
  })

  it("compute MACs at the same time without getting into each other's way", async () => {
    const key = await webEngine.importKey(hmacKey(new Uint8Array(32).fill(1)))
    const nodeKey = nodeEngine.importKey(hmacKey(new Uint8Array(32).fill(1)))
    // Lengths that fit the joining buffer, that make it grow, and that are too long for it to keep.
    const lengths = [0, 1, 100, 5000, 100, 262_144, 10, 600_000, 20, 262_144, 600_000, 0]
    const asked = lengths.map((length, i) => {
      const body = new Uint8Array(length).fill(i + 1)
      const given = { before: `${i}ü.`, body, after: i % 3 === 0 ? `.${i}€` : '' }
      return { given, mac: nodeSign(nodeKey, given) }
    })
    const answers = await Promise.all(
      asked.flatMap(({ given }) => asked.map(({ mac }) => webEngine.matches(key, given, [mac]))),
    )
    expect(answers).toEqual(asked.flatMap((_, i) => asked.map((__, j) => i === j)))
    const digests = await Promise.all(asked.map(({ given }) => webEngine.digest(given.body)))
    expect(digests).toEqual(asked.map(({ given }) => nodeEngine.digest(given.body)))
  })

  it('compute one MAC for each secret, and import each key once', async () => {
    const calls = { importKey: 0, sign: 0 }
    const { importKey, sign } = crypto.subtle
    const counted = (name: keyof typeof calls, method: typeof importKey | typeof sign): unknown =>
      function (this: unknown, ...given: never[]) {
        calls[name]++
        return Reflect.apply(method, this, given)
      }
    Object.assign(crypto.subtle, { importKey: counted('importKey', importKey), sign: counted('sign', sign) })
    try {
      const secrets = ['a', 'b', 'c']
      const verifier = createAsyncWebhookVerifier({ scheme: library.stripe, secrets, now })
      const { 'stripe-signature': signature } = createWebhookSigner({ scheme: library.stripe, secrets: 'a', now }).sign(
        { body: 'x' },
      )
      const many = signature + signature!.slice(signature!.indexOf(',')).repeat(40)
      for (let round = 1; round <= 3; round++) {
        expect(await verifier.verify({ headers: { 'stripe-signature': many }, body: 'x' })).toMatchObject({ ok: true })
        expect(calls).toEqual({ importKey: 3, sign: 3 * round })
      }
    } finally {
      Object.assign(crypto.subtle, { importKey, sign })
    }
  })
})
