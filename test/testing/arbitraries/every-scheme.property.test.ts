// Every scheme: its deliveries are made as its sender makes them, and refused with their code if they are tampered with.

import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type SignedDelivery,
  type SignedDeliveryConstraints,
  signedDelivery,
  tamperedDelivery,
  webhookBody,
} from '../../../src/testing/index.ts'
import { createWebhookVerifier, defineScheme, type WebhookScheme } from '../../../src/webhook/index.ts'
import { ALL_SCHEMES } from '../../../src/webhook/schemes/all-schemes.ts'
import {
  base64,
  circle,
  contentful,
  discord,
  gitlab,
  hex,
  linear,
  mailgun,
  paystack,
  quicknode,
  singleSignature,
  square,
  standardWebhooks,
  tokenFormat,
  twilio,
  workos,
  zendesk,
} from '../../../src/webhook/schemes/index.ts'
import { createAsyncWebhookVerifier } from '../../../src/webhook/verify-async.ts'
import { thrownBy } from '../../webhook/support.ts'

/** By both engines. */
async function codesOf(
  { scheme, secret, now, headers, body, url }: SignedDelivery,
  { toleranceSeconds, maxBodyBytes }: SignedDeliveryConstraints,
): Promise<string[]> {
  const options = { scheme, secrets: secret, now: () => now, toleranceSeconds, maxBodyBytes }
  const verdict = createWebhookVerifier(options).verify({ headers, body, url })
  const asyncVerdict = await createAsyncWebhookVerifier(options).verify({ headers, body, url })
  return [verdict.code, asyncVerdict.code]
}

async function check(scheme: WebhookScheme, more: SignedDeliveryConstraints = {}): Promise<void> {
  const options = { scheme, maxBodyBytes: 3_000, ...more }
  const genuine = fc.asyncProperty(signedDelivery(options), async (delivery) => {
    expect(await codesOf(delivery, options)).toEqual(['ok', 'ok'])
  })
  const tampered = fc.asyncProperty(tamperedDelivery(options), async (delivery) => {
    expect(await codesOf(delivery, options)).toEqual([delivery.expectedCode, delivery.expectedCode])
  })
  await fc.assert(genuine, { numRuns: 25 })
  await fc.assert(tampered, { numRuns: 60 })
}

const pemOf = (type: 'ed25519' | 'rsa'): string => {
  const { privateKey } =
    type === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync(type)
  return privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
}

/** Everything that a scheme can sign beside its body, and a body that is signed field by field or by its hash. */
const OWN: readonly WebhookScheme[] = [
  defineScheme({
    name: 'bank',
    headers: { signature: 'x-bank-signature', deliveryId: 'x-bank-id' },
    signed: ['method', ' ', 'url', '\n', { header: 'X-Bank-Account' }, '\n', 'body'],
    algorithm: 'hmac-sha512',
    timestampIn: '/sent/at',
    timestampFormat: 'iso8601',
    signature: singleSignature({ encoding: base64 }),
  }),
  defineScheme({
    name: 'hashed',
    headers: { signature: 'x-hashed', timestamp: 'x-time' },
    signed: ['path', ';', 'timestamp', ';', { bodyHash: 'sha256-hex' }],
    algorithm: 'ecdsa-p256-sha256',
    timestampFormat: 'milliseconds',
    signature: singleSignature({ encoding: hex }),
  }),
  defineScheme({
    name: 'fields',
    headers: {},
    signed: [{ bodyField: '/a/id' }, '|', { bodyField: '/b' }, '|', 'timestamp'],
    algorithm: 'ed25519',
    signatureIn: '/a/signature',
    timestampIn: '/a/time',
    signature: singleSignature({ encoding: hex, prefix: 'v1=' }),
  }),
  defineScheme({
    name: 'bearer',
    headers: { signature: 'authorization', timestamp: 'x-time' },
    signed: [],
    algorithm: 'token',
    timestampFormat: 'milliseconds',
    signature: tokenFormat({ prefix: 'Bearer ' }),
  }),
]

describe('genuine and tampered deliveries', () => {
  it.each(Object.entries(ALL_SCHEMES))('%s', (_, scheme) => check(scheme))

  it.each(OWN.map((scheme) => [scheme.name, scheme] as const))('of an own scheme: %s', (_, scheme) => check(scheme))

  it('of Standard Webhooks with a private key', () => check(standardWebhooks, { secret: pemOf('ed25519') }))

  it('of a scheme with RSA, for a key that is given', async () => {
    const scheme = defineScheme({
      name: 'rsa',
      headers: { signature: 'x-rsa', timestamp: 'x-time' },
      signed: ['timestamp', '.', 'body'],
      algorithm: 'rsa-sha256',
      signature: singleSignature({ encoding: base64 }),
    })
    await check(scheme, { secret: pemOf('rsa') })
    expect(thrownBy(() => signedDelivery({ scheme }))).toMatchObject({ code: 'invalid_option', option: 'secret' })
  })

  it.each([
    ['a body of any kind', { body: webhookBody() }, [circle, discord, gitlab, paystack, square, contentful, zendesk]],
    ['an address with a path and a query', { url: 'https://a.example/hook?x=%2F%20y&z' }, [twilio, square, contentful]],
    ['a time at the beginning of time', { now: 5 }, [workos, zendesk, linear, mailgun]],
    ['a wide tolerance', { toleranceSeconds: 1_000_000_000 }, [workos, zendesk, mailgun]],
  ] as const)('with %s', async (_, options, schemes) => {
    for (const scheme of schemes) await check(scheme, options)
  })
})

