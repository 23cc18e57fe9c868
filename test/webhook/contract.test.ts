// The worked cases of the four source systems (reference, section 6: cases 1 to 29), with the choices of the design.

import { describe, expect, it } from 'vitest'
import {
  computeWebhookSignature,
  createWebhookReceiver,
  createWebhookSigner,
  createWebhookVerifier,
  isWebhookError,
  previousSecret,
  type VerifyWebhookSignatureInput,
  verifyWebhookSignature,
  WEBHOOK_STATUS,
  type WebhookCode,
} from '../../src/webhook/index.ts'
import {
  clock,
  contractCase,
  contractCases,
  hmac,
  NOW,
  type SchemeName,
  schemeOf,
  send,
  signatureHeader,
  spyStore,
  thrownBy,
  verify,
} from './support.ts'

const BODY = '{"event":"stream.updated"}'
const MAC = contractCase('1').mac
const valid = {
  secret: 'topsecret',
  deliveryId: 'd1',
  timestamp: '1710000000',
  signature: MAC,
  rawBody: BODY,
  now: NOW,
} as const

type Input = { [K in keyof VerifyWebhookSignatureInput]?: unknown }

/** The contract's function over the valid delivery with some of it changed. */
const check = (changes: Input = {}) => verifyWebhookSignature({ ...valid, ...changes } as VerifyWebhookSignatureInput)
const signed = (timestamp: string, body: string | Uint8Array = BODY, secret = 'topsecret') => ({
  timestamp,
  rawBody: body,
  signature: hmac(secret, timestamp, '.', body).toString('hex'),
})

function expectCode(verdict: { ok: boolean; status: number; code: WebhookCode; message: string }, code: WebhookCode) {
  expect(verdict).toMatchObject({ ok: code === 'ok', status: WEBHOOK_STATUS[code], code })
  expect(verdict.message).toMatch(/\S/)
}

describe('each literal of the cases', () => {
  it.each(contractCases)('$case ($scheme): a bare createHmac gives it', ({ scheme, secret, timestamp, body, mac }) => {
    const signsTimestamp = scheme === 'fluxora' || scheme === 'chronomind'
    expect(hmac(secret, ...(signsTimestamp ? [timestamp, '.'] : []), body).toString('hex')).toBe(mac)
  })

  it.each(contractCases.filter(({ scheme }) => scheme === 'fluxora'))(
    '$case: computeWebhookSignature gives it',
    ({ secret, timestamp, body, mac }) => {
      expect(computeWebhookSignature(secret, timestamp, body)).toBe(mac)
      expect(computeWebhookSignature(Buffer.from(secret), timestamp, body)).toBe(mac)
    },
  )

  it.each(contractCases.filter(({ timestamp }) => timestamp === '1710000000'))(
    '$case ($scheme): a signer writes it and a verifier takes it',
    ({ scheme, secret, timestamp, body, mac }) => {
      const options = { scheme: schemeOf(scheme), secrets: secret, now: clock }
      const headers = createWebhookSigner(options).sign({ body, deliveryId: 'd1', timestamp: Number(timestamp) })
      expect(Object.values(headers).join()).toContain(mac)
      const verdict = createWebhookVerifier(options).verify({ headers, body })
      expect(verdict).toMatchObject({ ok: true, status: 200, code: 'ok' })
      expect(verdict.ok && verdict.delivery.body).toEqual(body)
    },
  )

  it.each(contractCases.filter(({ scheme, timestamp }) => scheme === 'fluxora' && timestamp === '1710000000'))(
    '$case: verifyWebhookSignature takes it',
    ({ secret, body, mac }) => {
      expectCode(check({ secret, rawBody: body, signature: mac }), 'ok')
    },
  )
})

