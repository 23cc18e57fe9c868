// Each scheme against what its provider publishes and against plain node:crypto; then schemes that a user describes.

import { describe, expect, it } from 'vitest'
import {
  createWebhookSigner,
  createWebhookVerifier,
  defineScheme,
  isWebhookError,
  type SchemeDefinition,
} from '../../src/webhook/index.ts'
import { nodeEngine, nodeSign } from '../../src/webhook/proof/node.ts'
import { fieldSignature, fluxora, hex, singleSignature, versionedSignature } from '../../src/webhook/schemes/index.ts'
import publishedFile from '../vectors/published.json' with { type: 'json' }
import rfcFile from '../vectors/rfc4231.json' with { type: 'json' }
import {
  clock,
  hmac,
  hmacKey,
  NOW,
  SCHEME_NAMES,
  type SchemeName,
  schemeOf,
  secretOf,
  send,
  thrownBy,
  verify,
} from './support.ts'

describe('RFC 4231', () => {
  it.each(rfcFile.cases)('case $case', ({ key, data, mac }) => {
    const [keyBytes, bytes] = [Buffer.from(key, 'hex'), Buffer.from(data, 'hex')]
    const text = bytes.toString('latin1')
    const isAscii = bytes.every((byte) => byte < 128)
    const imported = nodeEngine.importKey(hmacKey(keyBytes))
    const macs = [nodeSign(imported, { before: '', body: bytes, after: '' })]
    for (const at of isAscii ? [0, 1, Math.floor(bytes.length / 2), bytes.length] : []) {
      macs.push(nodeSign(imported, { before: text.slice(0, at), body: bytes.subarray(at), after: '' }))
      macs.push(nodeSign(imported, { before: '', body: bytes.subarray(0, at), after: text.slice(at) }))
    }
    for (const each of macs) expect(Buffer.from(each).toString('hex').slice(0, mac.length)).toBe(mac)
  })

  it('and SHA-256 of the empty text and of "abc" (FIPS 180-4)', () => {
    expect(nodeEngine.digest('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
    expect(nodeEngine.digest(Buffer.from('abc'))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    )
  })
})

describe('what the providers publish', () => {
  it.each(publishedFile.cases)('$scheme', ({ scheme, secret, now, headers, body }) => {
    const name = scheme as SchemeName
    const options = { secrets: secret, now: () => now }
    expect(verify(name, headers, body, options)).toMatchObject({ ok: true, code: 'ok' })
    expect(verify(name, headers, `${body} `, options)).toMatchObject({ code: 'signature_mismatch' })
    const deliveryId = (headers as Record<string, string>)['webhook-id']
    const signer = createWebhookSigner({ scheme: schemeOf(name), ...options })
    expect(signer.sign({ body, deliveryId })).toMatchObject(headers)
  })

  it('standardWebhooks takes the secret without its prefix, and as bytes', () => {
    const [{ headers, body }] = publishedFile.cases as [(typeof publishedFile.cases)[0]]
    for (const secrets of [
      'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64'),
    ]) {
      expect(verify('standardWebhooks', headers, body, { secrets, now: () => 1_614_265_330 })).toMatchObject({
        code: 'ok',
      })
    }
  })

  it("stripe's header, with the fake v0 of a test event, in Stripe's own order", () => {
    const mac = hmac('whsec_secret', '1492774577', '.', '{}').toString('hex')
    const fake = '6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39'
    const options = { secrets: 'whsec_secret', now: () => 1_492_774_577 }
    expect(verify('stripe', { 'stripe-signature': `t=1492774577,v1=${mac},v0=${fake}` }, '{}', options).code).toBe('ok')
    // Even a correct v0 proves nothing.
    expect(verify('stripe', { 'stripe-signature': `t=1492774577,v0=${mac}` }, '{}', options).code).toBe(
      'malformed_signature',
    )
  })
})

describe.each(SCHEME_NAMES)('%s against bare node:crypto', (name) => {
  const scheme = schemeOf(name)
  const body = Buffer.from('{"amount":"1.5","note":"é\u0000"}\n')

  it('verifies what a sender writes according to the document', () => {
    const verdict = verify(name, send(name, { body, id: 'evt-1' }), body)
    expect(verdict).toMatchObject({ ok: true, status: 200, code: 'ok' })
    if (!verdict.ok) return
    expect(verdict.delivery.scheme).toBe(name)
    expect(verdict.delivery.deliveryId).toBe(scheme.headers.deliveryId.length > 0 ? 'evt-1' : undefined)
    expect(verdict.delivery.timestamp).toBe(['github', 'shopify'].includes(name) ? undefined : NOW)
    expect(verdict.delivery.keyId).toBeUndefined()
    expect(verdict.delivery.body).toEqual(body)
  })

  it('signs byte for byte what the document says', () => {
    const signer = createWebhookSigner({ scheme, secrets: secretOf(name), now: clock })
    expect(signer.sign({ body, deliveryId: 'evt-1' })).toEqual(send(name, { body, id: 'evt-1' }))
    expect(signer.sign({ body, deliveryId: 'evt-1', timestamp: NOW - 60 })).toEqual(
      send(name, { body, id: 'evt-1', timestamp: NOW - 60 }),
    )
  })

  it('refuses another secret, another body, and no signature', () => {
    expect(verify(name, send(name, { body }), `${body}!`).code).toBe('signature_mismatch')
    const other = name === 'standardWebhooks' ? 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' : 'another'
    expect(verify(name, send(name, { body }), body, { secrets: other }).code).toBe('signature_mismatch')
    const { [scheme.headers.signature[0] as string]: _, ...unsigned } = send(name, { body })
    expect(verify(name, unsigned, body).code).toBe('missing_signature')
  })

  it('refuses another timestamp if it is signed, and takes it if it is not', () => {
    const [signed, later] = [send(name, { body }), send(name, { body, timestamp: NOW + 1 })]
    const signature = scheme.headers.signature[0] as string
    const moved = scheme.signature.carriesTimestamp
      ? { ...signed, [signature]: signed[signature]?.replace(`t=${NOW}`, `t=${NOW + 1}`) }
      : { ...later, [signature]: signed[signature] }
    expect(verify(name, moved, body).code).toBe(scheme.timestampSigned ? 'signature_mismatch' : 'ok')
    expect(scheme.timestampSigned).toBe(!['stellarPayment', 'fluxdrop', 'github', 'shopify'].includes(name))
  })

  it('refuses another id if it is signed, and takes it if it is not', () => {
    const id = scheme.headers.deliveryId[0]
    if (id === undefined) return expect(scheme.deliveryIdSigned).toBe(false)
    expect(verify(name, { ...send(name, { body }), [id]: 'other' }, body).code).toBe(
      name === 'standardWebhooks' ? 'signature_mismatch' : 'ok',
    )
    expect(scheme.deliveryIdSigned).toBe(name === 'standardWebhooks')
  })

  it('is deeply frozen', () => {
    for (const part of [scheme, scheme.headers, scheme.before, scheme.after, scheme.requires, scheme.signature]) {
      expect(Object.isFrozen(part)).toBe(true)
    }
    for (const names of Object.values(scheme.headers)) expect(Object.isFrozen(names)).toBe(true)
  })
})

describe('createWebhookSigner', () => {
  const signerOf = (name: SchemeName, secrets: unknown = secretOf(name)) =>
    createWebhookSigner({ scheme: schemeOf(name), secrets: secrets as never, now: clock })

  it('creates an id if the scheme has one and none is passed', () => {
    const [first, second] = [signerOf('fluxora').sign({ body: '{}' }), signerOf('fluxora').sign({ body: '{}' })]
    expect(first['x-fluxora-delivery-id']).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/)
    expect(first['x-fluxora-delivery-id']).not.toBe(second['x-fluxora-delivery-id'])
    expect(Object.keys(signerOf('stripe').sign({ body: '{}', deliveryId: 'd1' }))).toEqual(['stripe-signature'])
  })

  it('writes the event if the scheme has a header for it', () => {
    expect(signerOf('fluxora').sign({ body: '{}', event: 'stream.updated' })['x-fluxora-event']).toBe('stream.updated')
    expect(Object.values(signerOf('slack').sign({ body: '{}', event: 'x.y' }))).not.toContain('x.y')
  })

  it('signs with all secrets if the scheme carries a list, otherwise with the first', () => {
    const listed = signerOf('stripe', ['new', 'old']).sign({ body: '{}' })['stripe-signature'] as string
    expect(listed.match(/v1=/g)).toHaveLength(2)
    for (const secrets of ['new', 'old']) {
      expect(verify('stripe', { 'stripe-signature': listed }, '{}', { secrets }).code).toBe('ok')
    }
    const keys = ['whsec_AAAA', 'whsec_BBBB']
    const versioned = signerOf('standardWebhooks', keys).sign({ body: '{}', deliveryId: 'm1' })
    for (const secrets of keys) expect(verify('standardWebhooks', versioned, '{}', { secrets }).code).toBe('ok')
    const single = signerOf('github', ['new', 'old']).sign({ body: '{}' })
    expect(verify('github', single, '{}', { secrets: 'new' }).code).toBe('ok')
    expect(verify('github', single, '{}', { secrets: 'old' }).code).toBe('signature_mismatch')
  })

  it('skips an expired secret, and throws if all have expired', () => {
    const expired = { secret: 'old', expiresAt: NOW }
    const headers = signerOf('fluxora', [expired, 'new']).sign({ body: '{}' })
    expect(verify('fluxora', headers, '{}', { secrets: 'new' }).code).toBe('ok')
    const lasting = signerOf('fluxora', [{ secret: 'old', expiresAt: NOW + 1 }, 'new']).sign({ body: '{}' })
    expect(verify('fluxora', lasting, '{}', { secrets: 'old' }).code).toBe('ok')
    const error = thrownBy(() => signerOf('fluxora', [expired]).sign({ body: '{}' }))
    expect(error).toMatchObject({ code: 'invalid_secret', option: 'secrets' })
  })

  it('signs by the system clock by default', () => {
    const headers = createWebhookSigner({ secrets: 'topsecret' }).sign({ body: '{}' })
    expect(Math.abs(Number(headers['x-fluxora-timestamp']) - Date.now() / 1000)).toBeLessThan(5)
    expect(createWebhookVerifier({ secrets: 'topsecret' }).verify({ headers, body: '{}' }).code).toBe('ok')
  })

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a body alone', '{}'],
    ['an object body', { body: {} }],
    ['no body', {}],
    ['a lone surrogate', { body: '\ud800' }],
    ['a timestamp in fractions', { body: '', timestamp: 1.5 }],
    ['a negative timestamp', { body: '', timestamp: -1 }],
    ['a timestamp that is not a number', { body: '', timestamp: Number.NaN }],
    ['a timestamp beyond 2^53', { body: '', timestamp: 1e21 }],
    ['an object without a text for a timestamp', { body: '', timestamp: Object.create(null) }],
    ['a symbol for a timestamp', { body: '', timestamp: Symbol('now') }],
    ['an empty id', { body: '', deliveryId: '' }],
    ['an id with a line break', { body: '', deliveryId: 'a\r\nx-evil: 1' }],
    ['an id beyond ASCII', { body: '', deliveryId: 'é' }],
    ['an id with blanks around it', { body: '', deliveryId: ' a' }],
    ['an id that reads as two', { body: '', deliveryId: 'a, b' }],
    ['a number for an id', { body: '', deliveryId: 7 }],
    ['an event with a line break', { body: '', event: 'a\nb' }],
    ['an empty event', { body: '', event: '' }],
    ['a number for an event', { body: '', event: 7 }],
  ])('refuses %s as invalid_input', (_, input) => {
    const error = thrownBy(() => signerOf('fluxora').sign(input as never))
    expect(isWebhookError(error)).toBe(true)
    expect(error).toMatchObject({ code: 'invalid_input' })
  })

  it('refuses an id that holds the separator of the signed parts, if the id is signed', () => {
    expect(thrownBy(() => signerOf('standardWebhooks').sign({ body: '', deliveryId: 'a.b' }))).toMatchObject({
      code: 'invalid_input',
    })
    expect(signerOf('fluxora').sign({ body: '', deliveryId: 'a.b' })['x-fluxora-delivery-id']).toBe('a.b')
  })
})

