import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  headerBag,
  type SignedDelivery,
  signedDelivery,
  type TamperedCode,
  type TamperedDelivery,
  type TamperedDeliveryConstraints,
  tamperedDelivery,
  webhookBody,
} from '../../../src/testing/index.ts'
import type { HeaderBag, Verification, WebhookScheme, WebhookVerifierOptions } from '../../../src/webhook/index.ts'
import { createWebhookVerifier, defineScheme } from '../../../src/webhook/index.ts'
import * as schemes from '../../../src/webhook/schemes/index.ts'
import { createAsyncWebhookVerifier } from '../../../src/webhook/verify-async.ts'
import { SCHEME_NAMES, type SchemeName, schemeOf } from '../../webhook/support.ts'

const all = SCHEME_NAMES.map(schemeOf)

/** A custom scheme: the id and the timestamp after the body, and two names for the signature header. */
const own = defineScheme({
  name: 'own',
  headers: { signature: ['own-signature', 'old-signature'], timestamp: 'own-time', deliveryId: 'own-id' },
  signed: ['body', ':', 'timestamp', ':', 'deliveryId'],
  signature: schemes.singleSignature({ encoding: schemes.hex, prefix: 'own ' }),
})

const optionsOf = (
  delivery: SignedDelivery,
  options: Partial<WebhookVerifierOptions> = {},
): WebhookVerifierOptions => ({
  scheme: delivery.scheme,
  secrets: delivery.secret,
  now: () => delivery.now,
  ...options,
})

function verify(
  delivery: SignedDelivery,
  headers: HeaderBag = delivery.headers,
  options: Partial<WebhookVerifierOptions> = {},
): Verification {
  return createWebhookVerifier(optionsOf(delivery, options)).verify({ headers, body: delivery.body })
}

const codeOf = (delivery: TamperedDelivery, options: Partial<WebhookVerifierOptions> = {}): string =>
  verify(delivery, delivery.headers, options).code

/** True if any transport carries the headers unchanged: neither Node nor Fetch trims, joins or refuses them. */
const isSendable = (headers: Readonly<Record<string, string>>): boolean =>
  Object.entries(headers).every(
    ([name, value]) =>
      /^[\w-]+$/.test(name) && /^([!-~]([ -~]*[!-~])?)?$/.test(value) && new Headers(headers).get(name) === value,
  )