describe('Fluxora, verifyWebhookSignature', () => {
  it('1: accepts the upstream vector, and says no more than it must', () => {
    expect(check()).toEqual({ ok: true, status: 200, code: 'ok', message: expect.any(String) })
  })

  it('1: takes the timestamp as a number', () => {
    expect(computeWebhookSignature('topsecret', NOW, BODY)).toBe(MAC)
  })

  it('4: verifies with a clock of its own', () => {
    const { mac } = contractCase('4b')
    expectCode(check({ secret: 's', timestamp: '1', rawBody: 'b', signature: mac, now: 1 }), 'ok')
  })

  it('5: is over bytes; a body decoded as UTF-8 on the way is another body', () => {
    const { body } = contractCase('5')
    const decoded = Buffer.from(body).toString('utf8')
    expect(computeWebhookSignature('topsecret', '1710000000', decoded)).toBe(
      '0b82d043e2b0ab2211759c6f0fc49b63a3167aa89dbaf5fd0104c58965c732b0',
    )
    expectCode(check({ rawBody: decoded, signature: contractCase('5').mac }), 'signature_mismatch')
  })

  it('5: takes every kind of bytes', () => {
    const { body, mac } = contractCase('5')
    const padded = new Uint8Array([1, 2, 3, ...body, 4, 5])
    const view = padded.subarray(3, 7)
    const buffer = Uint8Array.from(body).buffer
    for (const rawBody of [Buffer.from(body), view, new DataView(padded.buffer, 3, 4), buffer, new Int8Array(buffer)]) {
      expectCode(check({ rawBody, signature: mac }), 'ok')
    }
  })

  it('7: keeps a byte order mark, in bytes and in text', () => {
    const { mac } = contractCase('7')
    expectCode(check({ rawBody: '\ufeff{}', signature: mac }), 'ok')
    expectCode(check({ rawBody: '{}', signature: mac }), 'signature_mismatch')
  })

  it('8: a body that was serialised again is another body', () => {
    const [spaced, tight] = [contractCase('8'), contractCase('8b')]
    expectCode(check({ rawBody: tight.body, signature: spaced.mac }), 'signature_mismatch')
    expectCode(check({ rawBody: spaced.body, signature: tight.mac }), 'signature_mismatch')
  })

  it('9: takes the signature in either case and with white space around it', () => {
    for (const signature of [MAC.toUpperCase(), ` ${MAC} `, `\t${MAC.toUpperCase()}\r\n`]) {
      expectCode(check({ signature }), 'ok')
    }
  })

  it.each([
    ['a prefix', `sha256=${MAC}`],
    ['a word', 'deadbeef'],
    ['256 letters', 'a'.repeat(256)],
    ['the last nibble flipped', MAC.slice(0, -1) + (MAC.endsWith('9') ? '8' : '9')],
    ['NUL', '\0'.repeat(64)],
    ['high bytes', '\u00ff'.repeat(64)],
    ['wide letters that end in the right byte', MAC.replace(/9/g, '\u0139')],
    ['blanks alone', '   '],
    ['a megabyte', 'f'.repeat(1_048_576)],
    ['two signatures', `${MAC}, ${MAC}`],
  ])('9: answers signature_mismatch to %s', (_, signature) => {
    expectCode(check({ signature }), 'signature_mismatch')
    const isOfForm = /^[0-9a-f]{64}$/.test(signature)
    expect(check({ signature }).message).toBe(
      isOfForm
        ? 'No configured secret makes this signature over this body.'
        : 'The x-fluxora-signature header is not in the form that the scheme writes, which is <hex>.',
    )
  })

  it('9: refuses a malformed signature only after all other checks, like one that does not match', () => {
    const signature = 'deadbeef'
    expectCode(check({ signature, rawBody: 'a'.repeat(262_145) }), 'payload_too_large')
    expectCode(check({ signature, rawBody: {} }), 'body_already_parsed')
    expectCode(check({ signature, timestamp: 'soon' }), 'invalid_timestamp')
    expectCode(check({ signature, timestamp: '1' }), 'timestamp_outside_tolerance')
    expectCode(check({ signature, deliveryId: '' }), 'missing_delivery_id')
    const secretPrevious = 'former '
    expect(check({ signature, secretPrevious }).message).toBe(check({ signature }).message)
  })

  it('9: takes values as they are passed, even if a transport may have joined them', () => {
    for (const deliveryId of ['d1, d2', '\ud800']) expectCode(check({ deliveryId }), 'ok')
    expectCode(check({ timestamp: '1710000000, 1710000000' }), 'invalid_timestamp')
    expectCode(check({ signature: `${MAC}, ${MAC}` }), 'signature_mismatch')
    const seen: string[] = []
    check({ deliveryId: 'd1, d2', isDuplicateDelivery: (id: string) => seen.push(id) < 0 })
    expect(seen).toEqual(['d1, d2'])
  })

  it('10: never throws on other values', () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    const view = new DataView(new ArrayBuffer(8))
    structuredClone(view.buffer, { transfer: [view.buffer as ArrayBuffer] })
    for (const secret of [proxy, view, new Proxy({}, { has: () => proxy as never }), Symbol('s'), () => 's', [[]]]) {
      expectCode(check({ secret }), 'missing_secret')
      expectCode(check({ secretPrevious: secret }), 'ok')
    }
  })

  it.each([[undefined], [''], ['  '], [null], [new Uint8Array(0)], ['\ud800'], [42], [{}]])(
    '10: answers missing_secret, 500, to the secret %j',
    (secret) => {
      expectCode(check({ secret }), 'missing_secret')
    },
  )

  it.each([
    ['deliveryId', 'missing_delivery_id', 'x-fluxora-delivery-id'],
    ['timestamp', 'missing_timestamp', 'x-fluxora-timestamp'],
    ['signature', 'missing_signature', 'x-fluxora-signature'],
  ] as const)('11: without %s answers %s and names the header', (field, code, header) => {
    for (const value of [undefined, '', null, [], [''], [7], 7, {}]) {
      expectCode(check({ [field]: value }), code)
      expect(check({ [field]: value }).message).toContain(header)
    }
  })

  it('11: without all three names the delivery id, without the last two the timestamp', () => {
    expectCode(check({ deliveryId: '', timestamp: '', signature: '' }), 'missing_delivery_id')
    expectCode(check({ timestamp: '', signature: '' }), 'missing_timestamp')
  })

  it('11: takes a blank delivery id, as upstream does', () => {
    expectCode(check({ deliveryId: ' ' }), 'ok')
  })

  it.each([
    ['1710000300', 'ok'],
    ['1709999700', 'ok'],
    ['1710000301', 'timestamp_outside_tolerance'],
    ['1709999699', 'timestamp_outside_tolerance'],
    ['1710000000000', 'timestamp_outside_tolerance'],
  ] as const)('12: at 300 seconds inclusive, %s is %s', (timestamp, code) => {
    expectCode(check(signed(timestamp)), code)
  })

  it.each([
    '0',
    '-1',
    'not-a-number',
    '1710000000.5',
    '1710000000.0',
    '1.71e9',
    '0x65ec8780',
    ' 1710000000',
    '1710000000 ',
    '1710000000\n',
    '+1710000000',
    '01710000000',
    'NaN',
    'Infinity',
    '1e400',
    '1710000000n',
    '1_710_000_000',
    '١٧١٠٠٠٠٠٠٠',
    '１７１０００００００',
    '9007199254740992',
    '17100000001710000',
    ' ',
  ])('13, 14: answers invalid_timestamp to %j, signed as such', (timestamp) => {
    expectCode(check(signed(timestamp)), 'invalid_timestamp')
  })

  it('14: refuses the exponent form that upstream takes', () => {
    expectCode(check({ timestamp: '1.71e9', signature: contractCase('14').mac }), 'invalid_timestamp')
  })

  it('15: takes 262,144 bytes and not one more', () => {
    expectCode(check({ rawBody: 'a'.repeat(262_144), signature: contractCase('15').mac }), 'ok')
    expectCode(check(signed('1710000000', 'a'.repeat(262_145))), 'payload_too_large')
    expectCode(check(signed('1710000000', Buffer.alloc(262_145))), 'payload_too_large')
    expectCode(check(signed('1710000000', 'é'.repeat(131_072))), 'ok')
    expectCode(check(signed('1710000000', 'é'.repeat(131_073))), 'payload_too_large')
    expectCode(check({ ...signed('1710000000', 'hello'), maxBodyBytes: 4 }), 'payload_too_large')
    expectCode(check({ ...signed('1710000000', 'hello'), maxBodyBytes: 5 }), 'ok')
    expectCode(check({ ...signed('1710000000', ''), maxBodyBytes: 0 }), 'ok')
  })

  it('15: reports a missing header before the size, and the size before the age', () => {
    const rawBody = 'a'.repeat(262_145)
    expectCode(check({ rawBody, signature: undefined }), 'missing_signature')
    expectCode(check({ rawBody, timestamp: '1' }), 'payload_too_large')
  })

  it('16: a delivery seen before is a duplicate, status 200, ok false', () => {
    const asked: string[] = []
    const isDuplicateDelivery = (id: string) => asked.push(id) > 0
    expect(check({ isDuplicateDelivery })).toMatchObject({ ok: false, status: 200, code: 'duplicate_delivery' })
    expect(asked).toEqual(['d1'])
    expectCode(check({ isDuplicateDelivery: () => false }), 'ok')
  })

  it('16: asks about duplicates only once the signature is found valid', () => {
    const asked: string[] = []
    const isDuplicateDelivery = (id: string) => asked.push(id) > 0
    expectCode(check({ isDuplicateDelivery, signature: '0'.repeat(64) }), 'signature_mismatch')
    expectCode(check({ isDuplicateDelivery, timestamp: '1' }), 'timestamp_outside_tolerance')
    expectCode(check({ isDuplicateDelivery, rawBody: {} }), 'body_already_parsed')
    expect(asked).toEqual([])
  })

  it('16: refuses the delivery if the look-up throws', () => {
    const isDuplicateDelivery = () => {
      throw new Error('down')
    }
    expectCode(check({ isDuplicateDelivery }), 'store_unavailable')
  })

  it.each([
    ['a promise', () => Promise.resolve(false)],
    ['a promise that fails', () => Promise.reject(new Error('down'))],
    ['undefined', () => undefined],
    ['a number', () => 0],
    ['a thenable', () => Object.create(null)],
  ])('16: a look-up that answers with %s is misuse, and nothing passes', (_, isDuplicateDelivery) => {
    const error = thrownBy(() => check({ isDuplicateDelivery }))
    expect(isWebhookError(error)).toBe(true)
    expect(error).toMatchObject({ code: 'invalid_option', option: 'isDuplicateDelivery' })
  })

  it('18, 19: the previous secret, with its window inclusive', () => {
    const [current, previous] = [contractCase('18'), contractCase('18b')]
    const rotation = { secret: current.secret, secretPrevious: previous.secret, signature: previous.mac }
    const at = (previousSecretRotatedAt: number | undefined, more: Input = {}) =>
      check({ ...rotation, previousSecretRotatedAt, ...more })

    expect(at(NOW - 86_400)).toMatchObject({ code: 'ok', usedPreviousSecret: true })
    expectCode(at(NOW - 86_401), 'previous_secret_expired')
    expect(at(NOW, { graceWindowSeconds: 0 })).toMatchObject({ code: 'ok', usedPreviousSecret: true })
    expectCode(at(NOW, { graceWindowSeconds: 0, now: NOW + 1 }), 'previous_secret_expired')
    expect(at(undefined, { graceWindowSeconds: 0 })).toMatchObject({ code: 'ok', usedPreviousSecret: true })

    for (const previousSecretRotatedAt of [NOW, NOW - 86_401, 0, undefined]) {
      const verdict = check({ ...rotation, signature: current.mac, previousSecretRotatedAt })
      expectCode(verdict, 'ok')
      expect(verdict).not.toHaveProperty('usedPreviousSecret')
    }
  })

  it('19: says previous_secret_expired only if that secret really made the signature', () => {
    const expired = { secretPrevious: 'previous-secret-value', previousSecretRotatedAt: 1, signature: '0'.repeat(64) }
    expectCode(check(expired), 'signature_mismatch')
    expectCode(check({ ...expired, signature: 'garbage' }), 'signature_mismatch')
    expectCode(check({ ...expired, secretPrevious: '' }), 'signature_mismatch')
    expectCode(
      check({ secret: 'current-secret-value', secretPrevious: '', previousSecretRotatedAt: 1 }),
      'signature_mismatch',
    )
  })

  it('19: a secret that is both current and previous counts as current', () => {
    const verdict = check({ secretPrevious: 'topsecret', previousSecretRotatedAt: 1 })
    expectCode(verdict, 'ok')
    expect(verdict).not.toHaveProperty('usedPreviousSecret')
  })

  it('19: a duplicate made with the previous secret says both', () => {
    const { secret, mac } = contractCase('18b')
    const verdict = check({
      secret: 'current-secret-value',
      secretPrevious: secret,
      signature: mac,
      isDuplicateDelivery: () => true,
    })
    expect(verdict).toMatchObject({ code: 'duplicate_delivery', usedPreviousSecret: true })
  })

  it('19: windows in fractions of a second end on time', () => {
    const { secret, mac } = contractCase('18b')
    const at = (previousSecretRotatedAt: number, graceWindowSeconds: number, now = NOW) =>
      check({
        secret: 'current-secret-value',
        secretPrevious: secret,
        signature: mac,
        previousSecretRotatedAt,
        graceWindowSeconds,
        now,
      })
    expectCode(at(NOW - 10.5, 10), 'previous_secret_expired')
    expectCode(at(NOW - 10, 9.5), 'previous_secret_expired')
    expectCode(at(NOW - 9.5, 9.5), 'ok')
    expectCode(at(NOW + 0.2, 0, NOW + 0.7), 'ok') // rotated in this very second, by a clock in fractions
  })

  it.each([
    ['now', Number.NaN],
    ['now', Number.POSITIVE_INFINITY],
    ['now', '1710000000'],
    ['now', new Date('x')],
    ['now', null],
    ['toleranceSeconds', Number.NaN],
    ['toleranceSeconds', Number.POSITIVE_INFINITY],
    ['toleranceSeconds', -1],
    ['toleranceSeconds', '300'],
    ['toleranceSeconds', null],
    ['maxBodyBytes', Number.NaN],
    ['maxBodyBytes', Number.POSITIVE_INFINITY],
    ['maxBodyBytes', -1],
    ['graceWindowSeconds', Number.NaN],
    ['graceWindowSeconds', Number.POSITIVE_INFINITY],
    ['graceWindowSeconds', -1],
    ['previousSecretRotatedAt', Number.NaN],
    ['previousSecretRotatedAt', -1],
    ['previousSecretRotatedAt', NOW + 1],
    ['previousSecretRotatedAt', NOW * 1000],
    ['previousSecretRotatedAt', Number.POSITIVE_INFINITY],
    ['previousSecretRotatedAt', new Date(0)],
    ['isDuplicateDelivery', true],
  ] as const)('20: %s = %s is misuse and throws, whatever else is wrong', (option, value) => {
    const inputs: Input[] = [{}, { secret: undefined }, { signature: '' }]
    for (const input of inputs) {
      const error = thrownBy(() => check({ ...input, [option]: value }))
      expect(isWebhookError(error)).toBe(true)
      expect(error).toMatchObject({ code: 'invalid_option', option })
      expect((error as Error).message).toContain(option)
    }
  })

  it('takes now as a Date or in fractions, and the system clock without it', () => {
    expectCode(check({ now: new Date(NOW * 1000) }), 'ok')
    expectCode(check({ now: NOW + 300.9 }), 'ok')
    expectCode(check({ now: NOW + 301 }), 'timestamp_outside_tolerance')
    expectCode(check({ now: undefined }), 'timestamp_outside_tolerance')
    const timestamp = String(Math.floor(Date.now() / 1000))
    expectCode(check({ ...signed(timestamp), now: undefined }), 'ok')
  })

  it('says what is wrong with a body that is no longer bytes, or never could be', () => {
    for (const rawBody of [{}, { event: 'x' }, null, undefined, 1, true, [1, 2]]) {
      expectCode(check({ rawBody }), 'body_already_parsed')
    }
    expectCode(check({ rawBody: '\ud800' }), 'invalid_body')
  })
})