const definition: SchemeDefinition = {
  name: 'acme',
  headers: { signature: 'X-Acme-Signature', timestamp: 'X-Acme-Timestamp', deliveryId: 'X-Acme-Id' },
  signed: ['timestamp', '.', 'body'],
  signature: singleSignature({ encoding: hex }),
}

describe('defineScheme', () => {
  const roundTrip = (changes: Partial<SchemeDefinition>, body = '{}', deliveryId = 'd1') => {
    const scheme = defineScheme({ ...definition, ...changes })
    const options = { scheme, secrets: 'topsecret', now: clock }
    const headers = createWebhookSigner(options).sign({ body, deliveryId })
    return { headers, verdict: createWebhookVerifier(options).verify({ headers, body }) }
  }

  it('makes a scheme from its description, with header names in any case', () => {
    const { headers, verdict } = roundTrip({})
    expect(verdict).toMatchObject({ code: 'ok', delivery: { scheme: 'acme', deliveryId: 'd1', timestamp: NOW } })
    expect(headers).toEqual({
      'x-acme-signature': hmac('topsecret', `${NOW}.{}`).toString('hex'),
      'x-acme-timestamp': String(NOW),
      'x-acme-id': 'd1',
    })
  })

  it('signs parts before and after the body, in order', () => {
    const { headers } = roundTrip({ signed: ['v9|', 'deliveryId', '|', 'body', '|', 'timestamp', '|end'] })
    expect(headers['x-acme-signature']).toBe(hmac('topsecret', `v9|d1|{}|${NOW}|end`).toString('hex'))
  })

  it('writes parts literally: $ and braces have no meaning', () => {
    const { headers, verdict } = roundTrip({ signed: ['$&{timestamp}', 'timestamp', '$1', 'body'] }, '$& $1 $$')
    expect(headers['x-acme-signature']).toBe(hmac('topsecret', `$&{timestamp}${NOW}$1$& $1 $$`).toString('hex'))
    expect(verdict.code).toBe('ok')
  })

  it('fills in what is required and what makes two deliveries the same', () => {
    expect(defineScheme(definition)).toMatchObject({
      requires: { timestamp: true, deliveryId: false },
      timestampSigned: true,
      deliveryIdSigned: false,
      dedupeBy: 'content',
    })
    expect(defineScheme({ ...definition, signed: ['deliveryId', '.', 'body'] })).toMatchObject({
      requires: { timestamp: false, deliveryId: true },
      timestampSigned: false,
      deliveryIdSigned: true,
      dedupeBy: 'deliveryId',
    })
    expect(defineScheme({ ...definition, required: ['deliveryId'], dedupeBy: 'deliveryIdAndContent' })).toMatchObject({
      requires: { timestamp: true, deliveryId: true },
      dedupeBy: 'deliveryIdAndContent',
    })
  })

  it('does not change when its description does', () => {
    const signed = ['timestamp', '.', 'body']
    const names = ['x-a', 'x-b']
    const scheme = defineScheme({ ...definition, signed, headers: { ...definition.headers, signature: names } })
    signed.push('deliveryId')
    names[0] = 'x-evil'
    expect(scheme.after).toEqual([])
    expect(scheme.headers.signature).toEqual(['x-a', 'x-b'])
  })

  it('accepts a custom secret format', () => {
    const secret = (text: string) => (text.startsWith('k_') ? Buffer.from(text.slice(2), 'hex') : undefined)
    const scheme = defineScheme({ ...definition, secret })
    const headers = createWebhookSigner({ scheme, secrets: 'k_00ff', now: clock }).sign({ body: '' })
    expect(headers['x-acme-signature']).toBe(hmac(Buffer.from([0, 255]), `${NOW}.`).toString('hex'))
    expect(thrownBy(() => createWebhookVerifier({ scheme, secrets: '00ff' }))).toMatchObject({ code: 'invalid_secret' })
  })

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['no name', { ...definition, name: '' }],
    ['a name that is not text', { ...definition, name: 7 }],
    ['no headers', { ...definition, headers: undefined }],
    ['null headers', { ...definition, headers: null }],
    ['no signature header', { ...definition, headers: { signature: [] } }],
    ['a signature header that is missing', { ...definition, headers: {} }],
    ['a header name with a blank', { ...definition, headers: { signature: 'x acme' } }],
    ['an empty header name', { ...definition, headers: { signature: ['x-a', ''] } }],
    ['a header name with a colon', { ...definition, headers: { signature: 'x-a', event: 'x:y' } }],
    ['a header name that is not text', { ...definition, headers: { signature: 'x-a', deliveryId: [7] } }],
    ['a header name beyond ASCII', { ...definition, headers: { signature: 'x-é' } }],
    ['no signature format', { ...definition, signature: undefined }],
    ['half a signature format', { ...definition, signature: { read() {} } }],
    ['the other half', { ...definition, signature: { write() {} } }],
    ['a secret that is not a function', { ...definition, secret: 'topsecret' }],
    ['nothing signed', { ...definition, signed: [] }],
    ['no list of what is signed', { ...definition, signed: 'body' }],
    ['no body signed', { ...definition, signed: ['timestamp'] }],
    ['the body twice', { ...definition, signed: ['body', '.', 'body'] }],
    ['a part that is not text', { ...definition, signed: ['body', 7] }],
    ['a part that has no bytes', { ...definition, signed: ['body', '\ud800'] }],
    ['a required field it does not know', { ...definition, required: ['event'] }],
    ['no list of required fields', { ...definition, required: 'timestamp' }],
    ['a dedupeBy it does not know', { ...definition, dedupeBy: 'never' }],
    ['a dedupeBy that is null', { ...definition, dedupeBy: null }],
    ['a pointer that is not text', { ...definition, dedupeBy: { bodyId: 7 } }],
    ['a pointer that does not begin with a slash', { ...definition, dedupeBy: { bodyId: 'id' } }],
    ['a pointer to the whole body', { ...definition, dedupeBy: { bodyId: '' } }],
    ['a pointer with an invalid tilde', { ...definition, dedupeBy: { bodyId: '/a~2' } }],
    ['something beside the pointer', { ...definition, dedupeBy: { bodyId: '/id', header: 'x' } }],
    ['a signed timestamp without a header', { ...definition, headers: { signature: 'x-a' } }],
    [
      'a required id without a header',
      { ...definition, headers: { signature: 'x-a', timestamp: 'x-b' }, required: ['deliveryId'] },
    ],
    [
      'dedupe by an id that no header carries',
      { ...definition, headers: { signature: 'x-a', timestamp: 'x-b' }, dedupeBy: 'deliveryId' },
    ],
    ['dedupe by id and content if the id may be missing', { ...definition, dedupeBy: 'deliveryIdAndContent' }],
    [
      'a signed id with nothing between it and the body',
      { ...definition, signed: ['timestamp', '.', 'deliveryId', 'body'] },
    ],
    [
      'a body with nothing between it and a signed id',
      { ...definition, signed: ['timestamp', '.', 'body', 'deliveryId'] },
    ],
    ['an empty text', { ...definition, signed: ['timestamp', '', 'body'] }],
    ['one header for two fields', { ...definition, headers: { ...definition.headers, event: 'X-ACME-ID' } }],
  ])('refuses %s as invalid_scheme', (_, given) => {
    const error = thrownBy(() => defineScheme(given as never))
    expect(isWebhookError(error)).toBe(true)
    expect(error).toMatchObject({ code: 'invalid_scheme', option: 'scheme' })
    expect((error as Error).message).toMatch(/^Scheme: .+\.$/)
  })

  it.each([undefined, null, 'fluxora', {}, { ...definition }, () => fluxora])(
    'createWebhookVerifier takes no scheme but such: %s',
    (scheme) => {
      const make = () => createWebhookVerifier({ scheme: scheme as never, secrets: 's' })
      if (scheme === undefined) return expect(make).not.toThrow()
      expect(thrownBy(make)).toMatchObject({ code: 'invalid_scheme', option: 'scheme' })
      expect(thrownBy(() => createWebhookSigner({ scheme: (scheme ?? '') as never, secrets: 's' }))).toMatchObject({
        code: 'invalid_scheme',
      })
    },
  )

  it('accepts a scheme of the other build of this package', () => {
    const copy = { ...fluxora } // the brand is a registered symbol, as it would be on a scheme of the CommonJS copy
    expect(
      createWebhookVerifier({ scheme: copy, secrets: secretOf('fluxora'), now: clock }).verify({
        headers: send('fluxora'),
        body: '{}',
      }).code,
    ).toBe('ok')
  })
})

