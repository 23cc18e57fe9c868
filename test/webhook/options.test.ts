// A misspelt option would leave its default in force, and nobody would notice. So an unknown name throws at once, with the known names in
// the message. And the types accept what an environment and a framework really provide.

import type { IncomingHttpHeaders } from 'node:http'
import type { Request as ExpressRequest } from 'express'
import { describe, expect, it } from 'vitest'
import { expressWebhook } from '../../src/adapters/express.ts'
import { createAsyncWebhookSigner, createAsyncWebhookVerifier, createWebhookRoute } from '../../src/adapters/fetch.ts'
import { createWebhookListener } from '../../src/adapters/http.ts'
import { signTestDelivery } from '../../src/testing/index.ts'
import {
  computeWebhookSignature,
  createWebhookReceiver,
  createWebhookSigner,
  createWebhookVerifier,
  previousSecret,
  verifyWebhookSignature,
  type WebhookError,
} from '../../src/webhook/index.ts'
import { fluxora } from '../../src/webhook/schemes/index.ts'
import { clock, hmac, NOW, thrownBy } from './support.ts'

type Any = never

const CHECKS = 'secrets, scheme, toleranceSeconds, maxBodyBytes, now'
const secrets = 'topsecret'
const valid = {
  secret: 'topsecret',
  deliveryId: 'd1',
  timestamp: String(NOW),
  signature: hmac('topsecret', `${NOW}.{}`).toString('hex'),
  rawBody: '{}',
  now: NOW,
}

describe('an unknown option name', () => {
  it.each<[string, string, string, () => unknown]>([
    ['a verifier', 'tolerance', CHECKS, () => createWebhookVerifier({ secrets, tolerance: 5 } as Any)],
    ['a verifier', 'secret', CHECKS, () => createWebhookVerifier({ secret: 'topsecret' } as Any)],
    ['a verifier', 'dedupe', CHECKS, () => createWebhookVerifier({ secrets, dedupe: {}, namespace: 'n' } as Any)],
    [
      'a verifier',
      'toleranceSecond',
      CHECKS,
      () => createWebhookVerifier({ secrets, toleranceSecond: undefined } as Any),
    ],
    [
      'an asynchronous verifier',
      'maxBodySize',
      CHECKS,
      () => createAsyncWebhookVerifier({ secrets, maxBodySize: 5 } as Any),
    ],
    [
      'a signer',
      'toleranceSeconds',
      'secrets, scheme, now',
      () => createWebhookSigner({ secrets, toleranceSeconds: 5 } as Any),
    ],
    [
      'an asynchronous signer',
      'secret',
      'secrets, scheme, now',
      () => createAsyncWebhookSigner({ secret: 'a' } as Any),
    ],
    ['a signer', 'secret', 'secrets, scheme, now', () => createWebhookSigner({ secret: 'topsecret' } as Any)],
    [
      'the contract',
      'delivery_id',
      'secret, secretPrevious, previousSecretRotatedAt, graceWindowSeconds, deliveryId, timestamp, signature, rawBody, toleranceSeconds, maxBodyBytes, now, duplicateStatus, isDuplicateDelivery',
      () => verifyWebhookSignature({ ...valid, delivery_id: 'd1' } as Any),
    ],
  ])('%s: %s', (_, name, known, make) => {
    expect(thrownBy(make)).toMatchObject({
      name: 'WebhookError',
      code: 'invalid_option',
      option: name,
      message: `${name} is not an option here. The options are ${known}.`,
    })
  })

  it.each<[string, (named: object) => unknown]>([
    ['a verifier', (named) => createWebhookVerifier({ secrets: named as Any })],
    ['a signer', (named) => createWebhookSigner({ secrets: named as Any })],
    ['a receiver', (named) => createWebhookReceiver({ secrets: named as Any })],
    ['an asynchronous verifier', (named) => createAsyncWebhookVerifier({ secrets: named as Any })],
  ])('in a named secret: %s', (_, make) => {
    const rest = 'is not an option here. The options are secret, id, expiresAt.'
    expect(thrownBy(() => make({ secret: 'a', expires: 5 }))).toMatchObject({
      code: 'invalid_option',
      option: 'secrets.expires',
      message: `secrets.expires ${rest}`,
    })
    expect(thrownBy(() => make(['b', { secret: 'a', keyId: 'k' }]))).toMatchObject({
      option: 'secrets.keyId',
      message: `secrets[1].keyId ${rest}`,
    })
    expect(thrownBy(() => make(previousSecret({ secret: 'a', keyId: 'k' } as Any, NOW)))).toMatchObject({
      option: 'secrets.keyId',
    })
  })

  it('is found among all members, while each known name is accepted, set or not', () => {
    const all = { secrets, scheme: fluxora, toleranceSeconds: 5, maxBodyBytes: 5, now: clock }
    const none = { secrets, scheme: undefined, toleranceSeconds: undefined, maxBodyBytes: undefined, now: undefined }
    for (const options of [all, none]) {
      expect(() => createWebhookVerifier(options)).not.toThrow()
      expect(() => createAsyncWebhookVerifier(options)).not.toThrow()
    }
    expect(() => createWebhookSigner({ secrets, scheme: fluxora, now: clock })).not.toThrow()
    expect(() => createWebhookSigner({ secrets, scheme: undefined, now: undefined })).not.toThrow()
    const contract = {
      ...valid,
      secretPrevious: undefined,
      previousSecretRotatedAt: undefined,
      graceWindowSeconds: undefined,
      toleranceSeconds: undefined,
      maxBodyBytes: undefined,
      duplicateStatus: undefined,
      isDuplicateDelivery: undefined,
    }
    expect(verifyWebhookSignature(contract).code).toBe('ok')
  })

  it('is not looked for in inherited members', () => {
    const options = Object.create({ helper: 5 }, { secrets: { value: secrets, enumerable: true } })
    expect(() => createWebhookVerifier(options)).not.toThrow()
  })
})

