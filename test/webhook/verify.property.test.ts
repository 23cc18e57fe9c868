// Laws of signing and verifying, for every scheme: what was signed is accepted, what was changed is refused, and junk does no harm.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createWebhookReceiver,
  createWebhookSigner,
  createWebhookVerifier,
  isWebhookError,
  verifyWebhookSignature,
  WEBHOOK_STATUS,
} from '../../src/webhook/index.ts'
import {
  hmac,
  isSecretText,
  NOW,
  SCHEME_NAMES,
  schemeOf,
  secretOf,
  send,
  signatureHeader,
  thrownBy,
} from './support.ts'

const RUNS = 150

const now = fc.integer({ min: 1, max: 4_000_000_000 })
const bytes = fc.uint8Array({ maxLength: 6000 })
const wellFormed = fc.string({ unit: 'grapheme', maxLength: 200 })
const body = fc.oneof(bytes, wellFormed, fc.json(), fc.constantFrom('', '\ufeff', '.', '1.', '$&', '{}\n'))
const id = fc.stringMatching(/^[!-+/-~]([!-+/-~-]{0,40}[!-+/-~])?$/).filter((text) => !text.includes(', '))
const text = fc.string({ minLength: 1, maxLength: 100 }).filter(isSecretText)
const key = fc.uint8Array({ minLength: 1, maxLength: 200 })

/** A secret as written, and the same as bytes. */
const secretFor = (name: string) =>
  name === 'standardWebhooks'
    ? fc.tuple(key, fc.constantFrom('', 'whsec_')).map(([raw, prefix]) => prefix + Buffer.from(raw).toString('base64'))
    : text