describe('where a signed id ends', () => {
  // Ids that make `id + separator + body` readable in two ways would let a sender's body be cut elsewhere.
  const check = (signed: string[], id: string, body = 'body') => {
    const scheme = defineScheme({ ...definition, signed })
    const headers = {
      'x-acme-id': id,
      'x-acme-timestamp': String(NOW),
      'x-acme-signature': hmac(
        's',
        signed.map((part) => ({ deliveryId: id, timestamp: String(NOW), body })[part] ?? part).join(''),
      ).toString('hex'),
    }
    return createWebhookVerifier({ scheme, secrets: 's', now: clock }).verify({ headers, body }).code
  }

  it.each([
    [['deliveryId', '.', 'body'], 'a.b', 'ambiguous_header'],
    [['deliveryId', '.', 'body'], 'a-b', 'ok'],
    [['deliveryId', '::', 'body'], 'a:', 'ambiguous_header'],
    [['deliveryId', '::', 'body'], ':a', 'ok'],
    [['body', '.', 'deliveryId'], 'a.b', 'ambiguous_header'],
    [['body', '::', 'deliveryId'], ':a', 'ambiguous_header'],
    [['body', '::', 'deliveryId'], 'a:', 'ok'],
    [['body', '.', 'deliveryId', '/', 'timestamp'], 'a/b', 'ok'],
    [['body', '.', 'deliveryId', '/', 'timestamp'], 'a.b', 'ambiguous_header'],
    [['timestamp', '.', 'deliveryId', '.', 'body'], 'a.b', 'ambiguous_header'],
    [['deliveryId', 'timestamp', 'body'], 'timestamp', 'ok'],
    [['timestamp', '.', 'body'], 'a.b', 'ok'],
  ] as const)('%j with the id %s: %s', (signed, id, code) => {
    expect(check([...signed], id)).toBe(code)
  })

  it('an id with a lone surrogate is refused, because it has no UTF-8 form', () => {
    const headers = { ...send('standardWebhooks', { id: '\ufffd' }), 'webhook-id': '\ud800' }
    expect(verify('standardWebhooks', headers).code).toBe('ambiguous_header')
  })
})