describe('an environment variable', () => {
  const unset: string | undefined = process.env.A_VARIABLE_THAT_IS_NOT_SET
  const given: string | undefined = secrets

  // Every place accepts the same type; half of the test is that this compiles.
  it.each<[string, (variable: string | undefined) => unknown]>([
    ['a verifier', (variable) => createWebhookVerifier({ secrets: variable })],
    ['a verifier, a list', (variable) => createWebhookVerifier({ secrets: [variable, variable] })],
    ['a verifier, a name', (variable) => createWebhookVerifier({ secrets: { secret: variable, id: 'k' } })],
    [
      'a verifier, a list of names',
      (variable) => createWebhookVerifier({ secrets: [{ secret: variable, id: 'k' }, 'a'] }),
    ],
    [
      'a verifier, the former one',
      (variable) => createWebhookVerifier({ secrets: ['a', previousSecret(variable, NOW)] }),
    ],
    ['an asynchronous verifier', (variable) => createAsyncWebhookVerifier({ secrets: variable })],
    ['an asynchronous verifier, a list', (variable) => createAsyncWebhookVerifier({ secrets: [variable, variable] })],
    ['a signer', (variable) => createWebhookSigner({ secrets: variable })],
    ['a signer, a list', (variable) => createWebhookSigner({ secrets: [{ secret: variable }, variable] })],
    ['a receiver', (variable) => createWebhookReceiver({ secrets: variable })],
    ['a receiver, a list', (variable) => createWebhookReceiver({ secrets: [variable, { secret: variable }] })],
    ['http', (variable) => createWebhookListener({ secrets: variable }, () => {})],
    ['http, a list', (variable) => createWebhookListener({ secrets: [variable, { secret: variable }] }, () => {})],
    ['express', (variable) => expressWebhook({ secrets: [variable, { secret: variable }] })],
    ['fetch', (variable) => createWebhookRoute({ secrets: variable }, () => {})],
    ['fetch, a list', (variable) => createWebhookRoute({ secrets: [variable, { secret: variable }] }, () => {})],
    ['computeWebhookSignature', (variable) => computeWebhookSignature(variable, NOW, '')],
    ['signTestDelivery', (variable) => signTestDelivery({ secret: variable, body: '' })],
  ])('may be the secret of %s, which throws if it is unset', (_, make) => {
    expect(() => make(given)).not.toThrow()
    const error = thrownBy(() => make(unset)) as WebhookError
    expect(error).toMatchObject({ name: 'WebhookError', code: 'invalid_secret' })
    expect(error.message).toMatch(/^secrets?(\[\d\])?(\.secret)? is not set/)
  })

  it('may be read by a function, which may find nothing', () => {
    for (const find of [() => unset, async () => unset, () => [unset], () => ({ secret: unset }), () => null]) {
      expect(() => createWebhookReceiver({ secrets: find })).not.toThrow()
    }
  })

  it('that is unset means missing_secret in the contract', () => {
    expect(verifyWebhookSignature({ ...valid, secret: unset }).code).toBe('missing_secret')
  })
})