describe.each(SCHEME_NAMES)('%s', (name) => {
  const scheme = schemeOf(name)
  const delivery = fc.record({
    body,
    id,
    at: now,
    secret: fc.oneof(secretFor(name), key),
    skew: fc.integer({ min: -300, max: 300 }),
  })
  const sign = ({
    body,
    id,
    at,
    secret,
  }: {
    body: string | Uint8Array
    id: string
    at: number
    secret: string | Uint8Array
  }) => createWebhookSigner({ scheme, secrets: secret, now: () => at }).sign({ body, deliveryId: id })
  const verifier = (secrets: string | Uint8Array, at: number) =>
    createWebhookVerifier({ scheme, secrets, now: () => at })

  it('accepts what it signs, for every body, secret, id and clock within tolerance', () => {
    fc.assert(
      fc.property(delivery, (given) => {
        const headers = sign(given)
        const verdict = verifier(given.secret, Math.max(0, given.at + given.skew)).verify({ headers, body: given.body })
        expect(verdict.code).toBe('ok')
        if (!verdict.ok) return
        expect(Buffer.from(verdict.delivery.body)).toEqual(Buffer.from(given.body as Uint8Array))
        expect(verdict.delivery.timestamp).toBe('timestamp' in schemeFields(name) ? given.at : undefined)
        expect(verdict.delivery.deliveryId).toBe('deliveryId' in schemeFields(name) ? given.id : undefined)
      }),
      { numRuns: RUNS },
    )
  })

  it('agrees with a plain createHmac', () => {
    fc.assert(
      fc.property(body, id, now, secretFor(name), (body, id, timestamp, secret) => {
        const headers = send(name, { body, id, timestamp, secret })
        expect(sign({ body, id, at: timestamp, secret })).toEqual(headers)
        expect(verifier(secret, timestamp).verify({ headers, body }).code).toBe('ok')
      }),
      { numRuns: RUNS },
    )
  })

  it('refuses any change of the body', () => {
    fc.assert(
      fc.property(
        delivery,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        fc.constantFrom('flip', 'cut', 'add', 'lead'),
        (given, place, by, how) => {
          const original = Buffer.from(given.body as Uint8Array)
          const at = original.length === 0 ? 0 : place % original.length
          const changed =
            how === 'add' || original.length === 0
              ? Buffer.concat([original, Buffer.from([by])])
              : how === 'lead'
                ? Buffer.concat([Buffer.from([by]), original])
                : how === 'cut'
                  ? Buffer.concat([original.subarray(0, at), original.subarray(at + 1)])
                  : original.map((byte, index) => (index === at ? byte ^ by : byte))
          if (Buffer.compare(original, changed) === 0) return
          expect(verifier(given.secret, given.at).verify({ headers: sign(given), body: changed }).code).toBe(
            'signature_mismatch',
          )
        },
      ),
      { numRuns: RUNS },
    )
  })

  it('refuses any change of the decoded signature', () => {
    fc.assert(
      fc.property(delivery, fc.uint8Array({ minLength: 32, maxLength: 32 }), (given, difference) => {
        if (difference.every((byte) => byte === 0)) return
        const headers = sign(given)
        const header = signatureHeader(name)
        const mac = scheme.signature.read(headers[header] as string)?.candidates[0] as Uint8Array
        const forged = mac.map((byte, at) => byte ^ (difference[at] as number))
        const verdict = verifier(given.secret, given.at).verify({
          headers: { ...headers, [header]: scheme.signature.write([forged], String(given.at)) },
          body: given.body,
        })
        expect(verdict.code).toBe('signature_mismatch')
      }),
      { numRuns: RUNS },
    )
  })

  it('refuses any other timestamp and any other id, if they are signed', () => {
    fc.assert(
      fc.property(delivery, fc.integer({ min: 1, max: 300 }), id, (given, later, otherId) => {
        const headers = sign(given)
        const [time, sender] = [scheme.headers.timestamp[0], scheme.headers.deliveryId[0]]
        const header = signatureHeader(name)
        const moved = scheme.signature.carriesTimestamp
          ? { ...headers, [header]: (headers[header] as string).replace(/^t=\d+/, `t=${given.at + later}`) }
          : time
            ? { ...headers, [time]: String(given.at + later) }
            : headers
        const check = (changed: Record<string, string>) =>
          verifier(given.secret, given.at).verify({ headers: changed, body: given.body }).code
        expect(check(moved)).toBe(scheme.timestampSigned ? 'signature_mismatch' : 'ok')
        if (sender === undefined || otherId === given.id) return
        expect(check({ ...headers, [sender]: otherId })).toBe(scheme.deliveryIdSigned ? 'signature_mismatch' : 'ok')
      }),
      { numRuns: RUNS },
    )
  })

  it('refuses every secret but the one that signed', () => {
    fc.assert(
      fc.property(delivery, secretFor(name), (given, other) => {
        const [own, foreign] = [given.secret, other].map((each) =>
          Buffer.from(typeof each === 'string' ? (scheme.secret(each) as Uint8Array) : each),
        )
        // HMAC pads a short key with zeros and hashes a long one: keys that are the same to HMAC are the same key.
        if (hmac(own as Buffer, 'x').equals(hmac(foreign as Buffer, 'x'))) return
        const verdict = verifier(other, given.at).verify({ headers: sign(given), body: given.body })
        expect(verdict.code).toBe('signature_mismatch')
      }),
      { numRuns: RUNS },
    )
  })

  it('refuses every prefix and every extension of a signature', () => {
    fc.assert(
      fc.property(
        delivery,
        fc.nat(),
        fc.string({ minLength: 1, unit: 'binary', maxLength: 20 }),
        (given, cut, extra) => {
          const headers = sign(given)
          const header = signatureHeader(name)
          const signature = headers[header] as string
          const check = (changed: string) =>
            verifier(given.secret, given.at).verify({ headers: { ...headers, [header]: changed }, body: given.body })
          expect(check(signature.slice(0, cut % signature.length)).ok).toBe(false)
          // If the form skips fields of other names or trims white space, it is still the same signature.
          if (extra.trim() === '' || /^[, ]/.test(extra)) return
          expect(check(signature + extra).ok).toBe(false)
        },
      ),
      { numRuns: RUNS },
    )
  })
})

function schemeFields(name: (typeof SCHEME_NAMES)[number]): Record<string, true> {
  const { headers, signature } = schemeOf(name)
  return {
    ...(headers.timestamp.length > 0 || signature.carriesTimestamp ? { timestamp: true } : {}),
    ...(headers.deliveryId.length > 0 ? { deliveryId: true } : {}),
  }
}

const CODES = new Set(Object.keys(WEBHOOK_STATUS))

/** Any value that a programmer could pass. */
const plain = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withNullPrototype: true,
  withObjectString: true,
  withTypedArray: true,
  withSparseArray: true,
})

