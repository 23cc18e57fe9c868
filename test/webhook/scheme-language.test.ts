// What a scheme can say beyond the timestamp, the id and the body: other algorithms, parts of the request, other forms of time, fields of
// the body. Every verdict is asked of both engines.

import { createHash, createHmac, generateKeyPairSync, type KeyObject, sign as signBy } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createAsyncWebhookVerifier } from '../../src/adapters/fetch.ts'
import {
  createWebhookReceiver,
  createWebhookSigner,
  createWebhookVerifier,
  type SchemeDefinition,
  type VerifyInput,
  type WebhookSecrets,
} from '../../src/webhook/index.ts'
import {
  base64,
  defineScheme,
  fieldSignature,
  fluxora,
  hex,
  singleSignature,
  standardWebhooks,
  tokenFormat,
  versionedSignature,
  type WebhookAlgorithm,
  type WebhookScheme,
} from '../../src/webhook/schemes/index.ts'
import { thrownBy } from './support.ts'

const NOW = 1_710_000_000
const SECRET = 'topsecret'
const body = '{"a":1}'

const definition = {
  name: 'acme',
  headers: { signature: 'x-signature', timestamp: 'x-timestamp', deliveryId: 'x-id' },
  signed: ['timestamp', '.', 'body'],
  signature: singleSignature({ encoding: hex }),
} satisfies SchemeDefinition

const define = (changes: Partial<SchemeDefinition>): WebhookScheme =>
  defineScheme({ ...definition, ...changes } as SchemeDefinition)

/** The code by node:crypto, which must be the one by WebCrypto too. */
async function codeOf(scheme: WebhookScheme, secrets: WebhookSecrets, input: VerifyInput, now = NOW): Promise<string> {
  const options = { scheme, secrets, now: () => now }
  const verdict = createWebhookVerifier(options).verify(input)
  const later = await createAsyncWebhookVerifier(options).verify(input)
  expect({ ...later, delivery: undefined }).toEqual({ ...verdict, delivery: undefined })
  return verdict.code
}

const signed = (scheme: WebhookScheme, secrets: WebhookSecrets, more: object = {}): Record<string, string> =>
  createWebhookSigner({ scheme, secrets, now: () => NOW }).sign({ body, deliveryId: 'd-1', ...more })