describe('headers in the contract', () => {
  const { secret, rawBody, now } = valid
  const check = (headers: IncomingHttpHeaders) =>
    verifyWebhookSignature({
      secret,
      deliveryId: headers['x-fluxora-delivery-id'],
      timestamp: headers['x-fluxora-timestamp'],
      signature: headers['x-fluxora-signature'],
      rawBody,
      now,
    })
  const headers = {
    'x-fluxora-delivery-id': valid.deliveryId,
    'x-fluxora-timestamp': valid.timestamp,
    'x-fluxora-signature': valid.signature,
  }

  it('from Node', () => {
    expect(check(headers).code).toBe('ok')
    expect(check({}).code).toBe('missing_delivery_id')
  })

  it('from Express', () => {
    const handle = (req: Pick<ExpressRequest, 'headers' | 'get'>) =>
      verifyWebhookSignature({
        secret,
        deliveryId: req.headers['x-fluxora-delivery-id'],
        timestamp: req.headers['x-fluxora-timestamp'],
        signature: req.get('x-fluxora-signature'),
        rawBody,
        now,
      })
    const get = ((name: string) => headers[name as keyof typeof headers]) as ExpressRequest['get']
    expect(handle({ headers, get }).code).toBe('ok')
  })

  it('from Fetch, which are null if they are missing', () => {
    const bag = new Headers(headers)
    const read = (from: Headers) =>
      verifyWebhookSignature({
        secret,
        deliveryId: from.get('x-fluxora-delivery-id'),
        timestamp: from.get('x-fluxora-timestamp'),
        signature: from.get('x-fluxora-signature'),
        rawBody,
        now,
      })
    expect(read(bag).code).toBe('ok')
    expect(read(new Headers()).code).toBe('missing_delivery_id')
  })

  it.each([
    ['deliveryId', 'missing_delivery_id', 'x-fluxora-delivery-id'],
    ['timestamp', 'missing_timestamp', 'x-fluxora-timestamp'],
    ['signature', 'missing_signature', 'x-fluxora-signature'],
  ] as const)('%s in an array: one is used, several are refused, and the message says so', (field, code, header) => {
    const value = valid[field]
    expect(verifyWebhookSignature({ ...valid, [field]: [value] }).code).toBe('ok')
    for (const values of [
      [value, value],
      [value, ''],
      ['', value],
      [value, value, value],
      Object.assign([value], { length: 2 ** 32 - 1 }),
    ]) {
      expect(verifyWebhookSignature({ ...valid, [field]: values })).toEqual({
        ok: false,
        status: 401,
        code,
        message: `The ${header} header was sent more than once, so none of its values is used.`,
      })
    }
    for (const values of [[], [''], [undefined], [7], [[value]]]) {
      expect(verifyWebhookSignature({ ...valid, [field]: values as Any })).toMatchObject({
        code,
        message: `The ${header} header is missing.`,
      })
    }
  })
})

describe('a value that is not a header', () => {
  const revoked = Proxy.revocable([], {})
  revoked.revoke()
  const throwing = new Proxy([], {
    get() {
      throw new Error('hostile')
    },
  })
  // In functions, because a test's title would read them.
  const values: [string, () => unknown][] = [
    ['a revoked proxy', () => revoked.proxy],
    ['a proxy that throws', () => throwing],
    ['an object', () => ({})],
    ['a function', () => () => 'd1'],
    ['a symbol', () => Symbol('d1')],
    ['a Map', () => new Map()],
  ]

  it.each(values)('%s counts as missing', (_, make) => {
    expect(verifyWebhookSignature({ ...valid, deliveryId: make() as Any }).code).toBe('missing_delivery_id')
    expect(verifyWebhookSignature({ ...valid, signature: make() as Any }).code).toBe('missing_signature')
  })
})

describe('duplicateStatus of the contract', () => {
  const check = (changes: object) => verifyWebhookSignature({ ...valid, isDuplicateDelivery: () => true, ...changes })

  it('is 200 by default, or 409, and ok is false in both', () => {
    const duplicate = { ok: false, code: 'duplicate_delivery', message: 'The delivery was handled before.' }
    expect(check({})).toEqual({ ...duplicate, status: 200 })
    expect(check({ duplicateStatus: undefined })).toEqual({ ...duplicate, status: 200 })
    expect(check({ duplicateStatus: 200 })).toEqual({ ...duplicate, status: 200 })
    expect(check({ duplicateStatus: 409 })).toEqual({ ...duplicate, status: 409 })
  })

  it('can be combined with usedPreviousSecret', () => {
    expect(check({ secret: 'new', secretPrevious: 'topsecret', duplicateStatus: 409 })).toMatchObject({
      status: 409,
      usedPreviousSecret: true,
    })
  })

  it('changes no other status', () => {
    const down = () => {
      throw new Error('down')
    }
    expect(check({ duplicateStatus: 409, isDuplicateDelivery: () => false })).toMatchObject({ status: 200, code: 'ok' })
    expect(check({ duplicateStatus: 409, isDuplicateDelivery: down })).toMatchObject({ status: 503 })
    expect(check({ duplicateStatus: 409, signature: '0'.repeat(64) })).toMatchObject({ status: 401 })
  })

  it('must be one of the two, whatever else is wrong', () => {
    for (const duplicateStatus of [204, 0, '200', null, Number.NaN]) {
      expect(thrownBy(() => check({ duplicateStatus, secret: undefined }))).toMatchObject({
        code: 'invalid_option',
        option: 'duplicateStatus',
        message: 'duplicateStatus must be 200 or 409.',
      })
    }
  })
})