describe('Fluxora, receiver', () => {
  const attempt = (id: string) => ({
    headers: send('fluxora', { id, secret: 'topsecret', body: BODY }),
    body: BODY,
  })

  it('16: a bad signature over a known id is a mismatch, and the id is not recorded', async () => {
    const dedupe = spyStore()
    const receiver = createWebhookReceiver({ secrets: 'topsecret', now: clock, dedupe })
    const forged = { ...attempt('d1'), body: `${BODY} ` }
    expect(await receiver.receive(forged, () => {})).toMatchObject({ code: 'signature_mismatch', status: 401 })
    expect(dedupe.calls).toEqual([])
    expect(await receiver.receive(attempt('d1'), () => {})).toMatchObject({ code: 'ok' })
    expect(await receiver.receive(forged, () => {})).toMatchObject({ code: 'signature_mismatch' })
    expect(await receiver.receive(attempt('d1'), () => {})).toMatchObject({
      ok: true,
      status: 200,
      code: 'duplicate_delivery',
    })
  })

  it('16: a duplicate is answered 409 by option', async () => {
    const receiver = createWebhookReceiver({ secrets: 'topsecret', now: clock, duplicateStatus: 409 })
    await receiver.receive(attempt('d1'), () => {})
    expect(await receiver.receive(attempt('d1'), () => {})).toMatchObject({
      ok: true,
      status: 409,
      code: 'duplicate_delivery',
    })
  })

  it('17: of two at once exactly one is handled', async () => {
    const receiver = createWebhookReceiver({ secrets: 'topsecret', now: clock })
    let runs = 0
    const outcomes = await Promise.all([1, 2].map(() => receiver.receive(attempt('d1'), () => void runs++)))
    expect(runs).toBe(1)
    expect(outcomes.filter(({ code }) => code === 'ok')).toHaveLength(1)
  })
})

