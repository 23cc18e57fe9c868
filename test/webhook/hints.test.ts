// What a verdict tells a beginner: that the request is another sender's, and how a signature should have been written.

import { describe, expect, it } from 'vitest'
import { createAsyncWebhookVerifier } from '../../src/adapters/fetch.ts'
import { createWebhookReceiver, createWebhookVerifier, defineScheme, WEBHOOK_STATUS } from '../../src/webhook/index.ts'
import {
  base64,
  fieldSignature,
  hex,
  hexAnyCase,
  type SignatureFormat,
  singleSignature,
  versionedSignature,
} from '../../src/webhook/schemes/index.ts'
import { clock, SCHEME_NAMES, schemeOf, send, signatureHeader, verify } from './support.ts'

const hintOf = (header: string, then: string) =>
  `The request has the header ${header}. If it comes from another sender, set the scheme option (${then}).`
const BY_DEFAULT = 'fluxora is the default'

describe('fluxora by default, on a request of another sender', () => {
  const others = SCHEME_NAMES.filter((name) => name !== 'fluxora')

  it.each(others)('%s: names its header and the scheme option', (name) => {
    const verdict = createWebhookVerifier({ secrets: 'topsecret', now: clock }).verify({
      headers: send(name),
      body: '{}',
    })
    expect(verdict).toEqual({
      ok: false,
      status: 401,
      code: 'missing_delivery_id',
      message: `The x-fluxora-delivery-id header is missing. ${hintOf(signatureHeader(name), BY_DEFAULT)}`,
    })
  })

  it('says so by WebCrypto and by a receiver too', async () => {
    const delivery = { headers: send('stripe'), body: '{}' }
    const options = { secrets: 'topsecret', now: clock }
    const { message } = await createAsyncWebhookVerifier(options).verify(delivery)
    expect(message).toContain(hintOf('stripe-signature', BY_DEFAULT))
    const outcome = await createWebhookReceiver(options).receive(delivery, () => {})
    expect(outcome).toMatchObject({ code: 'missing_delivery_id', message })
  })

  it.each([
    ['svix-signature'],
    ['x-twilio-signature'],
    ['x-signature-ed25519'],
    ['x-line-signature'],
    ['linear-signature'],
    ['paddle-signature'],
    ['x-razorpay-signature'],
    ['x-hubspot-signature-v3'],
    ['hmacsignature'],
    ['x-shopify-hmac-sha256'],
    ['x_custom_hmac'],
  ])('knows %s by its form', (header) => {
    for (const name of [header, header.toUpperCase()]) {
      expect(verify('fluxora', { host: 'a', [name]: 'x', accept: 'b' }).message).toBe(
        `The x-fluxora-delivery-id header is missing. ${hintOf(header, BY_DEFAULT)}`,
      )
    }
  })

  it('in every kind of bag', () => {
    const pairs: [string, string][] = [
      ['host', 'a'],
      ['Stripe-Signature', 't=1,v1=a'],
    ]
    for (const bag of [
      Object.fromEntries(pairs),
      pairs,
      pairs.flat(),
      new Map(pairs),
      new Headers(pairs),
      pairs.values(),
    ]) {
      expect(verify('fluxora', bag).message).toContain(hintOf('stripe-signature', BY_DEFAULT))
    }
  })

  it('names the first of several', () => {
    expect(verify('fluxora', { 'x-hub-signature': 'a', 'x-hub-signature-256': 'b' }).message).toContain(
      hintOf('x-hub-signature', BY_DEFAULT),
    )
  })
})

describe('another scheme', () => {
  it.each(SCHEME_NAMES.filter((name) => name !== 'fluxora'))('%s: names itself', (name) => {
    const foreign = name === 'stripe' ? 'github' : 'stripe'
    const verdict = verify(name, send(foreign))
    expect(verdict.code).toMatch(/^missing_/)
    expect(verdict.message).toContain(`header is missing. ${hintOf(signatureHeader(foreign), `it is ${name} here`)}`)
  })
})