/** Anything at all, the kinds that bite more often. */
const junk = fc.oneof(
  plain,
  fc.constantFrom(undefined, null, Number.NaN, '', '\ud800', -0, Symbol('x'), () => 'x'),
  fc.constant(null).map(() => new SharedArrayBuffer(8)),
  fc.constant(null).map(() => new Uint8Array(new SharedArrayBuffer(8))),
  fc.constant(null).map(() => {
    const buffer = new ArrayBuffer(8)
    structuredClone(buffer, { transfer: [buffer] })
    return buffer
  }),
  fc.constant(null).map(() => {
    const view = new DataView(new ArrayBuffer(8))
    structuredClone(view.buffer, { transfer: [view.buffer as ArrayBuffer] })
    return view
  }),
  fc.constant(null).map(() => {
    const fail = () => {
      throw new Error('hostile')
    }
    // fast-check itself asks for symbols.
    const get = (_: object, property: string | symbol) => (typeof property === 'symbol' ? undefined : fail())
    return new Proxy({}, { get, getPrototypeOf: fail, ownKeys: fail })
  }),
  fc.func(fc.anything()),
)

const headerNames = [...new Set(SCHEME_NAMES.flatMap((name) => Object.values(schemeOf(name).headers).flat()))]
const headerValue = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    String(NOW),
    `t=${NOW},v1=${'0'.repeat(64)}`,
    '0'.repeat(64),
    `sha256=${'f'.repeat(64)}`,
    `v1,${'A'.repeat(43)}=`,
    `v1,${'A'.repeat(44)}`,
    'A'.repeat(44),
    `${'A'.repeat(43)}=`,
    'd1',
    'gzip',
    ', ',
  ),
  fc.stringMatching(/^(t=\d{0,12}|v1=[0-9a-f]{0,70}|v1,[A-Za-z0-9+/]{0,46}={0,3}|[, ]){0,6}$/),
  fc.array(fc.string(), { maxLength: 3 }),
  junk,
)
const headerName = fc.oneof(
  fc.constantFrom(...headerNames, 'content-encoding'),
  fc.constantFrom('__proto__', 'constructor', 'get', 'has', 'length', 'next'),
  fc.string(),
)
const bag = fc.oneof(
  junk,
  fc
    .array(fc.tuple(headerName, headerValue), { maxLength: 12 })
    .chain((pairs) =>
      fc.constantFrom<unknown>(
        pairs,
        pairs.flat(),
        new Map(pairs as never),
        new Set(pairs),
        Object.fromEntries(pairs),
        Object.assign(Object.create(null), Object.fromEntries(pairs)),
        new Map(pairs as never).entries(),
      ),
    ),
)