describe('other formats', () => {
  it('fieldSignature and versionedSignature take any names', () => {
    for (const signature of [
      fieldSignature({ encoding: hex, timestamp: 'ts', signature: 'sig' }),
      versionedSignature({ encoding: hex, version: 'a' }),
    ]) {
      const scheme = defineScheme({ ...definition, signature })
      const options = { scheme, secrets: ['one', 'two'], now: clock }
      const headers = createWebhookSigner(options).sign({ body: 'b' })
      expect(createWebhookVerifier({ ...options, secrets: 'two' }).verify({ headers, body: 'b' }).code).toBe('ok')
    }
  })

  it('a custom format cannot leave out the timestamp that it should carry', () => {
    const signature = {
      carriesTimestamp: true,
      carriesMany: false,
      read: (header: string) => ({ candidates: [Buffer.from(header, 'hex')] }),
      write: () => '',
    }
    const scheme = defineScheme({
      name: 'x',
      headers: { signature: 'x' },
      signed: ['timestamp', '.', 'body'],
      signature,
    })
    const verifier = createWebhookVerifier({ scheme, secrets: 's', now: clock })
    for (const signed of ['.', 'undefined.']) {
      const headers = { x: hmac('s', signed).toString('hex') }
      expect(verifier.verify({ headers, body: '' }).code).toBe('malformed_signature')
    }
  })

  it('a custom format gets one MAC to write unless it carries many', () => {
    const given: number[] = []
    for (const carriesMany of [false, true]) {
      const signature = {
        ...singleSignature({ encoding: hex }),
        carriesMany,
        write: (macs: readonly Uint8Array[]) => String(given.push(macs.length)),
      }
      const scheme = defineScheme({ name: 'x', headers: { signature: 'x' }, signed: ['body'], signature })
      createWebhookSigner({ scheme, secrets: ['a', 'b'], now: clock }).sign({ body: '' })
    }
    expect(given).toEqual([1, 2])
  })

  it('a custom format that accepts anything still never sees a header that appears twice', () => {
    const mac = hmac('s', 'x')
    const signature = { ...singleSignature({ encoding: hex }), read: () => ({ candidates: [mac] }) }
    const scheme = defineScheme({ name: 'x', headers: { signature: 'x' }, signed: ['body'], signature })
    const verifier = createWebhookVerifier({ scheme, secrets: 's', now: clock })
    expect(verifier.verify({ headers: { x: 'a' }, body: 'x' }).code).toBe('ok')
    expect(verifier.verify({ headers: { x: ['a', 'b'] }, body: 'x' }).code).toBe('ambiguous_header')
  })

  it('a lenient custom encoding cannot make the comparison throw', () => {
    const lenient = { encode: hex.encode, decode: (text: string) => Buffer.from(text, 'hex') }
    const scheme = defineScheme({ ...definition, signature: singleSignature({ encoding: lenient }) })
    const verifier = createWebhookVerifier({ scheme, secrets: 's', now: clock })
    for (const signature of ['ff', 'f'.repeat(63), 'f'.repeat(66), 'zz']) {
      const headers = { 'x-acme-timestamp': String(NOW), 'x-acme-signature': signature }
      expect(verifier.verify({ headers, body: '' }).code).toBe('signature_mismatch')
    }
  })
})

