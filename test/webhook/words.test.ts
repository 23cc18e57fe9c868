// The messages about misuse and in refusals, word for word: at night, the message is all that there is to go by.

import { describe, expect, it } from 'vitest'
import { createAsyncWebhookVerifier } from '../../src/adapters/fetch.ts'
import {
  computeWebhookSignature,
  createWebhookReceiver,
  createWebhookSigner,
  createWebhookVerifier,
  defineScheme,
  memoryDedupeStore,
  previousSecret,
  type ReceiveInput,
  type SchemeDefinition,
  verifyWebhookSignature,
  type WebhookReceiverOptions,
} from '../../src/webhook/index.ts'
import { fluxora, stripe } from '../../src/webhook/schemes/index.ts'
import { clock, deferred, NOW, thrownBy } from './support.ts'

type Any = never

const signer = () => createWebhookSigner({ secrets: 'topsecret', now: clock })
const input = (body = '{}', deliveryId = 'dlv-1'): ReceiveInput => ({
  body,
  headers: signer().sign({ body, deliveryId, timestamp: NOW }),
})
const receiver = (options: Partial<WebhookReceiverOptions> = {}) =>
  createWebhookReceiver({ secrets: 'topsecret', now: clock, onOutcome: false, ...options })
const contract = (fields: object) =>
  verifyWebhookSignature({
    secret: 'topsecret',
    deliveryId: 'dlv-1',
    timestamp: String(NOW),
    signature: computeWebhookSignature('topsecret', NOW, '{}'),
    rawBody: '{}',
    now: NOW,
    ...fields,
  } as Any)

const dedupeBy =
  "must be 'deliveryId', 'content', 'deliveryIdAndContent', 'none' or { bodyId }, a JSON Pointer that begins with a slash."