describe('Fluxora, verifier', () => {
  it('9: says malformed_signature when the contract function says signature_mismatch', () => {
    for (const signature of [`sha256=${MAC}`, 'deadbeef', 'a'.repeat(256), '   ']) {
      const headers = { ...send('fluxora', { body: BODY }), 'x-fluxora-signature': signature }
      expectCode(verify('fluxora', headers, BODY), 'malformed_signature')
    }
    const headers = { ...send('fluxora', { body: BODY }), 'x-fluxora-signature': 'a'.repeat(64) }
    expectCode(verify('fluxora', headers, BODY), 'signature_mismatch')
  })

  it('19: keeps the same windows with previousSecret', () => {
    const previous = contractCase('18b')
    const headers = { ...send('fluxora', { body: BODY }), 'x-fluxora-signature': previous.mac }
    const at = (rotatedAt: number, grace?: number) =>
      createWebhookVerifier({
        secrets: ['current-secret-value', previousSecret(previous.secret, rotatedAt, grace)],
        now: clock,
      }).verify({ headers, body: BODY })
    expectCode(at(NOW - 86_400), 'ok')
    expectCode(at(NOW - 86_401), 'previous_secret_expired')
    expectCode(at(NOW, 0), 'ok')
    expectCode(at(NOW - 1, 0), 'previous_secret_expired')
  })
})