describe('signed deliveries', () => {
  it.each([...SCHEME_NAMES])('are accepted under %s, and arrive over HTTP unchanged', (name) => {
    fc.assert(
      fc.property(signedDelivery({ scheme: schemeOf(name), body: webhookBody() }), (delivery) => {
        const verdict = verify(delivery)
        expect(verdict).toMatchObject({ ok: true, delivery: { scheme: name } })
        expect(isSendable(delivery.headers)).toBe(true)
      }),
    )
  })

  it('are accepted by the WebCrypto verifier, of any scheme, in any bag of headers', async () => {
    const delivery = signedDelivery({ scheme: [...all, own] })
    const received = delivery.chain((each) => fc.tuple(fc.constant(each), headerBag({ headers: each.headers })))
    await fc.assert(
      fc.asyncProperty(received, async ([each, headers]) => {
        expect(verify(each, headers).code).toBe('ok')
        const verdict = await createAsyncWebhookVerifier(optionsOf(each)).verify({ headers, body: each.body })
        expect(verdict.code).toBe('ok')
      }),
    )
  })

  it('have every fixed value', () => {
    const fixed = {
      scheme: schemes.fluxora,
      secret: 'topsecret',
      now: 1_710_000_000,
      body: '{"a":1}',
      deliveryId: 'd1',
      event: 'push',
      toleranceSeconds: 10,
      marginSeconds: 4,
    }
    fc.assert(
      fc.property(signedDelivery(fixed), ({ secret, now, body, headers }) => {
        expect([secret, now, new TextDecoder().decode(body)]).toEqual(['topsecret', 1_710_000_000, '{"a":1}'])
        expect(headers).toMatchObject({ 'x-fluxora-delivery-id': 'd1', 'x-fluxora-event': 'push' })
        expect(Math.abs(Number(headers['x-fluxora-timestamp']) - now)).toBeLessThanOrEqual(6)
      }),
    )
  })

  it('have a fixed id and event of one character', () => {
    fc.assert(
      fc.property(signedDelivery({ deliveryId: 'd', event: '~' }), (delivery) => {
        expect(delivery.headers).toMatchObject({ 'x-fluxora-delivery-id': 'd', 'x-fluxora-event': '~' })
        expect(verify(delivery).ok).toBe(true)
      }),
    )
  })

  it('have only those bodies of an arbitrary that can be sent', () => {
    const body = fc.constantFrom(
      '\ud800',
      'good',
      new Uint8Array([255]),
      'too long for this',
      ...[{}, new ArrayBuffer(1)].map((each) => each as never),
    )
    const bodies = fc.sample(signedDelivery({ body, maxBodyBytes: 10 }), { numRuns: 100, seed: 1 })
    expect(new Set(bodies.map((delivery) => Buffer.from(delivery.body).toString('latin1')))).toEqual(
      new Set(['good', '\xff']),
    )
  })

  it('reach both edges of the tolerance, and have bodies that JSON.stringify would not write', () => {
    const sample = fc.sample(signedDelivery({ now: 1_710_000_000 }), { numRuns: 500, seed: 7 })
    const ages = sample.map(({ headers }) => 1_710_000_000 - Number(headers['x-fluxora-timestamp']))
    expect([Math.min(...ages), Math.max(...ages)]).toEqual([-300, 300])
    const texts = sample.map(({ body }) => new TextDecoder().decode(body))
    const rewritten = texts.filter((text) => JSON.stringify(JSON.parse(text)) !== text)
    expect(rewritten.length).toBeGreaterThan(200)
  })

  it('carry a second signature, made with another secret, if the scheme allows several', () => {
    const signatures = (scheme: WebhookScheme): number[] =>
      fc
        .sample(signedDelivery({ scheme }), { numRuns: 100, seed: 7 })
        .map(
          ({ headers }) =>
            scheme.signature.read(headers[scheme.headers.signature[0] as string] as string)!.candidates.length,
        )
    expect(new Set(signatures(schemes.stripe))).toEqual(new Set([1, 2]))
    expect(new Set(signatures(schemes.standardWebhooks))).toEqual(new Set([1, 2]))
    expect(new Set(signatures(schemes.fluxora))).toEqual(new Set([1]))
  })

  it('work at the edges of their options: no tolerance, a tiny limit, the first second of time', () => {
    const edges = { scheme: all, toleranceSeconds: 0, maxBodyBytes: 1, now: 1 }
    fc.assert(
      fc.property(signedDelivery(edges), (delivery) => {
        expect(verify(delivery, delivery.headers, { toleranceSeconds: 0, maxBodyBytes: 1 }).code).toBe('ok')
      }),
    )
    fc.assert(
      fc.property(tamperedDelivery(edges), (delivery) => {
        expect(codeOf(delivery, { toleranceSeconds: 0, maxBodyBytes: 1 })).toBe(delivery.expectedCode)
      }),
    )
  })
})