describe('no hint', () => {
  const plain = (message: string) => expect(message).toMatch(/^The [\w-]+ header is missing\.$/)

  it('if no header looks like a signature', () => {
    plain(verify('fluxora', {}).message)
    plain(verify('fluxora', { host: 'a', authorization: 'hmac signature', accept: 'signature' }).message)
  })

  it("if the scheme's own signature is there", () => {
    const own = send('fluxora')
    for (const name of ['x-fluxora-delivery-id', 'x-fluxora-timestamp']) {
      plain(verify('fluxora', { ...own, [name]: undefined, 'stripe-signature': 'a' }).message)
    }
  })

  it('if the only other header is one of its own, without a value', () => {
    plain(verify('fluxora', { 'x-fluxora-signature': '' }).message)
    plain(verify('stellarPayment', { 'stellar-timestamp': '1', 'pluto-signature': '' }).message)
  })

  it('if a name is not a valid name, or too long to repeat', () => {
    for (const name of [
      'signature!',
      'x signature',
      'x-signature\r\nset-cookie: a=b',
      '<script>signature</script>',
      'signatüre-hmac',
      `x-${'a'.repeat(54)}-signature`,
      'a'.repeat(10_000).concat('signature'),
    ]) {
      plain(verify('fluxora', [name, 'x']).message)
    }
    expect(verify('fluxora', [`${'a'.repeat(55)}signature`, 'x']).message).toContain('signature')
  })

  it('if the bag or a proxy throws', () => {
    let keys = 0
    const bag = new Proxy({ 'stripe-signature': 'a' } as Record<string, string>, {
      ownKeys: (target) => {
        if (keys++ > 0) throw new Error('hostile')
        return Reflect.ownKeys(target)
      },
    })
    plain(verify('fluxora', bag).message)
  })

  it('if the delivery is genuine: nothing is searched', () => {
    let reads = 0
    const headers = new Proxy(send('fluxora'), {
      ownKeys: (target) => {
        reads++
        return Reflect.ownKeys(target)
      },
    })
    expect(verify('fluxora', headers).code).toBe('ok')
    expect(reads).toBe(1)
  })
})

describe('a signature in another form', () => {
  it.each([
    ['fluxora', '<hex>'],
    ['stellarPayment', 'sha256=<hex>'],
    ['chronomind', 't=<seconds>,v1=<hex>'],
    ['fluxdrop', '<hex>'],
    ['standardWebhooks', 'v1,<base64>'],
    ['stripe', 't=<seconds>,v1=<hex>'],
    ['github', 'sha256=<hex>'],
    ['slack', 'v0=<hex>'],
    ['shopify', '<base64>'],
  ] as const)('%s says the form: %s', (name, form) => {
    expect(schemeOf(name).signature.form).toBe(form)
    const header = signatureHeader(name)
    for (const wrong of ['hidden-7f3a', 't=1', 'sha1=00']) {
      expect(verify(name, { ...send(name), [header]: wrong })).toEqual({
        ok: false,
        status: WEBHOOK_STATUS.malformed_signature,
        code: 'malformed_signature',
        message: `The ${header} header is not in the form that the scheme writes, which is ${form}.`,
      })
    }
  })

  const messageOf = (signature: SignatureFormat) => {
    const scheme = defineScheme({ name: 'x', headers: { signature: 'x-sig' }, signed: ['body'], signature })
    return createWebhookVerifier({ scheme, secrets: 's' }).verify({ headers: { 'x-sig': '-' }, body: '' }).message
  }

  it('a custom format names its own form, if it has one', () => {
    const read = () => undefined
    const write = () => ''
    const format = { carriesTimestamp: false, carriesMany: false, read, write }
    expect(messageOf(format)).toBe('The x-sig header is not in the form that the scheme writes.')
    expect(messageOf({ ...format, form: 'keyId=<name>;<hex>' })).toBe(
      'The x-sig header is not in the form that the scheme writes, which is keyId=<name>;<hex>.',
    )
  })

  it('is built from the parts of the format', () => {
    const encoding = { encode: hex.encode, decode: hex.decode }
    for (const [format, form] of [
      [singleSignature({ encoding: hexAnyCase }), '<hex>'],
      [singleSignature({ encoding: base64, prefix: 'p ' }), 'p <base64>'],
      [singleSignature({ encoding, prefix: 'p=' }), 'p=<signature>'],
      [singleSignature({ encoding: { ...encoding, form: 'base58' } }), '<base58>'],
      [fieldSignature({ encoding: base64, timestamp: 'ts', signature: 'h1' }), 'ts=<seconds>,h1=<base64>'],
      [versionedSignature({ encoding: hex, version: 'v2' }), 'v2,<hex>'],
    ] as const) {
      expect(format.form).toBe(form)
      expect(messageOf(format)).toContain(`which is ${form}.`)
    }
  })
})