describe('Stellar Payment API', () => {
  const BODY_21 = contractCase('21').body
  const SECRET = 'test-webhook-secret-key'
  const check21 = (signature: unknown, timestamp: unknown = '1710000000') =>
    verify('stellarPayment', { 'stellar-signature': signature, 'stellar-timestamp': timestamp }, BODY_21, {
      secrets: SECRET,
    })
  const { mac } = contractCase('21')

  it('21: accepts, under the old header names and the new', () => {
    expectCode(check21(`sha256=${mac}`), 'ok')
    const headers = { 'PLUTO-Signature': `sha256=${mac}`, 'PLUTO-Timestamp': '1710000000' }
    expectCode(verify('stellarPayment', headers, BODY_21, { secrets: SECRET }), 'ok')
    const mixed = { 'PLUTO-Signature': `sha256=${mac}`, 'Stellar-Timestamp': '1710000000' }
    expectCode(verify('stellarPayment', mixed, BODY_21, { secrets: SECRET }), 'ok')
  })

  it('22: the old secret is valid until the second in which it expires', () => {
    const { body } = contractCase('22')
    const headers = { 'stellar-signature': `sha256=${contractCase('22b').mac}`, 'stellar-timestamp': '1710000000' }
    const at = (expiresAt: number) =>
      verify('stellarPayment', headers, body, {
        secrets: ['current-secret', { secret: 'old-secret', id: 'old', expiresAt }],
      })
    expect(at(NOW + 1)).toMatchObject({ code: 'ok', delivery: { keyId: 'old' } })
    expectCode(at(NOW), 'previous_secret_expired')
    expectCode(at(NOW - 1), 'previous_secret_expired')
    const current = { ...headers, 'stellar-signature': `sha256=${contractCase('22').mac}` }
    expectCode(verify('stellarPayment', current, body, { secrets: ['current-secret', 'old-secret'] }), 'ok')
  })

  it('23: a signature that also covers the timestamp is another signature', () => {
    const { secret, body, timestamp } = contractCase('22')
    const mac = 'a8f9a226e49c1f5d1d288f835d5feb01a617ae2c397db8d0a75a78be3ce1d9a0'
    expect(hmac(secret, timestamp, '.', body).toString('hex')).toBe(mac)
    const headers = { 'stellar-signature': `sha256=${mac}`, 'stellar-timestamp': timestamp }
    expectCode(verify('stellarPayment', headers, body, { secrets: secret }), 'signature_mismatch')
  })

  it('24: the prefix is exact, the digits are not', () => {
    expectCode(check21(` sha256=${mac.toUpperCase()} `), 'ok')
    for (const signature of [`SHA256=${mac}`, mac, `sha256=${mac}0`, `sha256= ${mac}`, 'invalid', 'sha256=']) {
      expectCode(check21(signature), 'malformed_signature')
    }
    expectCode(check21([`sha256=${mac}`, `sha256=${mac}`]), 'ambiguous_header')
    expectCode(check21(`sha256=${mac}, sha256=${mac}`), 'ambiguous_header')
    expectCode(check21([]), 'missing_signature')
  })

  it('25: the timestamp is required and its age checked, although it is not signed', () => {
    for (const timestamp of ['1710000300', '1709999700']) expectCode(check21(`sha256=${mac}`, timestamp), 'ok')
    for (const timestamp of ['1710000301', '1709999699', '1710000600', '1709999400']) {
      expectCode(check21(`sha256=${mac}`, timestamp), 'timestamp_outside_tolerance')
    }
    for (const timestamp of [undefined, '', []]) {
      expectCode(
        verify('stellarPayment', { 'stellar-signature': `sha256=${mac}`, 'stellar-timestamp': timestamp }, BODY_21, {
          secrets: SECRET,
        }),
        'missing_timestamp',
      )
    }
    for (const timestamp of ['1710000000junk', ' 1710000000', '1.7e9', '0x65', 'NaN']) {
      expectCode(check21(`sha256=${mac}`, timestamp), 'invalid_timestamp')
    }
  })
})

