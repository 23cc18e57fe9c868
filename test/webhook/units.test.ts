// Times are Unix seconds. A time that can only be milliseconds is recognised everywhere: if it comes from the code, it is misuse and throws;
// if it comes from a sender, it is refused.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createAsyncWebhookVerifier } from '../../src/adapters/fetch.ts'
import {
  computeWebhookSignature,
  createWebhookReceiver,
  createWebhookSigner,
  createWebhookVerifier,
  previousSecret,
  type VerifyWebhookSignatureInput,
  verifyWebhookSignature,
} from '../../src/webhook/index.ts'
import { clock, hmac, NOW, SCHEME_NAMES, schemeOf, secretOf, send, thrownBy, verify } from './support.ts'

const MILLISECONDS = NOW * 1000
const LATEST = 1e11

const contract = (changes: Partial<VerifyWebhookSignatureInput>) =>
  verifyWebhookSignature({
    secret: 'topsecret',
    deliveryId: 'd1',
    timestamp: String(NOW),
    signature: computeWebhookSignature('topsecret', NOW, '{}'),
    rawBody: '{}',
    now: NOW,
    ...changes,
  })
const delivery = { headers: send('fluxora'), body: '{}' }

/** Every place that takes a time in seconds, by the option at fault. */
const places: [string, string, string, (time: number) => unknown][] = [
  [
    'the clock of a verifier',
    'invalid_option',
    'now',
    (time) => createWebhookVerifier({ secrets: 'topsecret', now: () => time }).verify(delivery),
  ],
  [
    'the clock of a signer',
    'invalid_option',
    'now',
    (time) => createWebhookSigner({ secrets: 'topsecret', now: () => time }).sign({ body: '{}' }),
  ],
  ['now of the contract', 'invalid_option', 'now', (time) => contract({ now: time })],
  [
    'previousSecretRotatedAt of the contract',
    'invalid_option',
    'previousSecretRotatedAt',
    (time) => contract({ secretPrevious: 'former', previousSecretRotatedAt: time, now: LATEST }),
  ],
  ['rotatedAt', 'invalid_option', 'rotatedAt', (time) => previousSecret('former', time, 0)],
  [
    'expiresAt',
    'invalid_option',
    'secrets.expiresAt',
    (time) => createWebhookVerifier({ secrets: { secret: 'a', expiresAt: time } }),
  ],
  [
    'expiresAt in a list',
    'invalid_option',
    'secrets.expiresAt',
    (time) => createWebhookSigner({ secrets: ['b', { secret: 'a', expiresAt: time }] }),
  ],
  [
    'the timestamp of a signer',
    'invalid_input',
    'timestamp',
    (time) => createWebhookSigner({ secrets: 'topsecret', now: clock }).sign({ body: '{}', timestamp: time }),
  ],
  [
    'the number that computeWebhookSignature takes',
    'invalid_input',
    'timestamp',
    (time) => computeWebhookSignature('topsecret', time, '{}'),
  ],
]

describe.each(places)('%s', (_, code, option, give) => {
  it('in milliseconds is misuse, and says so', () => {
    fc.assert(
      fc.property(fc.integer({ min: LATEST + 1, max: Number.MAX_SAFE_INTEGER }), (time) => {
        const error = thrownBy(() => give(time)) as Error
        expect(error).toMatchObject({ name: 'WebhookError', code })
        expect(error.message).toMatch(new RegExp(`\\b${option.replace('secrets.', '')} looks like milliseconds`))
        expect(error.message).toContain('Unix seconds')
        if (code === 'invalid_option') expect(error).toMatchObject({ option })
      }),
      { numRuns: 50 },
    )
    expect((thrownBy(() => give(MILLISECONDS)) as Error).message).toMatch(/looks like milliseconds/)
  })

  it('in seconds is accepted, up to the year 5138', () => {
    for (const time of [1, NOW, LATEST]) expect(thrownBy(() => give(time))).toBeUndefined()
  })

  it('that is not a time does not look like milliseconds', () => {
    for (const time of [Number.NaN, Number.NEGATIVE_INFINITY]) {
      if (option === 'timestamp' && code === 'invalid_input' && _.startsWith('the number')) continue
      expect((thrownBy(() => give(time)) as Error).message).not.toMatch(/milliseconds/)
    }
  })
})

describe('other clocks', () => {
  it('of a verifier over WebCrypto: in milliseconds it rejects', async () => {
    const verifier = createAsyncWebhookVerifier({ secrets: 'topsecret', now: () => MILLISECONDS })
    await expect(verifier.verify(delivery)).rejects.toMatchObject({
      code: 'invalid_option',
      option: 'now',
      message: expect.stringContaining('looks like milliseconds'),
    })
  })

  it('of a receiver: in milliseconds nothing passes, and the report says why', async () => {
    const errors: unknown[] = []
    const receiver = createWebhookReceiver({
      secrets: 'topsecret',
      now: () => MILLISECONDS,
      onOutcome: ({ error }) => errors.push(error),
    })
    expect(await receiver.receive(delivery, () => {})).toMatchObject({ ok: false, status: 500 })
    expect(errors).toMatchObject([{ option: 'now', message: expect.stringContaining('looks like milliseconds') }])
  })

  it('a Date of the contract is a Date, and one beyond every calendar is not', () => {
    expect(contract({ now: new Date(MILLISECONDS) }).code).toBe('ok')
    expect(thrownBy(() => contract({ now: new Date(LATEST * 1000 + 1000) }))).toMatchObject({ option: 'now' })
  })
})

describe('a received timestamp in milliseconds', () => {
  const milliseconds = 'The timestamp looks like milliseconds: this scheme sends seconds.'
  const withTime = SCHEME_NAMES.filter((name) => {
    const { headers, signature } = schemeOf(name)
    return signature.carriesTimestamp || headers.timestamp.length > 0
  })

  it.each(withTime)('%s says so, under the same code as any other old timestamp', (name) => {
    for (const timestamp of [MILLISECONDS, MILLISECONDS - 123, MILLISECONDS + 999_999]) {
      expect(verify(name, send(name, { timestamp }))).toMatchObject({
        status: 401,
        code: 'timestamp_outside_tolerance',
        message: milliseconds,
      })
    }
    const seconds = verify(name, send(name, { timestamp: NOW + 1000 }))
    expect(seconds.message).toBe('The timestamp is 1000 seconds ahead; 300 are allowed.')
  })

  it('is recognised by the contract too', () => {
    const timestamp = String(MILLISECONDS)
    const signature = hmac(secretOf('fluxora'), timestamp, '.', '{}').toString('hex')
    expect(contract({ timestamp, signature })).toMatchObject({
      code: 'timestamp_outside_tolerance',
      message: milliseconds,
    })
  })

  it('begins right after the last time in seconds', () => {
    const say = (timestamp: number) => verify('fluxora', send('fluxora', { timestamp })).message
    expect(say(LATEST)).toMatch(/seconds ahead/)
    expect(say(LATEST + 1)).toBe(milliseconds)
  })
})
