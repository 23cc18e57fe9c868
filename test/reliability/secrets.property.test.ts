// Searches everything that the library returns for random secrets. Each object, verdict, outcome, report and error is inspected in depth,
// written as JSON and as text, and walked property by property. Neither the secret nor a key made from it may appear in any form.

import { inspect } from 'node:util'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createAsyncWebhookSigner, createAsyncWebhookVerifier, createWebhookRoute } from '../../src/adapters/fetch.ts'
import {
  createWebhookReceiver,
  createWebhookSigner,
  createWebhookVerifier,
  previousSecret,
  verifyWebhookSignature,
} from '../../src/webhook/index.ts'
import {
  clock,
  isSecretText,
  NOW,
  SCHEME_NAMES,
  type SchemeName,
  schemeOf,
  send,
  thrownBy,
} from '../webhook/support.ts'

/** A secret in the form that a scheme takes, and the bytes of its key. */
interface Secret {
  readonly text: string
  readonly key: Buffer
}

const secretFor = (name: SchemeName): fc.Arbitrary<Secret> => {
  // Long enough that none of its forms can appear in a message by chance.
  const bytes = fc.uint8Array({ minLength: 16, maxLength: 80 }).map((array) => Buffer.from(array))
  if (name === 'standardWebhooks') return bytes.map((key) => ({ text: `whsec_${key.toString('base64')}`, key }))
  const text = fc.oneof(
    fc.string({ minLength: 16, maxLength: 80, unit: 'grapheme' }),
    bytes.map((array) => array.toString('hex')),
    bytes.map((array) => `sk_${array.toString('base64')}`),
  )
  return text
    .filter((it) => it.trim().length >= 16 && isSecretText(it))
    .map((it) => ({ text: it, key: Buffer.from(it) }))
}

/** The forms in which a secret could appear in a text: as it is, encoded, escaped, as numbers, or its key XORed with the HMAC pads. */
function formsOf({ text, key }: Secret): string[] {
  const pads = [0x36, 0x5c].map((pad) =>
    Buffer.from(
      Buffer.concat([key, Buffer.alloc(64)])
        .subarray(0, 64)
        .map((byte) => byte ^ pad),
    ),
  )
  const forms = [text, JSON.stringify(text).slice(1, -1), inspect(text).slice(1, -1), encodeURIComponent(text)]
  for (const bytes of [key, ...pads.map((pad) => pad.subarray(0, Math.min(64, key.length)))]) {
    const part = bytes.subarray(0, 16)
    // The part of the base64 that does not depend on what follows.
    forms.push(part.toString('hex'), part.toString('base64').slice(0, 20), [...part].join(','), [...part].join(', '))
    forms.push([...part].map((byte) => byte.toString(16).padStart(2, '0')).join(' '), part.toString('latin1'))
  }
  return forms
}

/** Everything that can be read from a value without calling its methods. */
function readAll(value: unknown): string {
  const texts = [
    inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true, maxArrayLength: null }),
  ]
  texts.push(String(value), JSON.stringify(value) ?? '')
  const seen = new Set<unknown>()
  const walk = (held: unknown): void => {
    if (typeof held === 'string') texts.push(held)
    if ((typeof held !== 'object' && typeof held !== 'function') || held === null || seen.has(held)) return
    seen.add(held)
    if (typeof held === 'function') texts.push(String(held))
    if (ArrayBuffer.isView(held)) texts.push(Buffer.from(held.buffer, held.byteOffset, held.byteLength).toString('hex'))
    for (const key of Reflect.ownKeys(held)) {
      texts.push(String(key))
      const { value: own } = Object.getOwnPropertyDescriptor(held, key) as PropertyDescriptor
      walk(own)
    }
    if (held instanceof Error) texts.push(held.message, held.stack ?? '', String(held.cause))
    const parent = Object.getPrototypeOf(held)
    if (parent !== null && parent !== Object.prototype && parent !== Function.prototype) walk(parent)
  }
  walk(value)
  return texts.join('\n')
}