describe('ChronoMind', () => {
  const { body, secret, mac } = contractCase('26')
  const check26 = (signature: string | undefined, now = NOW) =>
    verify('chronomind', { 'x-webhook-signature': signature }, body, { secrets: secret, now: () => now })

  it('26: accepts, in either order, and not over the body alone', () => {
    expectCode(check26(`t=1710000000,v1=${mac}`), 'ok')
    expectCode(check26(`v1=${mac},t=1710000000`), 'ok')
    const bodyOnly = '99455a28bd253527192019602af866e5cab7a14fe2f6b7be91eb4b9e11217840'
    expect(hmac(secret, body).toString('hex')).toBe(bodyOnly)
    expectCode(check26(`t=1710000000,v1=${bodyOnly}`), 'signature_mismatch')
  })

  it('26: the id and the event come along, unsigned', () => {
    const headers = {
      'x-webhook-signature': `t=1710000000,v1=${mac}`,
      'x-webhook-id': 'evt-1',
      'x-webhook-event': 'timer.completed',
    }
    expect(verify('chronomind', headers, body, { secrets: secret })).toMatchObject({
      delivery: { scheme: 'chronomind', deliveryId: 'evt-1', event: 'timer.completed', timestamp: NOW },
    })
  })

  it('27: refuses without t, without v1, or without all', () => {
    expectCode(check26(`v1=${mac}`), 'malformed_signature')
    expectCode(check26('t=1710000000'), 'malformed_signature')
    expectCode(check26(''), 'missing_signature')
    expectCode(check26(undefined), 'missing_signature')
  })

  it('27: 300 seconds inclusive, both ways', () => {
    for (const now of [NOW - 300, NOW + 300]) expectCode(check26(`t=1710000000,v1=${mac}`, now), 'ok')
    for (const now of [NOW - 301, NOW + 301]) {
      expectCode(check26(`t=1710000000,v1=${mac}`, now), 'timestamp_outside_tolerance')
    }
  })
})