describe('what each scheme demands, signs and remembers', () => {
  it.each([
    ['fluxora', 'timestamp deliveryId', 'timestamp', 'deliveryIdAndContent'],
    ['stellarPayment', 'timestamp', '', 'content'],
    ['chronomind', 'timestamp', 'timestamp', { bodyId: '/id' }],
    ['fluxdrop', '', '', 'content'],
    ['standardWebhooks', 'timestamp deliveryId', 'timestamp deliveryId', 'deliveryId'],
    ['stripe', 'timestamp', 'timestamp', { bodyId: '/id' }],
    ['github', '', '', 'deliveryId'],
    ['slack', 'timestamp', 'timestamp', { bodyId: '/event_id' }],
    ['shopify', '', '', 'deliveryId'],
  ] as const)('%s', (name, required, signed, dedupeBy) => {
    const scheme = schemeOf(name)
    const listed = (text: string) => ({
      timestamp: text.includes('timestamp'),
      deliveryId: text.includes('deliveryId'),
    })
    expect(scheme.name).toBe(name)
    expect(scheme.requires).toEqual(listed(required))
    expect({ timestamp: scheme.timestampSigned, deliveryId: scheme.deliveryIdSigned }).toEqual(listed(signed))
    expect(scheme.dedupeBy).toEqual(dedupeBy)
    expect(Object.isFrozen(scheme.dedupeBy)).toBe(true)
  })
})