describe('an option that makes no sense is named, with what it must be', () => {
  it.each<[string, string, () => unknown]>([
    ['options', 'must be an object.', () => createWebhookVerifier(null as Any)],
    ['options', 'must be an object.', () => createWebhookVerifier('x' as Any)],
    ['options', 'must be an object.', () => createAsyncWebhookVerifier(undefined as Any)],
    ['options', 'must be an object.', () => createWebhookSigner(null as Any)],
    ['options', 'must be an object.', () => createWebhookSigner('x' as Any)],
    ['options', 'must be an object.', () => memoryDedupeStore(null as Any)],
    ['options', 'must be an object.', () => memoryDedupeStore(3 as Any)],
    ['now', 'must be a function that returns Unix seconds.', () => receiver({ now: 3 as Any })],
    [
      'now',
      'must be a function that returns Unix seconds.',
      () => createWebhookSigner({ secrets: 'a', now: 3 as Any }),
    ],
    [
      'now',
      'must be finite Unix seconds.',
      () => createWebhookSigner({ secrets: 'a', now: () => NaN }).sign({ body: '' }),
    ],
    ['now', 'must be finite Unix seconds.', () => contract({ now: '1' })],
    ['toleranceSeconds', 'must be a number from 0 to 9007199254740991.', () => receiver({ toleranceSeconds: -1 })],
    ['maxBodyBytes', 'must be a number from 0 to 9007199254740991.', () => receiver({ maxBodyBytes: Number.NaN })],
    ['namespace', 'must be a non-empty string.', () => receiver({ namespace: '' })],
    ['namespace', 'must be a non-empty string.', () => receiver({ namespace: 3 as Any })],
    ['duplicateStatus', 'must be 200 or 409.', () => receiver({ duplicateStatus: 204 as Any })],
    ['onStoreFailure', "must be 'refuse' or 'accept'.", () => receiver({ onStoreFailure: 'retry' as Any })],
    ['retentionSeconds', 'must be a number from 600 to 100000000000.', () => receiver({ retentionSeconds: 599 })],
    [
      'retentionSeconds',
      'must be a number from 600 to 100000000000.',
      () => receiver({ retentionSeconds: 'ever' as Any }),
    ],
    ['leaseSeconds', 'must be a number from 0.001 to 86400.', () => receiver({ leaseSeconds: 0 })],
    ['leaseSeconds', 'must be a number from 0.001 to 86400.', () => receiver({ leaseSeconds: 86_401 })],
    ['storeTimeoutSeconds', 'must be a number from 0.001 to 3600.', () => receiver({ storeTimeoutSeconds: 3601 })],
    ['maxConcurrent', 'must be a whole number of at least 1.', () => receiver({ maxConcurrent: 0 })],
    ['maxConcurrent', 'must be a whole number of at least 1.', () => receiver({ maxConcurrent: 1.5 })],
    ['dedupe', 'must be a dedupe store.', () => receiver({ dedupe: {} as Any })],
    ...(['claim', 'commit', 'release'] as const).map((name): [string, string, () => unknown] => [
      'dedupe',
      'must be a dedupe store.',
      () => receiver({ dedupe: { ...memoryDedupeStore(), [name]: undefined } as Any }),
    ]),
    ['dedupeKey', 'must be a function.', () => receiver({ dedupeKey: 'id' as Any })],
    ['dedupeBy', dedupeBy, () => receiver({ dedupeBy: 'id' as Any })],
    ['dedupeBy', dedupeBy, () => receiver({ dedupeBy: null as Any })],
    ['dedupeBy', dedupeBy, () => receiver({ dedupeBy: { bodyId: 'id' } })],
    ['leaseSeconds', 'must be at least storeTimeoutSeconds, which is 5.', () => receiver({ leaseSeconds: 2 })],
    [
      'leaseSeconds',
      'must be at least storeTimeoutSeconds, which is 11.',
      () => receiver({ leaseSeconds: 10, storeTimeoutSeconds: 11 }),
    ],
    ['storeTimeoutSeconds', 'must be at most leaseSeconds, which is 60.', () => receiver({ storeTimeoutSeconds: 90 })],
    ['inflate', 'must be true or false.', () => receiver({ inflate: 'gzip' as Any })],
    ['transaction', 'must be a function.', () => receiver({ transaction: {} as Any })],
    ['tenant', 'must be a function.', () => receiver({ secrets: undefined, tenant: {} as Any })],
    [
      'tenant',
      'must be used without secrets: it finds them for each request.',
      () => receiver({ tenant: () => undefined }),
    ],
    [
      'namespace',
      'must be left out with tenant, which finds it.',
      () => receiver({ secrets: undefined, tenant: () => undefined, namespace: 'a' }),
    ],
    [
      'onStoreFailure',
      "must be 'refuse' with a transaction: without the store, a handler has no transaction to write in.",
      () => receiver({ transaction: () => {}, onStoreFailure: 'accept' }),
    ],
    [
      'maxBufferedBytes',
      'must be a number from 262144 to 9007199254740991.',
      () => receiver({ maxBufferedBytes: 262_143 }),
    ],
    ['onOutcome', 'must be a function.', () => receiver({ onOutcome: {} as Any })],
    ['maxEntries', 'must be a number from 1 to 16777216.', () => memoryDedupeStore({ maxEntries: 0 })],
    ['onEvict', 'must be a function.', () => memoryDedupeStore({ onEvict: 3 as Any })],
    ['secrets.id', 'must be a non-empty string.', () => receiver({ secrets: { secret: 'a', id: '' } })],
    ['secrets.id', 'must be a non-empty string.', () => receiver({ secrets: { secret: 'a', id: 3 as Any } })],
    [
      'secrets.expiresAt',
      'must be Unix seconds from 0 to 100000000000.',
      () => receiver({ secrets: { secret: 'a', expiresAt: -1 } }),
    ],
    [
      'secrets.expiresAt',
      'looks like milliseconds: it must be Unix seconds from 0 to 100000000000.',
      () => receiver({ secrets: { secret: 'a', expiresAt: 1e12 } }),
    ],
    [
      'now',
      'looks like milliseconds: it must be Unix seconds.',
      () => createWebhookVerifier({ secrets: 'topsecret', now: () => NOW * 1000 }).verify({ ...input(), body: '{}' }),
    ],
    [
      'previousSecretRotatedAt',
      `looks like milliseconds: it must be Unix seconds, not in the future, from 0 to ${NOW}.`,
      () => contract({ previousSecretRotatedAt: NOW * 1000 }),
    ],
    ['rotatedAt', 'must be Unix seconds from 0 to 100000000000.', () => previousSecret('a', undefined as Any)],
    ['graceSeconds', 'must be a number from 0 to 99999999999.', () => previousSecret('a', 1, -1)],
    ['isDuplicateDelivery', 'must be a function.', () => contract({ isDuplicateDelivery: true })],
    [
      'isDuplicateDelivery',
      'must be a function that returns a boolean at once; createWebhookReceiver takes asynchronous stores.',
      () => contract({ isDuplicateDelivery: async () => true }),
    ],
    [
      'previousSecretRotatedAt',
      `must be Unix seconds, not in the future, from 0 to ${NOW}.`,
      () => contract({ secretPrevious: 'b', previousSecretRotatedAt: NOW + 1 }),
    ],
    [
      'graceWindowSeconds',
      'must be a number from 0 to 9007199254740991.',
      () => contract({ secretPrevious: 'b', graceWindowSeconds: -1 }),
    ],
  ])('%s %s', (option, wanted, call) => {
    const error = thrownBy(call)
    expect(error).toMatchObject({ name: 'WebhookError', code: 'invalid_option', option })
    expect((error as Error).message).toBe(`${option} ${wanted}`)
  })

  it.each([
    ['a handler that is not a function', 'handle', 'must be a function.', () => receiver().receive(input(), 3 as Any)],
    [
      'a store for one call that is not a store',
      'dedupe',
      'must be a dedupe store.',
      () => receiver().receive(input(), () => {}, { dedupe: {} as Any }),
    ],
  ])('%s', async (_name, option, wanted, call) => {
    await expect(call()).rejects.toMatchObject({ code: 'invalid_option', option, message: `${option} ${wanted}` })
  })

  it.each<[unknown, string]>([
    ['', 'must be a function that returns non-empty text or keys.'],
    [null, 'must be a function that returns non-empty text or keys.'],
    [{ key: 'a', fingerprint: 3 }, 'must be a function that returns non-empty text or keys.'],
    [[], 'must be a function that returns at least one key.'],
  ])('dedupeKey, if it returns %j', async (result, wanted) => {
    const reports: { error?: unknown }[] = []
    const { receive } = receiver({ dedupeKey: () => result as Any, onOutcome: (report) => reports.push(report) })
    expect(await receive(input(), () => {})).toMatchObject({ code: 'handler_failed', status: 500 })
    expect(reports[0]?.error).toMatchObject({ code: 'invalid_option', message: `dedupeKey ${wanted}` })
  })

  // The others are in secret-findings.test.ts.
  it.each<[unknown, string]>([
    [undefined, 'secrets is not set (is an environment variable missing?).'],
    [['a', ''], 'secrets[1] is empty.'],
    [
      { secret: 'a\n' },
      'secrets.secret has a line break at its end. Secrets are used exactly as they are, so remove it.',
    ],
  ])('secrets %j', (secrets, finding) => {
    for (const make of [receiver, createWebhookVerifier, createAsyncWebhookVerifier, createWebhookSigner]) {
      const error = thrownBy(() => make({ secrets: secrets as Any }))
      const message = `${finding} The scheme takes text, or bytes.`
      expect(error).toMatchObject({ code: 'invalid_secret', option: 'secrets', message })
    }
  })
})