describe('algorithms', () => {
  it.each([
    ['hmac-sha1', 'sha1'],
    ['hmac-sha256', 'sha256'],
    ['hmac-sha512', 'sha512'],
  ] as const)('%s is what node:crypto computes', async (algorithm, hash) => {
    const scheme = define({ algorithm })
    const headers = signed(scheme, SECRET)
    expect(headers['x-signature']).toBe(createHmac(hash, SECRET).update(`${NOW}.${body}`).digest('hex'))
    expect(await codeOf(scheme, SECRET, { headers, body })).toBe('ok')
    expect(await codeOf(scheme, SECRET, { headers, body: '{"a":2}' })).toBe('signature_mismatch')
    expect(await codeOf(scheme, 'other', { headers, body })).toBe('signature_mismatch')
    const cut = { ...headers, 'x-signature': headers['x-signature']!.slice(2) }
    expect(await codeOf(scheme, SECRET, { headers: cut, body })).toBe('malformed_signature')
  })

  const pairs = {
    ed25519: generateKeyPairSync('ed25519'),
    'ecdsa-p256-sha256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    'rsa-sha256': generateKeyPairSync('rsa', { modulusLength: 2048 }),
  }
  const pem = (key: KeyObject): string =>
    key.export({ type: key.type === 'public' ? 'spki' : 'pkcs8', format: 'pem' } as never).toString()
  const names = Object.keys(pairs) as (keyof typeof pairs)[]
  const inBase64 = { signature: singleSignature({ encoding: base64 }) }

  it.each(names)('%s takes what node:crypto signs, and signs what it takes', async (algorithm) => {
    const { publicKey, privateKey } = pairs[algorithm]
    const scheme = define({ algorithm, ...inBase64 })
    const hash = algorithm === 'ed25519' ? null : 'sha256'
    const signature = signBy(hash, Buffer.from(`${NOW}.${body}`), privateKey)
    const headers = { 'x-timestamp': String(NOW), 'x-signature': signature.toString('base64') }
    expect(await codeOf(scheme, pem(publicKey), { headers, body })).toBe('ok')
    expect(await codeOf(scheme, pem(publicKey), { headers, body: `${body} ` })).toBe('signature_mismatch')
    const ours = signed(scheme, pem(privateKey))
    expect(await codeOf(scheme, pem(publicKey), { headers: ours, body })).toBe('ok')
  })

  it.each(names)('%s takes a key in every form', async (algorithm) => {
    const { publicKey, privateKey } = pairs[algorithm]
    const scheme = define({ algorithm, ...inBase64 })
    const headers = signed(scheme, pem(privateKey))
    const spki = publicKey.export({ type: 'spki', format: 'der' })
    const jwk = publicKey.export({ format: 'jwk' })
    const oneLine = pem(publicKey).replaceAll('\n', '\\n')
    const forms: unknown[] = [
      pem(publicKey),
      oneLine,
      spki.toString('base64'),
      new Uint8Array(spki),
      jwk,
      JSON.stringify(jwk),
    ]
    forms.push({ secret: jwk, id: 'k' }, { ...jwk, use: 'sig' })
    if (algorithm === 'ed25519') {
      const raw = spki.subarray(-32)
      forms.push(raw.toString('hex'), raw.toString('base64'), new Uint8Array(raw), `whpk_${raw.toString('base64')}`)
    }
    if (algorithm === 'ecdsa-p256-sha256')
      forms.push(new Uint8Array(spki.subarray(-65)), spki.subarray(-65).toString('hex'))
    for (const form of forms) expect(await codeOf(scheme, form as WebhookSecrets, { headers, body })).toBe('ok')
  })

  it('refuses keys that are damaged, too small, for another algorithm or for the other side', () => {
    const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey
    const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
    const offCurve = Buffer.concat([Buffer.of(4), Buffer.alloc(64, 1)])
    const wrong: [WebhookAlgorithm, unknown][] = [
      ['ed25519', pem(pairs['rsa-sha256'].publicKey)],
      ['ed25519', 'topsecret'],
      ['ed25519', new Uint8Array(31)],
      ['ed25519', { ...pairs.ed25519.publicKey.export({ format: 'jwk' }), use: 'enc' }],
      ['ed25519', { ...pairs.ed25519.publicKey.export({ format: 'jwk' }), alg: 'RS256' }],
      ['ecdsa-p256-sha256', pem(p384.publicKey)],
      ['ecdsa-p256-sha256', pem(pairs.ed25519.publicKey)],
      ['ecdsa-p256-sha256', new Uint8Array(offCurve)],
      ['rsa-sha256', pem(small)],
      ['rsa-sha256', pem(pairs['ecdsa-p256-sha256'].publicKey)],
      ...names.map((name): [WebhookAlgorithm, unknown] => [name, pem(pairs[name].privateKey)]),
    ]
    for (const [algorithm, secrets] of wrong) {
      const scheme = define({ algorithm, ...inBase64 })
      const error = thrownBy(() => createWebhookVerifier({ scheme, secrets: secrets as string }))
      expect(error, `${algorithm} ${String(secrets)}`).toMatchObject({ code: 'invalid_secret' })
    }
    for (const name of names) {
      const scheme = define({ algorithm: name, ...inBase64 })
      const secrets = pem(pairs[name].publicKey)
      expect(thrownBy(() => createWebhookSigner({ scheme, secrets }))).toMatchObject({ code: 'invalid_secret' })
    }
  })

  it('lets no key be used for another algorithm, whatever the header says', async () => {
    const keys = new Map<WebhookAlgorithm, [verify: string, sign: string]>([
      ['hmac-sha256', [SECRET, SECRET]],
      ['hmac-sha1', [SECRET, SECRET]],
      ['hmac-sha512', [SECRET, SECRET]],
      ['token', [SECRET, SECRET]],
      ...names.map((name) => [name, [pem(pairs[name].publicKey), pem(pairs[name].privateKey)]] as const),
    ] as [WebhookAlgorithm, [string, string]][])
    const schemeFor = (algorithm: WebhookAlgorithm): WebhookScheme =>
      algorithm === 'token'
        ? define({ algorithm, signed: [], signature: tokenFormat(), required: [] })
        : define({ algorithm, ...inBase64 })
    for (const [algorithm, [, signer]] of keys) {
      const headers = { 'x-timestamp': String(NOW), ...signed(schemeFor(algorithm), signer) }
      for (const [other, [verifier]] of keys) {
        const code = await codeOf(schemeFor(other), verifier, { headers, body })
        expect(code === 'ok', `${algorithm} as ${other}`).toBe(algorithm === other)
      }
    }
    // The classic confusion: a MAC whose key is the text of the public key.
    const publicText = pem(pairs['rsa-sha256'].publicKey)
    const forged = signed(define(inBase64), new TextEncoder().encode(publicText))
    expect(
      await codeOf(define({ algorithm: 'rsa-sha256', ...inBase64 }), publicText, { headers: forged, body }),
    ).not.toBe('ok')
  })

  it.each(['ed25519', 'ecdsa-p256-sha256'] as const)('%s: no bit of a signature can be changed', async (algorithm) => {
    const { publicKey, privateKey } = pairs[algorithm]
    const scheme = define({ algorithm, ...inBase64 })
    const headers = signed(scheme, pem(privateKey))
    const right = Buffer.from(headers['x-signature']!, 'base64')
    for (let bit = 0; bit < 8 * right.length; bit++) {
      const signature = Buffer.from(right)
      signature[bit >> 3]! ^= 1 << (bit & 7)
      const changed = { ...headers, 'x-signature': signature.toString('base64') }
      expect(await codeOf(scheme, pem(publicKey), { headers: changed, body })).toMatch(
        /^(signature_mismatch|malformed_signature)$/,
      )
    }
  })

  it('takes only canonical Ed25519 signatures: S below the order of the group (RFC 8032 section 5.1.7)', async () => {
    const { publicKey, privateKey } = pairs.ed25519
    const scheme = define({ algorithm: 'ed25519', ...inBase64 })
    const headers = signed(scheme, pem(privateKey))
    const bytes = Buffer.from(headers['x-signature']!, 'base64')
    const order = 2n ** 252n + 27742317777372353535851937790883648493n
    const s = BigInt(`0x${Buffer.from(bytes.subarray(32)).reverse().toString('hex')}`) + order
    const malleated = Buffer.concat([
      bytes.subarray(0, 32),
      Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse(),
    ])
    const changed = { ...headers, 'x-signature': malleated.toString('base64') }
    expect(await codeOf(scheme, pem(publicKey), { headers: changed, body })).toBe('signature_mismatch')
  })

  it('judges malformed DER alike in both engines', async () => {
    const { publicKey, privateKey } = pairs['ecdsa-p256-sha256']
    const scheme = define({ algorithm: 'ecdsa-p256-sha256', ...inBase64 })
    const right = Buffer.from(signed(scheme, pem(privateKey))['x-signature']!, 'base64')
    const key = pem(publicKey)
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: right.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (at, flip, cut) => {
          const bytes = Uint8Array.from(cut ? right.subarray(0, Math.max(8, at)) : right)
          if (!cut) bytes[at]! ^= flip
          const headers = { 'x-timestamp': String(NOW), 'x-signature': Buffer.from(bytes).toString('base64') }
          expect(await codeOf(scheme, key, { headers, body })).not.toBe('ok')
        },
      ),
      { numRuns: 200 },
    )
  })

  it('compares a token, and says that it signs nothing', async () => {
    const scheme = define({
      algorithm: 'token',
      signed: [],
      headers: { signature: 'x-token' },
      signature: tokenFormat(),
    })
    const options = { headers: { 'x-token': SECRET }, body }
    expect(await codeOf(scheme, SECRET, options)).toBe('ok')
    expect(await codeOf(scheme, ['other', SECRET], options)).toBe('ok')
    expect(await codeOf(scheme, `${SECRET}s`, options)).toBe('signature_mismatch')
    expect(await codeOf(scheme, SECRET, { headers: { 'x-token': 'x'.repeat(5000) }, body })).toBe('malformed_signature')
    expect(scheme).toMatchObject({ timestampSigned: false, deliveryIdSigned: false, bodySigned: false })
  })
})

