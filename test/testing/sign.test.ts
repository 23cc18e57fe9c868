import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type SignTestDeliveryInput, signTestDelivery } from '../../src/testing/index.ts'
import { createWebhookSigner, createWebhookVerifier, type WebhookScheme } from '../../src/webhook/index.ts'
import { ALL_SCHEMES } from '../../src/webhook/schemes/all-schemes.ts'
import { circle, linear, mailgun, square } from '../../src/webhook/schemes/index.ts'
import { SCHEME_NAMES, schemeOf, secretOf } from '../webhook/support.ts'

const secret = 'topsecret'

describe('signing a test delivery', () => {
  it.each([...SCHEME_NAMES])('writes what createWebhookSigner writes: %s', (name) => {
    const options = { scheme: schemeOf(name), now: () => 1_710_000_000 }
    const input = { body: '{"é":1}', deliveryId: 'd1', event: 'push', timestamp: 1_710_000_000 }
    const { headers, body } = signTestDelivery({ ...input, scheme: schemeOf(name), secret: secretOf(name) })
    const signed = createWebhookSigner({ ...options, secrets: secretOf(name) }).sign(input)
    expect(headers).toEqual({ 'content-type': 'application/json', ...signed })
    expect(body).toBe(input.body)
  })

  const pair = { ed25519: generateKeyPairSync('ed25519'), ecdsa: generateKeyPairSync('ec', { namedCurve: 'P-256' }) }
  const keysOf = ({ name, proof }: WebhookScheme): { signs: string; verifies: string } => {
    if (name === 'standardWebhooks' || name === 'svix' || name === 'gitlabSigned') return shared(btoa('x'.repeat(24)))
    if (proof.algorithm === 'ed25519') return pem(pair.ed25519)
    if (proof.algorithm === 'ecdsa-p256-sha256') return pem(pair.ecdsa)
    return shared(name === 'adyen' ? '00ff'.repeat(16) : secret)
  }
  const shared = (text: string) => ({ signs: text, verifies: text })
  const pem = ({ privateKey, publicKey }: (typeof pair)['ed25519']) => ({
    signs: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    verifies: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
  })
  const now = () => 1_710_000_000
  const input = { body: '{"é":1}', deliveryId: 'd1', event: 'push', timestamp: now(), url: 'https://a.example/b?c' }
  // Contentful's header has to be a list of headers.
  const headers = { 'x-qn-nonce': 'n', 'x-contentful-signed-headers': 'x-contentful-signed-headers' }

  it.each(Object.entries(ALL_SCHEMES))('gives what a verifier takes, under every scheme: %s', (_, scheme) => {
    const { signs, verifies } = keysOf(scheme)
    const delivery = signTestDelivery({ ...input, scheme, secret: signs, headers })
    const verdict = createWebhookVerifier({ scheme, secrets: verifies, now }).verify(delivery)
    expect(verdict).toMatchObject({ code: 'ok', delivery: { scheme: scheme.name } })
  })

  // ECDSA signatures are random, and a signer writes no signature into a body.
  const written = Object.entries(ALL_SCHEMES).filter(([, each]) => !each.bodyFields && each.proof !== circle.proof)
  it.each(written)('writes what createWebhookSigner writes, under every scheme: %s', (_, scheme) => {
    const { signs } = keysOf(scheme)
    const signed = createWebhookSigner({ scheme, secrets: signs, now }).sign({ ...input, headers })
    expect(signTestDelivery({ ...input, scheme, secret: signs, headers }).headers).toMatchObject(signed)
  })

  it('puts into the body what the sender puts there, and leaves the rest as it is', () => {
    const sign = (body: string) => signTestDelivery({ scheme: linear, secret, body, timestamp: now() }).body
    expect(sign(' {"a": 1.0}\n')).toBe(' {"webhookTimestamp":1710000000000,"a": 1.0}\n')
    expect(sign('{ }')).toBe('{"webhookTimestamp":1710000000000 }')
    const own = '{"webhookTimestamp":1710000000001}'
    expect(sign(own)).toBe(own)
    const bytes = new TextEncoder().encode('{}')
    const { body } = signTestDelivery({ scheme: mailgun, secret, body: bytes, deliveryId: 'd1', timestamp: now() })
    expect(JSON.parse(new TextDecoder().decode(body))).toEqual({
      signature: { timestamp: 1_710_000_000, token: 'd1', signature: expect.stringMatching(/^[0-9a-f]{64}$/) },
    })
  })

  it('says for which address it was signed', () => {
    expect(signTestDelivery({ scheme: square, secret, body: '{}' }).url).toBe('https://example.com/')
    expect(signTestDelivery({ ...input, scheme: square, secret }).url).toBe(input.url)
    expect(signTestDelivery({ ...input, secret })).not.toHaveProperty('url')
  })

  it('takes the current time and a random id by default', () => {
    const { headers } = signTestDelivery({ secret: new TextEncoder().encode(secret), body: '{}' })
    expect(Math.abs(Number(headers['x-fluxora-timestamp']) - Date.now() / 1000)).toBeLessThan(2)
    expect(headers['x-fluxora-delivery-id']).toMatch(/^[\da-f]{8}-/)
  })

  it.each<[string, Partial<Record<keyof SignTestDeliveryInput, unknown>>, string]>([
    ['an object that is not a scheme', { scheme: {} }, 'invalid_scheme'],
    ['a blank secret', { secret: '' }, 'invalid_secret'],
    ['an object for a body', { body: { a: 1 } }, 'invalid_input'],
    ['ill-formed text', { body: '\ud800' }, 'invalid_input'],
    ['half a second', { timestamp: 1.5 }, 'invalid_input'],
    ['a timestamp that has no text', { timestamp: Object.create(null) }, 'invalid_input'],
    ['an id with a line break', { deliveryId: 'a\nb' }, 'invalid_input'],
    ['an id that could be parsed as two ids', { deliveryId: 'a, b' }, 'invalid_input'],
    ['an event that no header can carry', { event: 'é' }, 'invalid_input'],
    ['an address without a path', { url: 'https://example.com' }, 'invalid_input'],
    ['a header that cannot be sent', { headers: { a: '\n' } }, 'invalid_input'],
    ['a body that cannot hold a timestamp', { scheme: linear, body: '[]' }, 'invalid_input'],
    ['a body that has a signature already', { scheme: mailgun, body: '{"signature":{}}' }, 'invalid_input'],
  ])('throws for %s', (_, wrong, code) => {
    expect(() => signTestDelivery({ secret, body: '{}', ...wrong } as never)).toThrow(expect.objectContaining({ code }))
  })

  it('throws if there is no input', () => {
    expect(() => signTestDelivery(null as never)).toThrow(expect.objectContaining({ code: 'invalid_option' }))
  })
})