it('unusable secrets that a function found are explained in the report, not to the sender', async () => {
  const reports: { error?: unknown }[] = []
  const { receive } = receiver({ secrets: () => ' ', onOutcome: (report) => reports.push(report) })
  expect(await receive(input(), () => {})).toMatchObject({ code: 'missing_secret' })
  expect(reports[0]?.error).toMatchObject({
    code: 'invalid_secret',
    option: 'secrets',
    message: 'secrets is blank. The scheme takes text, or bytes.',
  })
})

describe('a scheme that makes no sense is refused with a reason', () => {
  const sound: SchemeDefinition = {
    name: 'acme',
    headers: { signature: 'x-signature', timestamp: 'x-timestamp', deliveryId: 'x-id' },
    signed: ['timestamp', '.', 'body'],
    signature: fluxora.signature,
  }
  const text = "signed must be a list of fields and texts, with 'body' in it once"
  const between =
    'there must be a text between the delivery id and the body, or a part of one could be taken for the other'
  const required = "required must be a list that holds 'timestamp', 'deliveryId' or both"
  const token = "a header name must be letters, digits and !#$%&'*+-.^_`|~ only"

  it.each<[string, unknown]>([
    ['a definition must be an object', null],
    ['a definition must be an object', 'acme'],
    ['name must be a non-empty string', { ...sound, name: '' }],
    ['name must be a non-empty string', { ...sound, name: 3 }],
    ['headers must be an object', { ...sound, headers: null }],
    ['headers must be an object', { ...sound, headers: 'x-signature' }],
    [token, { ...sound, headers: { ...sound.headers, signature: 'a b' } }],
    [token, { ...sound, headers: { ...sound.headers, signature: ['a', ''] } }],
    ['headers.signature must name a header', { ...sound, headers: { ...sound.headers, signature: undefined } }],
    [token, { ...sound, headers: { ...sound.headers, timestamp: 'a:' } }],
    [token, { ...sound, headers: { ...sound.headers, deliveryId: 'ü' } }],
    [token, { ...sound, headers: { ...sound.headers, event: 3 } }],
    [token, { ...sound, headers: { ...sound.headers, signature: null } }],
    [token, { ...sound, headers: { ...sound.headers, event: null } }],
    ['headers.signature must name a header', { ...sound, headers: { ...sound.headers, signature: [] } }],
    ['signature must be a signature format', { ...sound, signature: undefined }],
    ['signature.write must be a function', { ...sound, signature: { read: sound.signature.read } }],
    ['signature.read must be a function', { ...sound, signature: { write: sound.signature.write } }],
    ['secret must be a function from text to bytes', { ...sound, secret: 'topsecret' }],
    [text, { ...sound, signed: 'body' }],
    [text, { ...sound, signed: [] }],
    [text, { ...sound, signed: ['body', 'body'] }],
    [text, { ...sound, signed: ['body', ''] }],
    [text, { ...sound, signed: ['body', 3] }],
    [text, { ...sound, signed: ['body', '\ud800'] }],
    [between, { ...sound, signed: ['deliveryId', 'body'] }],
    [between, { ...sound, signed: ['body', 'deliveryId'] }],
    [required, { ...sound, required: 'timestamp' }],
    [required, { ...sound, required: ['event'] }],
    [`dedupeBy ${dedupeBy}`.slice(0, -1), { ...sound, dedupeBy: 'id' }],
    ['a header may carry only one field', { ...sound, headers: { ...sound.headers, event: 'X-Id' } }],
    ['the timestamp is required but no header carries it', { ...sound, headers: { signature: 'x-signature' } }],
    [
      'the delivery id is required but no header carries it',
      { ...sound, required: ['deliveryId'], headers: { signature: 'x-signature', timestamp: 'x-timestamp' } },
    ],
    [
      "dedupeBy may be 'deliveryId' only if a header carries the delivery id",
      { ...sound, dedupeBy: 'deliveryId', headers: { signature: 'x-signature', timestamp: 'x-timestamp' } },
    ],
    [
      "dedupeBy may be 'deliveryIdAndContent' only if the delivery id is required",
      { ...sound, dedupeBy: 'deliveryIdAndContent' },
    ],
  ])('%s (%#)', (message, definition) => {
    const error = thrownBy(() => defineScheme(definition as Any))
    expect(error).toMatchObject({ code: 'invalid_scheme', option: 'scheme', message: `Scheme: ${message}.` })
  })

  it.each([null, 5, {}, { ...fluxora, name: 'acme' }])('%j was not made by defineScheme', (scheme) => {
    const isCopy = scheme !== null && typeof scheme === 'object' && 'name' in scheme
    const error = thrownBy(() => receiver({ scheme: scheme as Any }))
    if (isCopy)
      expect(error).toBeUndefined() // the brand is a field like any other: a copy is as good
    else expect(error).toMatchObject({ message: 'Scheme: scheme must be one made by defineScheme.' })
  })

  it('is recognised by a registered symbol, even if another copy of the library made it', () => {
    expect(Object.getOwnPropertySymbols(fluxora)).toEqual([Symbol.for('@fluxora/verify:WebhookScheme')])
  })

  it('one that makes sense is accepted', () => {
    for (const headers of [sound.headers, { ...sound.headers, event: ['x-event', 'x-event'] }]) {
      expect(defineScheme({ ...sound, headers })).toMatchObject({ name: 'acme', dedupeBy: 'content' })
    }
    expect(defineScheme({ ...sound, signed: ['deliveryId', '.', 'body'] }).dedupeBy).toBe('deliveryId')
    expect(defineScheme({ ...sound, required: ['deliveryId'], dedupeBy: 'deliveryIdAndContent' }).requires).toEqual({
      timestamp: true,
      deliveryId: true,
    })
  })
})