describe('Flux Drop', () => {
  const { body, secret, mac } = contractCase('28')
  const check28 = (headers: Record<string, string>, given: unknown = body) =>
    verify('fluxdrop', headers, given, { secrets: secret })

  it('28: accepts with and without the timestamp, and checks its age if it is there', () => {
    expectCode(check28({ 'x-fluxdrop-signature': mac }), 'ok')
    expectCode(check28({ 'x-fluxdrop-signature': mac, 'x-fluxdrop-timestamp': '1710000300' }), 'ok')
    expectCode(
      check28({ 'x-fluxdrop-signature': mac, 'x-fluxdrop-timestamp': '1710000301' }),
      'timestamp_outside_tolerance',
    )
    expectCode(check28({ 'x-fluxdrop-signature': mac, 'x-fluxdrop-timestamp': 'soon' }), 'invalid_timestamp')
    expectCode(
      check28({ 'x-fluxdrop-signature': mac, 'x-fluxdrop-timestamp': '1710000000000' }),
      'timestamp_outside_tolerance',
    )
  })

  it('29: a missing header, a mismatch and a parsed body are three things', () => {
    expectCode(check28({}), 'missing_signature')
    expectCode(check28({ 'x-fluxdrop-signature': mac }, '{}'), 'signature_mismatch')
    expectCode(
      check28({ 'x-fluxdrop-signature': mac }, JSON.parse(Buffer.from(body).toString())),
      'body_already_parsed',
    )
    expect(check28({ 'x-fluxdrop-signature': mac }, {}).message).toMatch(/raw bytes/)
  })
})

describe('the four schemes side by side', () => {
  const four: [SchemeName][] = [['fluxora'], ['stellarPayment'], ['chronomind'], ['fluxdrop']]

  it.each(four)('%s: a secret is its literal text, prefix and all, however short', (name) => {
    for (const secret of ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 's', '0', 'pad ded', 'WHSEC_=']) {
      expectCode(verify(name, send(name, { secret }), '{}', { secrets: secret }), 'ok')
    }
    // White space around one is refused when the verifier is made; as bytes it is as literal as any other.
    const secrets = Buffer.from(' padded ')
    expectCode(verify(name, send(name, { secret: ' padded ' }), '{}', { secrets }), 'ok')
    expectCode(verify(name, send(name, { secret: 'padded' }), '{}', { secrets }), 'signature_mismatch')
  })

  it.each(four)('%s: a signature of any other scheme is refused', (name) => {
    for (const [other] of four.filter(([each]) => each !== name)) {
      const borrowed = { [signatureHeader(name)]: send(other)[signatureHeader(other)] as string }
      expect(['malformed_signature', 'signature_mismatch']).toContain(verify(name, { ...send(name), ...borrowed }).code)
    }
  })
})