/** Everything that the library returns or reports for one secret. */
async function handedOut(name: SchemeName, { text }: Secret): Promise<Record<string, unknown>> {
  const scheme = schemeOf(name)
  const reports: unknown[] = []
  const log = (report: unknown): void => void reports.push(report)
  const options = { scheme, secrets: [text, { secret: text, id: 'named' }, previousSecret(text, NOW)], now: clock }
  const verifier = createWebhookVerifier(options)
  const asyncVerifier = createAsyncWebhookVerifier(options)
  const signer = createWebhookSigner({ scheme, secrets: text, now: clock })
  const asyncSigner = createAsyncWebhookSigner({ scheme, secrets: text, now: clock })
  const receiver = createWebhookReceiver({ ...options, onOutcome: log })
  const found = createWebhookReceiver({ ...options, secrets: () => text, onOutcome: log })
  const route = createWebhookRoute({ ...options, onOutcome: log }, () => {})
  const headers = send(name, { secret: text })
  const good = { headers, body: '{}' }
  const bad = { headers, body: '{"a":1}' }
  const post = (body: string) => route(new Request('http://localhost/', { method: 'POST', headers, body }))
  const fails = () => {
    throw new Error('The handler failed.')
  }
  const outcomes = []
  for (const by of [receiver, found]) {
    for (const input of [bad, good, good]) outcomes.push(await by.receive(input, () => {}))
    outcomes.push(await by.receive({ ...good, headers: send(name, { secret: text, id: 'd2' }) }, fails))
  }
  const responses = [await post('{}'), await post('{"a":1}')]
  return {
    verifier,
    asyncVerifier,
    signer,
    asyncSigner,
    asyncSigned: await asyncSigner.sign({ body: '{}' }),
    receiver,
    found,
    route,
    signed: signer.sign({ body: '{}', ...(scheme.headers.deliveryId.length > 0 && { deliveryId: 'd1' }) }),
    verdicts: [
      verifier.verify(good),
      verifier.verify(bad),
      await asyncVerifier.verify(good),
      await asyncVerifier.verify(bad),
    ],
    contract: verifyWebhookSignature({ secret: text, secretPrevious: text, rawBody: '{}', now: NOW }),
    outcomes,
    reports,
    answers: await Promise.all(responses.map(async (response) => [[...response.headers], await response.text()])),
    errors: [
      thrownBy(() => createWebhookVerifier({ ...options, toleranceSeconds: Number.NaN })),
      thrownBy(() => createWebhookVerifier({ ...options, secrets: [text, ''] })),
      thrownBy(() => createWebhookVerifier({ ...options, secrets: `${text}\ud800` })),
      thrownBy(() => createWebhookVerifier({ ...options, secrets: { secret: text, expiresAt: 1e13 } })),
      thrownBy(() =>
        createWebhookSigner({ scheme, secrets: { secret: text, expiresAt: 1 }, now: clock }).sign({ body: '' }),
      ),
      thrownBy(() => signer.sign({ body: {} as string })),
      await asyncSigner.sign({ body: {} as string }).catch((error: unknown) => error),
      thrownBy(() => previousSecret(text, Number.NaN)),
      thrownBy(() => verifyWebhookSignature({ secret: text, rawBody: '', now: Number.NaN })),
    ],
  }
}

it.each(SCHEME_NAMES)('%s: no secret appears in anything that the library returns', async (name) => {
  await fc.assert(
    fc.asyncProperty(secretFor(name), async (secret) => {
      const objects = await handedOut(name, secret)
      expect((objects.errors as unknown[]).filter((error) => error === undefined)).toEqual([])
      const forms = formsOf(secret)
      for (const [object, value] of Object.entries(objects)) {
        const text = readAll(value)
        expect(
          forms.filter((form) => text.includes(form)),
          object,
        ).toEqual([])
      }
    }),
    { numRuns: 25 },
  )
})

it('the search finds a secret wherever it could be hidden', () => {
  const secret: Secret = { text: 'sk_live_0123456789abcdef', key: Buffer.from('sk_live_0123456789abcdef') }
  const inner = Buffer.alloc(64).fill(0x36)
  for (const [at, byte] of secret.key.entries()) inner[at] = byte ^ 0x36
  const hidden = Object.defineProperty({}, 'secret', { value: secret.text })
  for (const leak of [
    new Error(`bad secret ${secret.text}`),
    new Error('bad secret', { cause: secret.text }),
    hidden,
    { key: secret.key },
    { key: [{ bytes: new Uint8Array(secret.key) }] },
    { pad: inner },
    Object.create(hidden),
    { base64: secret.key.toString('base64') },
  ]) {
    const text = readAll(leak)
    expect(formsOf(secret).some((form) => text.includes(form))).toBe(true)
  }
})