describe('Standard Webhooks with key pairs', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)
  const seed = privateKey.export({ type: 'pkcs8', format: 'der' }).subarray(-32)
  const whpk = `whpk_${raw.toString('base64')}`
  const whsk = `whsk_${Buffer.concat([seed, raw]).toString('base64')}`
  const whsec = `whsec_${Buffer.alloc(24, 7).toString('base64')}`

  it('signs and takes v1a', async () => {
    const headers = signed(standardWebhooks, whsk)
    expect(headers['webhook-signature']).toMatch(/^v1a,[A-Za-z0-9+/]{86}==$/)
    expect(await codeOf(standardWebhooks, whpk, { headers, body })).toBe('ok')
    expect(await codeOf(standardWebhooks, publicKey.export({ format: 'jwk' }) as never, { headers, body })).toBe('ok')
    expect(await codeOf(standardWebhooks, whsec, { headers, body })).toBe('signature_mismatch')
    expect(await codeOf(standardWebhooks, whpk, { headers, body: '{}' })).toBe('signature_mismatch')
  })

  it('takes either of a mixed list, as during a change from one to the other', async () => {
    const headers = signed(standardWebhooks, [whsec, whsk])
    expect(headers['webhook-signature']).toMatch(/^v1,\S{44} v1a,\S{88}$/)
    for (const secrets of [whsec, whpk, [whsec, whpk], ['whsec_AAAA', whpk]]) {
      expect(await codeOf(standardWebhooks, secrets, { headers, body })).toBe('ok')
    }
    expect(await codeOf(standardWebhooks, 'whsec_AAAA', { headers, body })).toBe('signature_mismatch')
  })

  it('takes no v1 for a public key, and no v1a for a secret', async () => {
    const v1 = signed(standardWebhooks, whsec)
    expect(await codeOf(standardWebhooks, whpk, { headers: v1, body })).toBe('signature_mismatch')
    const asSecret = signed(standardWebhooks, new Uint8Array(raw))
    expect(await codeOf(standardWebhooks, whpk, { headers: asSecret, body })).toBe('signature_mismatch')
  })
})