describe('input that cannot be signed is refused with a reason', () => {
  const sign = (fields: object) => () => createWebhookSigner({ secrets: 'a', now: clock }).sign({ body: '', ...fields })

  it.each<[string, () => unknown]>([
    ['input must be an object.', () => signer().sign(null as Any)],
    ['input must be an object.', () => signer().sign('body' as Any)],
    ['body must be bytes or well-formed text; serialise an object once and sign what you send.', sign({ body: {} })],
    ['timestamp must be whole Unix seconds.', sign({ timestamp: 1.5 })],
    ['timestamp looks like milliseconds: it must be whole Unix seconds.', sign({ timestamp: NOW * 1000 })],
    ['timestamp looks like milliseconds: it must be whole Unix seconds.', sign({ timestamp: String(Date.now()) })],
    ['timestamp must be whole Unix seconds.', () => computeWebhookSignature('a', Number.NaN, '')],
    ['deliveryId must be visible ASCII text.', sign({ deliveryId: 'a\n' })],
    [
      'deliveryId must not contain a comma followed by a space, or the text that separates it from the other signed parts.',
      sign({ deliveryId: 'a, b' }),
    ],
    ['event must be visible ASCII text.', sign({ event: ' a' })],
    ['event must be visible ASCII text.', sign({ event: 'a ' })],
    ['event must be visible ASCII text.', sign({ event: 3 })],
  ])('%s', (message, call) => {
    expect(thrownBy(call)).toMatchObject({ code: 'invalid_input', message })
  })

  it('with a secret that has expired', () => {
    const expired = createWebhookSigner({ secrets: { secret: 'a', expiresAt: NOW }, now: clock })
    expect(thrownBy(() => expired.sign({ body: '' }))).toMatchObject({
      code: 'invalid_secret',
      option: 'secrets',
      message: 'Every secret has expired.',
    })
    expect(
      createWebhookSigner({ secrets: { secret: 'a', expiresAt: NOW + 1 }, now: clock }).sign({ body: '' }),
    ).toBeTruthy()
  })
})