describe('junk', () => {
  it.each(SCHEME_NAMES)('%s: any bag and any body come to a documented code', (name) => {
    const verifier = createWebhookVerifier({ scheme: schemeOf(name), secrets: secretOf(name), now: () => NOW })
    const base = send(name)
    fc.assert(
      fc.property(bag, junk, fc.dictionary(headerName, headerValue), (headers, body, changes) => {
        for (const given of [headers, { ...base, ...changes }]) {
          const verdict = verifier.verify({ headers: given as never, body: body as never })
          expect(CODES.has(verdict.code)).toBe(true)
          expect(verdict.status).toBe(WEBHOOK_STATUS[verdict.code])
          expect(verdict.ok).toBe(verdict.code === 'ok')
        }
      }),
      { numRuns: RUNS },
    )
  })

  it.each(SCHEME_NAMES)(
    '%s: headers that are nearly right, over the right body, are accepted only unchanged',
    (name) => {
      const verifier = createWebhookVerifier({ scheme: schemeOf(name), secrets: secretOf(name), now: () => NOW })
      const header = signatureHeader(name)
      fc.assert(
        fc.property(fc.string({ unit: 'binary', maxLength: 80 }), fc.nat(200), fc.nat(200), (insert, from, length) => {
          const own = send(name)[header] as string
          const changed = own.slice(0, from) + insert + own.slice(from + length)
          const verdict = verifier.verify({ headers: { ...send(name), [header]: changed }, body: '{}' })
          expect(CODES.has(verdict.code)).toBe(true)
          // Whatever is accepted still contains the whole MAC.
          if (verdict.ok) expect(changed.toLowerCase()).toContain(own.replace(/^t=\d+,/, '').toLowerCase())
        }),
        { numRuns: RUNS * 2 },
      )
    },
  )

  it('verifyWebhookSignature: any field of any kind comes to a documented code, or is misuse of an option', () => {
    const fields = fc.record(
      {
        secret: junk,
        secretPrevious: junk,
        previousSecretRotatedAt: fc.oneof(plain, fc.double()),
        graceWindowSeconds: fc.oneof(plain, fc.double()),
        deliveryId: junk,
        timestamp: fc.oneof(junk, fc.constant(String(NOW))),
        signature: fc.oneof(junk, headerValue),
        rawBody: junk,
        toleranceSeconds: fc.oneof(plain, fc.double()),
        maxBodyBytes: fc.oneof(plain, fc.double()),
        now: fc.oneof(plain, fc.double()),
        isDuplicateDelivery: fc.oneof(plain, fc.func(fc.boolean())),
      },
      { requiredKeys: [] },
    )
    const options = [
      'previousSecretRotatedAt',
      'graceWindowSeconds',
      'toleranceSeconds',
      'maxBodyBytes',
      'now',
      'isDuplicateDelivery',
    ]
    const base = {
      secret: 'topsecret',
      deliveryId: 'd1',
      timestamp: String(NOW),
      signature: send('fluxora')['x-fluxora-signature'],
      rawBody: '{}',
      now: NOW,
    }
    fc.assert(
      fc.property(fields, (changes) => {
        for (const input of [changes, { ...base, ...changes }]) {
          let code: string | undefined
          const error = thrownBy(() => {
            code = verifyWebhookSignature(input as never).code
          })
          if (code !== undefined) expect(CODES.has(code)).toBe(true)
          else {
            expect(isWebhookError(error)).toBe(true)
            expect(error).toMatchObject({ code: 'invalid_option' })
            expect(options).toContain((error as { option?: string }).option)
          }
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('verifyWebhookSignature: any headers, body and secret of a sender never throw', () => {
    fc.assert(
      fc.property(
        junk,
        junk,
        junk,
        junk,
        junk,
        junk,
        (secret, secretPrevious, deliveryId, timestamp, signature, rawBody) => {
          for (const changes of [
            { secret, secretPrevious, deliveryId, timestamp, signature, rawBody },
            {
              secret: 'topsecret',
              secretPrevious,
              deliveryId: 'd1',
              timestamp: String(NOW),
              signature: '0'.repeat(64),
              rawBody,
            },
          ]) {
            expect(CODES.has(verifyWebhookSignature({ ...changes, now: NOW } as never).code)).toBe(true)
          }
        },
      ),
      { numRuns: 500 },
    )
  })

  it('a receiver: any bag and any body, given or read, resolve to a documented code and touch no store', async () => {
    let touched = 0
    const touch = () => {
      touched++
      return Promise.reject(new Error('touched'))
    }
    const receiver = createWebhookReceiver({
      secrets: 'topsecret',
      now: () => NOW,
      dedupe: { claim: touch, commit: touch, release: touch },
    })
    await fc.assert(
      fc.asyncProperty(bag, junk, fc.boolean(), async (headers, body, isRead) => {
        const input = { headers, body: isRead ? async () => body : body }
        const outcome = await receiver.receive(input as never, () => {})
        expect(CODES.has(outcome.code)).toBe(true)
        expect(outcome.ok).toBe(false)
      }),
      { numRuns: 500 },
    )
    expect(touched).toBe(0)
  })

  it('no message repeats the input', () => {
    const marked = fc.string({ unit: 'grapheme-ascii', minLength: 6, maxLength: 40 }).map((each) => `<<${each}>>`)
    fc.assert(
      fc.property(marked, marked, marked, marked, marked, (secret, id, timestamp, signature, body) => {
        const headers = {
          'x-fluxora-delivery-id': id,
          'x-fluxora-timestamp': timestamp,
          'x-fluxora-signature': signature,
        }
        for (const changes of [
          {},
          { 'x-fluxora-signature': '0'.repeat(64) },
          { 'x-fluxora-signature': '0'.repeat(64), 'x-fluxora-timestamp': String(NOW) },
          { 'content-encoding': body },
        ]) {
          const verifier = createWebhookVerifier({ secrets: secret, now: () => NOW })
          expect(JSON.stringify(verifier.verify({ headers: { ...headers, ...changes }, body }))).not.toContain('<<')
        }
      }),
      { numRuns: RUNS },
    )
  })
})