describe('parts of the request', () => {
  const url = 'https://api.example.com/hooks?b=2&a=1'

  it.each<[string, SchemeDefinition['signed'], string]>([
    ['method and url', ['method', 'url', 'body'], `POST${url}${body}`],
    ['path', ['path', '\n', 'body'], `/hooks?b=2&a=1\n${body}`],
    ['a header', [{ header: 'X-Extra' }, '.', 'body'], `extra.${body}`],
    [
      'a hash of the body',
      ['method', ' ', { bodyHash: 'sha256-hex' }],
      `POST ${createHash('sha256').update(body).digest('hex')}`,
    ],
    ['a field of the body', [{ bodyField: '/a' }], '1'],
  ])('signs %s', async (_, parts, text) => {
    const scheme = define({ signed: parts })
    const headers: Record<string, string> = {
      ...signed(scheme, SECRET, { url, method: 'post', headers: { 'x-extra': 'extra' } }),
      'x-extra': 'extra',
    }
    expect(headers['x-signature']).toBe(createHmac('sha256', SECRET).update(text).digest('hex'))
    expect(await codeOf(scheme, SECRET, { headers, body, method: 'POST', url })).toBe('ok')
  })

  it('sorts form fields, and writes each value of a field once', async () => {
    const scheme = define({ signed: ['url', 'sortedFormFields'] })
    const form = 'b=2&a=%C3%A9+x&b=1&b=2'
    const signature = createHmac('sha256', SECRET).update(`${url}aé xb1b2`).digest('hex')
    expect(await codeOf(scheme, SECRET, { headers: { 'x-signature': signature }, body: form, url })).toBe('ok')
    expect(await codeOf(scheme, SECRET, { headers: { 'x-signature': signature }, body: `${form}&c=`, url })).toBe(
      'signature_mismatch',
    )
    // A mark in front belongs to the name of the first field, as every parser of forms has it.
    expect(await codeOf(scheme, SECRET, { headers: { 'x-signature': signature }, body: `\ufeff${form}`, url })).toBe(
      'signature_mismatch',
    )
  })

  it('refuses a signed header that is missing or repeated', async () => {
    const scheme = define({ signed: [{ header: 'x-extra' }, 'body'] })
    const headers = { ...signed(scheme, SECRET, { headers: { 'x-extra': 'e' } }) }
    expect(await codeOf(scheme, SECRET, { headers, body })).toBe('missing_signature')
    const twice = [...Object.entries(headers), ['x-extra', 'e'], ['X-Extra', 'e']] as [string, string][]
    expect(await codeOf(scheme, SECRET, { headers: twice, body })).toBe('ambiguous_header')
  })

  it('is misuse to pass no URL where it is signed', () => {
    const scheme = define({ signed: ['url', 'body'] })
    const input = { headers: { 'x-signature': 'a'.repeat(64) }, body }
    const error = thrownBy(() => createWebhookVerifier({ scheme, secrets: SECRET }).verify(input))
    expect(error).toMatchObject({ code: 'invalid_input' })
    expect(thrownBy(() => signed(scheme, SECRET))).toMatchObject({ code: 'invalid_input' })
  })

  it.each<[string, object]>([
    ['no URL', { url: null }],
    ['a URL without a character', { url: '' }],
    ['a URL object', { url: new URL('https://x.example/hooks') }],
    ['a list', { url: [] }],
    ['a symbol', { url: Symbol('u') }],
    ['a method that is a number', { url: '/hooks', method: 1 }],
    ['a method that is an object', { url: '/hooks', method: {} }],
  ])('is misuse to pass %s, which is said in words', (_, given) => {
    const headers = { 'x-signature': 'a'.repeat(64) }
    for (const part of ['url', 'path'] as const) {
      const options = { scheme: define({ signed: ['method', part, 'body'] }), secrets: SECRET }
      const verify = () => createWebhookVerifier(options).verify({ headers, body, ...given } as never)
      const sign = () => createWebhookSigner(options).sign({ body, ...given } as never)
      for (const call of [verify, sign]) expect(thrownBy(call)).toMatchObject({ code: 'invalid_input' })
    }
  })

  it.each<[string, string | undefined, string, string]>([
    ['the origin and the path of the request', 'https://api.example.com', '/hooks?b=2&a=1', 'internal:8080'],
    [
      "the origin in place of the request's",
      'https://api.example.com/',
      'http://internal:8080/hooks?b=2&a=1',
      'internal:8080',
    ],
    ['the whole URL where a proxy rewrites it', url, '/v1/internal', 'internal:8080'],
    ['the Host header otherwise', undefined, '/hooks?b=2&a=1', 'api.example.com'],
    ['an absolute URL as it is', undefined, `${url}#fragment`, 'internal'],
  ])('a receiver takes %s', async (_, publicUrl, requestUrl, host) => {
    const scheme = define({ signed: ['url', 'body'] })
    const headers = { ...signed(scheme, SECRET, { url }), host }
    const receiver = createWebhookReceiver({ scheme, secrets: SECRET, publicUrl, now: () => NOW, onOutcome: false })
    const outcome = await receiver.receive({ method: 'POST', url: requestUrl, headers, body }, () => {})
    expect(outcome.code).toBe('ok')
  })

  it.each(['api.example.com', 'ftp://x', 'https://', 'https://a b', 'https://a/#f', 5])(
    'publicUrl may not be %s',
    (publicUrl) => {
      const options = { secrets: SECRET, publicUrl: publicUrl as string }
      expect(thrownBy(() => createWebhookReceiver(options))).toMatchObject({
        code: 'invalid_option',
        option: 'publicUrl',
      })
    },
  )
})