describe('tampered deliveries', () => {
  it.each([...SCHEME_NAMES])('are refused with the code they are labelled with under %s', (name) => {
    fc.assert(
      fc.property(tamperedDelivery({ scheme: schemeOf(name), maxBodyBytes: 2_000 }), (delivery) => {
        expect(codeOf(delivery, { maxBodyBytes: 2_000 })).toBe(delivery.expectedCode)
        expect(isSendable(delivery.headers)).toBe(true)
      }),
      { numRuns: 600 },
    )
  })

  it('are refused under the default limits, a custom scheme, a tolerance and a margin', () => {
    fc.assert(
      fc.property(tamperedDelivery({ scheme: [...all, own] }), (delivery) => {
        expect(codeOf(delivery)).toBe(delivery.expectedCode)
      }),
    )
    const options = { scheme: own, toleranceSeconds: 30, marginSeconds: 20, body: webhookBody() }
    fc.assert(
      fc.property(tamperedDelivery(options), fc.integer({ min: -20, max: 20 }), (delivery, late) => {
        // The receiver's clock may be off by up to the margin.
        const code = codeOf(delivery, { toleranceSeconds: 30, now: () => delivery.now + late })
        expect(code).toBe(delivery.expectedCode)
      }),
      { numRuns: 500 },
    )
  })

  it('are refused the same way by the WebCrypto verifier, and by the verifier in any bag of headers', async () => {
    const tampered = tamperedDelivery({ scheme: [...all, own], maxBodyBytes: 1_000 })
    const received = tampered.chain((each) => fc.tuple(fc.constant(each), headerBag({ headers: each.headers })))
    await fc.assert(
      fc.asyncProperty(received, async ([each, headers]) => {
        const options = optionsOf(each, { maxBodyBytes: 1_000 })
        expect(createWebhookVerifier(options).verify({ headers, body: each.body }).code).toBe(each.expectedCode)
        const verdict = await createAsyncWebhookVerifier(options).verify({ headers, body: each.body })
        expect(verdict.code).toBe(each.expectedCode)
      }),
      { numRuns: 300 },
    )
  })

  it('may be signed with a secret that has expired', () => {
    const arbitrary = tamperedDelivery({ secret: 'topsecret', expiredSecret: 'old', maxBodyBytes: 1_000 })
    const seen = new Set<TamperedCode>()
    fc.assert(
      fc.property(arbitrary, (delivery) => {
        seen.add(delivery.expectedCode)
        const secrets = ['topsecret', { secret: 'old', expiresAt: delivery.now }]
        expect(codeOf(delivery, { secrets, maxBodyBytes: 1_000 })).toBe(delivery.expectedCode)
      }),
      { numRuns: 500 },
    )
    expect(seen).toContain('previous_secret_expired')
  })

  it.each<[SchemeName, number]>([
    ['fluxora', 10],
    ['stellarPayment', 9],
    ['chronomind', 8],
    ['standardWebhooks', 10],
    ['github', 6],
    ['slack', 9],
  ])('have every code that a sender of %s can cause: %i', (name, count) => {
    const sample = fc.sample(tamperedDelivery({ scheme: schemeOf(name), maxBodyBytes: 100 }), { numRuns: 600, seed: 1 })
    expect(new Set(sample.map(({ expectedCode }) => expectedCode)).size).toBe(count)
  })

  it('may be signed with an expired secret that begins like the current one', () => {
    for (const [secret, expiredSecret] of [
      ['topsecret', 'topsecret2'],
      ['topsecret2', 'topsecret'],
    ])
      expect(() => tamperedDelivery({ secret, expiredSecret })).not.toThrow()
  })

  it('are signed with a secret that is near the known ones, but not one of them', () => {
    // "u" is "t" with its lowest bit flipped.
    const constraints = { secret: 't', expiredSecret: 'u', codes: ['signature_mismatch'] as const }
    fc.assert(
      fc.property(tamperedDelivery(constraints), (delivery) => {
        const secrets = ['t', { secret: 'u', expiresAt: delivery.now }]
        expect(codeOf(delivery, { secrets })).toBe('signature_mismatch')
      }),
    )
  })

  it('can be asked for by code', () => {
    const codes = ['invalid_timestamp', 'missing_signature'] as const
    fc.assert(
      fc.property(tamperedDelivery({ scheme: all, codes }), ({ expectedCode }) =>
        codes.some((code) => code === expectedCode),
      ),
    )
  })

  it('are never signed with a secret that the receiver knows, even if it is easily guessed', () => {
    for (const known of [{ secret: 'secret' }, { secret: 'topsecret', expiredSecret: 'secret' }]) {
      fc.assert(
        fc.property(tamperedDelivery({ ...known, codes: ['signature_mismatch'] }), (delivery) => {
          const secrets = [known.secret, { secret: 'secret', expiresAt: delivery.now }]
          expect(codeOf(delivery, { secrets })).toBe('signature_mismatch')
        }),
        { numRuns: 300 },
      )
    }
  })

  it('may have an id that contains a separator, even one that looks like a word', () => {
    const scheme = defineScheme({
      name: 'worded',
      headers: { signature: 'worded-signature', deliveryId: 'worded-id' },
      signed: ['deliveryId', { text: 'v0' }, 'body'],
      signature: schemes.singleSignature({ encoding: schemes.hex }),
    })
    const ids = fc
      .sample(tamperedDelivery({ scheme, codes: ['ambiguous_header'] }), { numRuns: 200, seed: 1 })
      .map((delivery) => {
        expect(codeOf(delivery)).toBe('ambiguous_header')
        return delivery.headers['worded-id'] as string
      })
    expect(ids.filter((id) => id.endsWith('v01')).length).toBeGreaterThan(10)
  })

  it("take a body for too large under the scheme's own limit, not under the usual one", () => {
    const github = schemes.github
    const all = fc.sample(tamperedDelivery({ scheme: github }), { numRuns: 300, seed: 5 })
    expect(all.map(({ expectedCode }) => expectedCode)).not.toContain('payload_too_large')
    const limited = tamperedDelivery({ scheme: github, maxBodyBytes: 64, codes: ['payload_too_large'] })
    fc.assert(
      fc.property(limited, (delivery) => {
        expect(codeOf(delivery, { maxBodyBytes: 64 })).toBe('payload_too_large')
      }),
    )
    expect(() => tamperedDelivery({ scheme: github, codes: ['payload_too_large'] })).toThrow(/can cause/)
  })

  it('say in a counterexample what was done to them', () => {
    const [delivery] = fc.sample(tamperedDelivery({ now: 1_710_000_000, secret: 'topsecret' }), { numRuns: 1, seed: 3 })
    expect(fc.stringify(delivery)).toMatch(/^\{ scheme: fluxora, body: .*"secret":"topsecret".*"tampering":"/)
    expect(Object.keys(delivery as object)).toEqual([
      'scheme',
      'secret',
      'now',
      'headers',
      'body',
      'expectedCode',
      'tampering',
    ])
    const [large] = fc.sample(tamperedDelivery({ codes: ['payload_too_large'] }), { numRuns: 1, seed: 3 })
    expect(fc.stringify(large)).toMatch(/body: 262\d{3} bytes/)
    const [binary] = fc.sample(signedDelivery({ body: new Uint8Array([255]) }), { numRuns: 1, seed: 3 })
    expect(fc.stringify(binary)).toContain('body: Uint8Array.from([255])')
  })
})

describe('a counterexample shrinks to the smallest', () => {
  const smallest = (
    accepts: (delivery: TamperedDelivery) => boolean,
    constraints: TamperedDeliveryConstraints = {},
  ): TamperedDelivery => {
    const property = fc.property(tamperedDelivery({ now: 1_710_000_000, ...constraints }), (each) => !accepts(each))
    const { counterexample } = fc.check(property, { seed: 42, numRuns: 3_000 })
    return (counterexample as [TamperedDelivery])[0]
  }
  const text = ({ body }: TamperedDelivery): string => new TextDecoder().decode(body)

  it('for a handler that accepts anything', () => {
    const found = smallest(() => true)
    expect([text(found), found.secret, found.tampering]).toEqual(['{}', '!', 'signed with another secret'])
    expect(found.headers['x-fluxora-timestamp']).toBe('1710000000')
    expect(found.headers['x-fluxora-delivery-id']).toBe('00000000-0000-1000-8000-000000000000')
  })

  it('for one that compares only the first 31 bytes of the MAC', () => {
    const found = smallest(
      (delivery) => {
        const name = delivery.scheme.headers.signature[0] as string
        const { [name]: signature = '', ...rest } = delivery.headers
        const genuine = [...Array(256).keys()].some((byte) => {
          const last = byte.toString(16).padStart(2, '0')
          return verify(delivery, { ...rest, [name]: signature.slice(0, 62) + last }).ok
        })
        return genuine && signature.length === 64
      },
      { codes: ['signature_mismatch'] },
    )
    expect([text(found), found.tampering]).toEqual(['{}', 'bit 248 of the MAC flipped'])
  })

  it('for one that ignores the time', () => {
    const found = smallest((delivery) => verify(delivery, delivery.headers, { toleranceSeconds: 1e12 }).ok)
    expect([text(found), found.tampering]).toEqual(['{}', 'timestamp 301 seconds away'])
  })

  it('for one that trims the body', () => {
    const found = smallest(
      (delivery) => {
        const body = new TextEncoder().encode(text(delivery).trim())
        return verify({ ...delivery, body }).ok
      },
      { maxBodyBytes: 1_000 },
    )
    expect([text(found), found.tampering]).toEqual(['{} ', '" " added to the body'])
  })

  it('for one that checks neither the size nor the encoding', () => {
    const large = smallest((delivery) => verify(delivery, delivery.headers, { maxBodyBytes: 1e9 }).ok, {
      maxBodyBytes: 50,
    })
    expect([large.body.length, large.expectedCode]).toEqual([51, 'payload_too_large'])
    const encoded = smallest(({ headers, ...delivery }) => {
      const { 'content-encoding': _, ...rest } = headers
      return verify({ headers: rest, ...delivery }).ok
    })
    expect([text(encoded), encoded.tampering]).toEqual(['{}', 'content-encoding gzip'])
  })
})

describe('options that make no sense throw early', () => {
  it.each<[string, () => unknown]>([
    ['an object that is not a scheme', () => signedDelivery({ scheme: {} as never })],
    ['no scheme', () => signedDelivery({ scheme: [] })],
    ['a blank secret', () => signedDelivery({ secret: ' ' })],
    [
      "a secret that is not of the scheme's form",
      () => signedDelivery({ scheme: schemes.standardWebhooks, secret: '!' }),
    ],
    ['a time in milliseconds', () => signedDelivery({ now: Date.now() })],
    ['half a second', () => signedDelivery({ now: 1.5 })],
    ['a negative tolerance', () => signedDelivery({ toleranceSeconds: -1 })],
    ['a margin wider than the tolerance', () => signedDelivery({ toleranceSeconds: 10, marginSeconds: 11 })],
    ['no room for a body', () => signedDelivery({ maxBodyBytes: 0 })],
    ['a body beyond the limit', () => signedDelivery({ maxBodyBytes: 3, body: 'four' })],
    ['ill-formed text', () => signedDelivery({ body: '\ud800' })],
    ['a body that is an object', () => signedDelivery({ body: {} as never })],
    ['an id with a line break', () => signedDelivery({ deliveryId: 'a\nb' })],
    [
      'an id that could be parsed as two ids',
      () => signedDelivery({ scheme: schemes.standardWebhooks, deliveryId: 'a.b' }),
    ],
    ['an event that no header can carry', () => signedDelivery({ event: 'é' })],
    ['constraints that are null', () => signedDelivery(null as never)],
    ['a code that no sender can cause', () => tamperedDelivery({ codes: ['duplicate_delivery' as never] })],
    [
      'a code that no sender of the scheme can cause',
      () => tamperedDelivery({ scheme: schemes.github, codes: ['missing_timestamp'] }),
    ],
    ['an expired secret that is also the current one', () => tamperedDelivery({ secret: 'a', expiredSecret: 'a' })],
    ['no kinds of bags', () => headerBag({ kinds: [] })],
    ['an unknown kind of bag', () => headerBag({ kinds: ['Set' as never] })],
    ['noise that is not a boolean', () => headerBag({ noise: 1 as never })],
    ['headers that are not text', () => headerBag({ headers: { a: 1 as never } })],
    ['a header without a value', () => headerBag({ headers: { a: [] } })],
  ])('%s', (_, call) => {
    expect(call).toThrow(expect.objectContaining({ name: 'WebhookError' }))
  })

  it('needs a secret for a scheme whose secrets cannot be generated', () => {
    const scheme = defineScheme({
      name: 'hexed',
      headers: { signature: 'x' },
      signed: ['body'],
      signature: schemes.singleSignature({ encoding: schemes.hex }),
      secret: (text) => (/^k:/.test(text) ? new TextEncoder().encode(text) : undefined),
    })
    expect(() => signedDelivery({ scheme })).toThrow('hexed')
    fc.assert(fc.property(signedDelivery({ scheme, secret: 'k:1' }), (delivery) => verify(delivery).ok))
    const bare = defineScheme({
      name: 'bare',
      headers: { signature: 'x' },
      signed: ['body'],
      signature: schemes.singleSignature({ encoding: schemes.hex }),
      secret: (text) => (/^[A-Za-z0-9+/]+=*$/.test(text) ? new TextEncoder().encode(text) : undefined),
    })
    fc.assert(fc.property(signedDelivery({ scheme: bare }), (delivery) => verify(delivery).ok))
  })
})