describe('a tampering', () => {
  const kindsOf = (scheme: WebhookScheme): Set<string> => {
    const codes = ['signature_mismatch', 'missing_signature', 'missing_timestamp'] as const
    const possible = codes.filter((code) => code !== 'missing_timestamp' || scheme.bodyFields !== undefined)
    const sample = fc.sample(tamperedDelivery({ scheme, codes: possible, maxBodyBytes: 2_000 }), {
      numRuns: 250,
      seed: 1,
    })
    return new Set(sample.map(({ expectedCode, tampering }) => `${expectedCode}: ${tampering.replace(/\d+/g, '#')}`))
  }

  it.each([
    ['discord', discord, ['a second form of the signature, S + L', 'an HMAC under the public key']],
    ['circle', circle, ['a signature of r = # and s = #', 'an HMAC under the public key']],
    ['gitlab', gitlab, ['token cut short', 'token with a character behind it']],
    ['paystack', paystack, ['MAC of # bytes of #', 'bit # of the MAC flipped']],
    ['square', square, ['signed for another address']],
    ['quicknode', quicknode, ['x-qn-nonce replaced']],
    ['mailgun', mailgun, ['delivery id replaced']],
  ] as const)('is what the algorithm and the scheme are open to: %s', (_, scheme, tamperings) => {
    const kinds = kindsOf(scheme)
    for (const tampering of tamperings) expect(kinds).toContain(`signature_mismatch: ${tampering}`)
  })

  it('takes away what the sender puts into the body', () => {
    const kinds = [...kindsOf(mailgun)]
    expect(kinds).toContain('missing_signature: signature removed from the body')
    expect(kinds).toContain('missing_signature: fields removed from the body')
    expect(kinds).toContain('missing_timestamp: timestamp removed from the body')
    expect(kindsOf(quicknode)).toContain('missing_signature: x-qn-nonce removed')
  })

  it('changes nothing where nothing is signed', () => {
    expect([...kindsOf(gitlab)].filter((kind) => kind.includes('body'))).toEqual([])
  })
})

describe('options', () => {
  it.each<[string, SignedDeliveryConstraints, string]>([
    ['an address without a path', { scheme: square, url: 'https://example.com' }, 'url'],
    ['a path alone', { scheme: square, url: '/webhooks' }, 'url'],
    ['an address with a fragment', { scheme: square, url: 'https://example.com/#a' }, 'url'],
    ['a header that cannot be sent', { scheme: quicknode, headers: { 'x-qn-nonce': 'é' } }, 'headers'],
    ['a body that cannot hold what the sender adds', { scheme: mailgun, body: '[]' }, 'body'],
    ['a body that holds it already', { scheme: linear, body: '{"webhookTimestamp":1}' }, 'body'],
    ['no room for what the sender adds', { scheme: mailgun, maxBodyBytes: 1_001 }, 'maxBodyBytes'],
  ])('%s throws before anything is generated', (_, options, option) => {
    expect(thrownBy(() => signedDelivery(options))).toMatchObject({ code: 'invalid_option', option })
  })

  it.each([
    ['a public key, which cannot sign', discord, '11'.repeat(32), /is not in the scheme's form|public key/],
    ['a token that no header can carry', gitlab, 'tökén', /visible ASCII/],
  ] as const)('%s is refused', (_, scheme, secret, message) => {
    expect(thrownBy(() => signedDelivery({ scheme, secret }))).toMatchObject({
      code: 'invalid_secret',
      message: expect.stringMatching(message),
    })
  })

  it('gives a signed header its value', () => {
    const headers = { 'X-Qn-Nonce': 'n1' }
    for (const delivery of fc.sample(signedDelivery({ scheme: quicknode, headers }), 5)) {
      expect(delivery.headers['x-qn-nonce']).toBe('n1')
    }
  })

  it('leaves out an address that is not signed', () => {
    const url = 'https://example.com/webhooks'
    const keysOf = (scheme: WebhookScheme) => fc.sample(signedDelivery({ scheme, url }), 1).flatMap(Object.keys)
    expect(keysOf(paystack)).toEqual(['scheme', 'secret', 'now', 'headers', 'body'])
    expect(keysOf(square)).toEqual(['scheme', 'secret', 'now', 'headers', 'body', 'url'])
  })
})