describe('forms of time', () => {
  const at = (scheme: WebhookScheme, timestamp: string, now = NOW): Promise<string> => {
    const signature = createHmac('sha256', SECRET).update(`${timestamp}.${body}`).digest('hex')
    return codeOf(scheme, SECRET, { headers: { 'x-timestamp': timestamp, 'x-signature': signature }, body }, now)
  }

  it.each([
    ['milliseconds', String(NOW * 1000 + 999), 'ok'],
    ['milliseconds', String(NOW * 1000 - 301_000), 'timestamp_outside_tolerance'],
    ['milliseconds', String(NOW), 'timestamp_outside_tolerance'],
    ['milliseconds', '1e12', 'invalid_timestamp'],
    ['iso8601', '2024-03-09T16:00:00Z', 'ok'],
    ['iso8601', '2024-03-09T16:00:00.123456789Z', 'ok'],
    ['iso8601', '2024-03-09T18:30:00+02:30', 'ok'],
    ['iso8601', '2024-03-09T16:05:01Z', 'timestamp_outside_tolerance'],
    ['iso8601', '2024-02-30T16:00:00Z', 'invalid_timestamp'],
    ['iso8601', '2024-03-09T16:00:00', 'invalid_timestamp'],
    ['iso8601', '2024-03-09T24:00:00Z', 'invalid_timestamp'],
    ['iso8601', '2024-03-09 16:00:00Z', 'invalid_timestamp'],
    ['iso8601', String(NOW), 'invalid_timestamp'],
    ['seconds', String(NOW), 'ok'],
    ['seconds', String(NOW * 1000), 'timestamp_outside_tolerance'],
  ] as const)('%s: %s is %s', async (timestampFormat, timestamp, code) => {
    expect(await at(define({ timestampFormat }), timestamp)).toBe(code)
  })

  it.each(['seconds', 'milliseconds', 'iso8601'] as const)('signs in %s what it takes', async (timestampFormat) => {
    const scheme = define({ timestampFormat })
    const headers = signed(scheme, SECRET)
    expect(await codeOf(scheme, SECRET, { headers, body })).toBe('ok')
    const verdict = createWebhookVerifier({ scheme, secrets: SECRET, now: () => NOW }).verify({ headers, body })
    expect(verdict).toMatchObject({ delivery: { timestamp: NOW } })
  })
})