it('a signer writes just the headers that its scheme has, and looks at no other field', () => {
  expect(Object.keys(signer().sign({ body: '' }))).toEqual([
    'x-fluxora-delivery-id',
    'x-fluxora-timestamp',
    'x-fluxora-signature',
  ])
  const { sign } = createWebhookSigner({ scheme: stripe, secrets: 'a' })
  expect(Object.keys(sign({ body: '', deliveryId: 'a\nb' }))).toEqual(['stripe-signature'])
})

describe('a refusal says', () => {
  const unreadable = new Proxy(
    {},
    {
      ownKeys() {
        throw new Error('no')
      },
    },
  )
  const verify = (changed: object, body: unknown = '{}', options: object = {}) =>
    createWebhookVerifier({ secrets: 'topsecret', now: clock, ...options }).verify({
      headers: { ...(input().headers as Record<string, string>), ...changed },
      body: body as Any,
    })

  it.each<[string, string, () => { code: string; message: string }]>([
    [
      'ambiguous_header',
      'The headers could not be read.',
      () => createWebhookVerifier({ secrets: 'a' }).verify({ headers: unreadable, body: '' }),
    ],
    [
      'ambiguous_header',
      'The x-fluxora-delivery-id header can be read in more than one way.',
      () => verify({ 'X-Fluxora-Delivery-Id': 'b' }),
    ],
    [
      'missing_delivery_id',
      'The x-fluxora-delivery-id header is missing.',
      () => verify({ 'x-fluxora-delivery-id': '' }),
    ],
    ['missing_timestamp', 'The x-fluxora-timestamp header is missing.', () => verify({ 'x-fluxora-timestamp': '' })],
    ['missing_signature', 'The x-fluxora-signature header is missing.', () => verify({ 'x-fluxora-signature': '' })],
    [
      'invalid_timestamp',
      'The timestamp must be Unix seconds in plain digits.',
      () => verify({ 'x-fluxora-timestamp': '1e9' }),
    ],
    [
      'timestamp_outside_tolerance',
      'The timestamp is 301 seconds old; 300 are allowed.',
      () => verify({ 'x-fluxora-timestamp': String(NOW - 301) }),
    ],
    [
      'timestamp_outside_tolerance',
      'The timestamp is 7 seconds ahead; 6 are allowed.',
      () => verify({ 'x-fluxora-timestamp': String(NOW + 7) }, '', { toleranceSeconds: 6 }),
    ],
    [
      'unsupported_content_encoding',
      'The body must arrive as it was signed, without a Content-Encoding.',
      () => verify({ 'content-encoding': 'gzip' }),
    ],
    ['payload_too_large', 'The body is larger than 1 bytes.', () => verify({}, '{}', { maxBodyBytes: 1 })],
    ['invalid_body', 'The body is text with a lone surrogate, which has no UTF-8 form.', () => verify({}, '\ud800')],
    [
      'body_already_parsed',
      'The body must be the raw bytes of the request: verify before any body parser runs.',
      () => verify({}, {}),
    ],
    ['signature_mismatch', 'No configured secret makes this signature over this body.', () => verify({}, '[]')],
    [
      'previous_secret_expired',
      'The signature was made with a secret that has expired.',
      () => verify({}, '{}', { secrets: { secret: 'topsecret', expiresAt: NOW } }),
    ],
    ['ok', 'The delivery is genuine.', () => contract({})],
    ['missing_secret', 'No webhook secret is configured.', () => contract({ secret: '' })],
    ['missing_delivery_id', 'The x-fluxora-delivery-id header is missing.', () => contract({ deliveryId: '' })],
    ['missing_timestamp', 'The x-fluxora-timestamp header is missing.', () => contract({ timestamp: '' })],
    ['missing_signature', 'The x-fluxora-signature header is missing.', () => contract({ signature: '' })],
    ['duplicate_delivery', 'The delivery was handled before.', () => contract({ isDuplicateDelivery: () => true })],
    [
      'store_unavailable',
      'The look-up of earlier deliveries failed.',
      () =>
        contract({
          isDuplicateDelivery: () => {
            throw new Error('down')
          },
        }),
    ],
    // An id that looks like what a template makes of a missing value is an id like any other.
    [
      'signature_mismatch',
      'No configured secret makes this signature over this body.',
      () => verify({ 'x-fluxora-delivery-id': 'undefined-1' }, '[]'),
    ],
    ['ok', 'The delivery is genuine.', () => contract({ deliveryId: 'undefined-1' })],
  ])('%s: %s', (code, message, call) => {
    expect(call()).toMatchObject({ code, message })
  })

  it.each([
    ['9007199254740991', 'timestamp_outside_tolerance'],
    ['9007199254740992', 'invalid_timestamp'],
    ['10000000000000000', 'invalid_timestamp'],
    ['0000009999999999', 'invalid_timestamp'],
  ])('a timestamp of many digits: %s is %s', (timestamp, code) => {
    expect(verify({ 'x-fluxora-timestamp': timestamp })).toMatchObject({ code })
  })

  const again = 'The delivery could not be handled; it may be sent again.'
  const unknown = 'It is not known whether the delivery was handled before; it may be sent again.'
  const failing = { ...memoryDedupeStore(), claim: async () => Promise.reject(new Error('down')) }

  it.each<[string, string, () => Promise<{ code: string; message: string }>]>([
    ['ok', 'The delivery was handled.', () => receiver().receive(input(), () => {})],
    [
      'method_not_allowed',
      'Deliveries are sent by POST.',
      () => receiver().receive({ ...input(), method: 'GET' }, () => {}),
    ],
    [
      'missing_secret',
      'No webhook secret is configured for this delivery.',
      () => receiver({ secrets: () => null }).receive(input(), () => {}),
    ],
    [
      'request_aborted',
      'The sender went away before the delivery was handled.',
      () => receiver().receive(input(), () => {}, { signal: { aborted: true } }),
    ],
    [
      'handler_failed',
      again,
      () =>
        receiver().receive(input(), () => {
          throw new Error('x')
        }),
    ],
    [
      'handler_failed',
      again,
      () =>
        receiver({ dedupe: failing, onStoreFailure: 'accept' }).receive(input(), () => {
          throw new Error('x')
        }),
    ],
    ['handler_failed', again, () => receiver({ now: () => Number.NaN }).receive(input(), () => {})],
    ['handler_failed', unknown, () => receiver({ dedupeKey: () => '' }).receive(input(), () => {})],
    ['store_unavailable', unknown, () => receiver({ dedupe: failing }).receive(input(), () => {})],
  ])('%s: %s, by a receiver', async (code, message, call) => {
    expect(await call()).toMatchObject({ code, message })
  })

  it('that the delivery, its id or its body is known', async () => {
    const { receive } = receiver()
    const { promise, resolve } = deferred()
    const first = receive(input(), () => promise)
    expect(await receive(input(), () => {})).toMatchObject({
      code: 'delivery_in_progress',
      message: 'The delivery is being handled; its outcome is not known yet.',
    })
    resolve()
    await first
    expect(await receive(input(), () => {})).toMatchObject({
      code: 'duplicate_delivery',
      message: 'The delivery was handled before.',
    })
    const conflict = 'The delivery id is known with another body, or the body with another id.'
    for (const other of [input('[]'), input('{}', 'dlv-2')]) {
      expect(await receive(other, () => {})).toMatchObject({ code: 'delivery_id_conflict', message: conflict })
    }
  })

  it('that there are too many at a time', async () => {
    const { receive } = receiver({ maxConcurrent: 1 })
    const { promise, resolve } = deferred()
    const first = receive(input(), () => promise)
    await new Promise((done) => setTimeout(done))
    expect(await receive(input('[]', 'dlv-2'), () => {})).toMatchObject({
      code: 'overloaded',
      message: 'Too many deliveries are being handled.',
      headers: { 'retry-after': '1' },
    })
    resolve()
    expect(await first).toMatchObject({ code: 'ok' })
  })

  it('that a full store refuses, to whoever reads the report', async () => {
    const reports: { error?: unknown }[] = []
    const { receive } = receiver({
      dedupe: memoryDedupeStore({ maxEntries: 1 }),
      onOutcome: (report) => reports.push(report),
    })
    const { promise, resolve } = deferred()
    const first = receive(input(), () => promise)
    expect(await receive(input('[]', 'dlv-2'), () => {})).toMatchObject({ code: 'store_unavailable' })
    expect(reports[0]?.error).toMatchObject({
      code: 'store_full',
      message: 'The dedupe store is full of deliveries that are being handled.',
    })
    resolve()
    await first
  })

  it('what a body is not', () => {
    const delivery = (body: string | Uint8Array) => {
      const signed = signer().sign({ body, deliveryId: 'dlv-1' })
      const verdict = createWebhookVerifier({ secrets: 'topsecret', now: clock }).verify({ headers: signed, body })
      if (!verdict.ok) throw new Error(verdict.code)
      return verdict.delivery
    }
    expect(thrownBy(() => delivery('{').json())).toMatchObject({
      code: 'invalid_body',
      message: 'The body is not JSON.',
    })
    expect(thrownBy(() => delivery(Uint8Array.of(255)).text())).toMatchObject({
      code: 'invalid_body',
      message: 'The body is not UTF-8 text.',
    })
  })
})