describe('fields of the body', () => {
  const inBody = define({
    headers: { signature: 'x-signature' },
    signed: ['body'],
    timestampIn: '/sentAt',
    timestampFormat: 'milliseconds',
  })
  const code = (text: string, secret = SECRET): Promise<string> => {
    const headers = { 'x-signature': createHmac('sha256', secret).update(text).digest('hex') }
    return codeOf(inBody, SECRET, { headers, body: text })
  }

  it('checks a timestamp in the body, after the signature', async () => {
    expect(await code(`{"sentAt":${NOW * 1000}}`)).toBe('ok')
    expect(await code(`{"sentAt":"${NOW * 1000}"}`)).toBe('ok')
    expect(await code(`{"sentAt":${(NOW - 301) * 1000}}`)).toBe('timestamp_outside_tolerance')
    expect(await code('{"sentAt":"soon"}')).toBe('invalid_timestamp')
    expect(await code(`{"sentAt":${(NOW - 301) * 1000}}`, 'other')).toBe('signature_mismatch')
    for (const text of ['{}', 'not json', '{"sentAt":1.5}', '[]', ''])
      expect(await code(text)).toBe('missing_timestamp')
    expect(inBody.timestampSigned).toBe(true)
  })

  it('reads a signature in the body', async () => {
    const scheme = define({
      headers: {},
      signatureIn: '/signature/value',
      timestampIn: '/signature/time',
      signed: ['timestamp', { bodyField: '/signature/token' }],
    })
    const write = (value: unknown): string => JSON.stringify({ signature: { time: String(NOW), token: 'tok', value } })
    const right = createHmac('sha256', SECRET).update(`${NOW}tok`).digest('hex')
    expect(await codeOf(scheme, SECRET, { headers: {}, body: write(right) })).toBe('ok')
    expect(await codeOf(scheme, 'other', { headers: {}, body: write(right) })).toBe('signature_mismatch')
    expect(await codeOf(scheme, SECRET, { headers: {}, body: write('zz') })).toBe('malformed_signature')
    expect(await codeOf(scheme, SECRET, { headers: {}, body: write(null) })).toBe('missing_signature')
    expect(await codeOf(scheme, SECRET, { headers: {}, body: write(right).replace('"tok"', '"kot"') })).toBe(
      'signature_mismatch',
    )
    expect(thrownBy(() => createWebhookSigner({ scheme, secrets: SECRET }))).toMatchObject({ code: 'invalid_scheme' })
  })

  it('takes a header by signatureIn', async () => {
    const scheme = define({ headers: { timestamp: 'x-timestamp' }, signatureIn: 'X-Sig' })
    expect(scheme.headers.signature).toEqual(['x-sig'])
    expect(await codeOf(scheme, SECRET, { headers: signed(scheme, SECRET), body })).toBe('ok')
  })
})

describe('formats', () => {
  it('reads fields between semicolons', async () => {
    const scheme = define({
      headers: { signature: 'x-signature' },
      signed: ['timestamp', ':', 'body'],
      signature: fieldSignature({ encoding: hex, timestamp: 'ts', signature: 'h1', separator: ';' }),
    })
    const headers = signed(scheme, SECRET)
    expect(headers['x-signature']).toMatch(/^ts=1710000000;h1=[0-9a-f]{64}$/)
    expect(await codeOf(scheme, SECRET, { headers, body })).toBe('ok')
  })

  it('reads versions with another joint and separator', async () => {
    const scheme = define({
      headers: { signature: 'x-signature' },
      signed: ['body'],
      signature: versionedSignature({ encoding: hex, version: 'v1', joint: '=', separator: ',' }),
    })
    const headers = signed(scheme, [SECRET, 'other'])
    expect(headers['x-signature']).toMatch(/^v1=[0-9a-f]{64},v1=[0-9a-f]{64}$/)
    expect(await codeOf(scheme, 'other', { headers, body })).toBe('ok')
  })

  it('takes a larger body where the scheme says so', async () => {
    const scheme = define({ maxBodyBytes: 1_000_000 })
    const large = 'x'.repeat(300_000)
    const headers = createWebhookSigner({ scheme, secrets: SECRET, now: () => NOW }).sign({ body: large })
    expect(await codeOf(scheme, SECRET, { headers, body: large })).toBe('ok')
    expect(
      createWebhookVerifier({ scheme, secrets: SECRET, maxBodyBytes: 10 }).verify({ headers, body: large }).code,
    ).toBe('payload_too_large')
  })
})

describe('a definition that makes no sense', () => {
  it.each<[string, object]>([
    ['algorithm must be', { algorithm: 'md5' }],
    ['algorithm must be', { algorithm: 'toString' }],
    ['timestampFormat must be', { timestampFormat: 'minutes' }],
    ['timestampIn must be', { timestampIn: 'sentAt' }],
    ["signatureIn must be a header's name", { signatureIn: 'a b' }],
    ['signatureIn takes the place', { signatureIn: 'x-other' }],
    ['maxBodyBytes must be', { maxBodyBytes: 1.5 }],
    ["signed must be empty with algorithm 'token'", { algorithm: 'token' }],
    ['signed must be a list', { signed: [] }],
    ['signed must be a list', { signed: ['timestamp', '.', 'url'] }],
    ['signed.query is not an option', { signed: ['body', { query: 'x' }] }],
    ["a header's name in signed", { signed: ['body', { header: 'a b' }] }],
    ['bodyHash in signed', { signed: [{ bodyHash: 'md5' }] }],
    ['bodyField in signed', { signed: [{ bodyField: 'a' }] }],
    ['a signature inside the body', { headers: { timestamp: 'x-timestamp' }, signatureIn: '/s' }],
    ['timestampIn is for a timestamp', { timestampIn: '/t' }],
    ['headers.signature must name a header', { headers: {} }],
  ])('%s', (message, changes) => {
    const error = thrownBy(() => define(changes as Partial<SchemeDefinition>))
    expect(error).toMatchObject({ code: 'invalid_scheme', message: expect.stringContaining(message) })
  })

  it('leaves the schemes that exist as they were', () => {
    expect(fluxora).toMatchObject({
      bodySigned: true,
      content: undefined,
      bodyFields: undefined,
      proof: { algorithm: 'hmac-sha256' },
    })
  })
})
