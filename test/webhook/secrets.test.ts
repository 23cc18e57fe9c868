// Secrets: one or several, their expiry, and misuse, which throws at creation and never shows the secret.

import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import {
  computeWebhookSignature,
  createWebhookReceiver,
  createWebhookSigner,
  createWebhookVerifier,
  isWebhookError,
  memoryDedupeStore,
  previousSecret,
  WebhookError,
  type WebhookSecret,
} from '../../src/webhook/index.ts'
import { standardWebhooks } from '../../src/webhook/schemes/index.ts'
import { clock, hmac, NOW, send, thrownBy, verify } from './support.ts'

const HIDDEN = 'hidden-7f3a-secret'

describe('one or many', () => {
  const codeOf = (secrets: unknown, secret: string) =>
    verify('fluxora', send('fluxora', { secret }), '{}', { secrets: secrets as never })

  it('accepts text, bytes, and either of them with a name', () => {
    for (const secrets of [
      'a',
      Buffer.from('a'),
      new Uint8Array([97]),
      new DataView(Uint8Array.from([97]).buffer),
      { secret: 'a' },
      { secret: Buffer.from('a') },
      ['a'],
      [{ secret: 'a', id: 'x' }],
    ]) {
      expect(codeOf(secrets, 'a').code).toBe('ok')
      expect(codeOf(secrets, 'b').code).toBe('signature_mismatch')
    }
  })

  it('accepts each of a hundred, and no other', () => {
    const secrets = Array.from({ length: 100 }, (_, at) => ({ secret: `s${at}`, id: `k${at}` }))
    for (const at of [0, 1, 50, 99])
      expect(codeOf(secrets, `s${at}`)).toMatchObject({ code: 'ok', delivery: { keyId: `k${at}` } })
    expect(codeOf(secrets, 's100').code).toBe('signature_mismatch')
  })

  it('names the secret that matched, or the first of two equal ones', () => {
    expect(
      codeOf(
        [
          { secret: 'a', id: 'first' },
          { secret: 'a', id: 'second' },
        ],
        'a',
      ),
    ).toMatchObject({ delivery: { keyId: 'first' } })
    expect(codeOf(['a', { secret: 'b', id: 'b' }], 'a')).toMatchObject({ delivery: { keyId: undefined } })
  })

  it('keeps bytes as they were when it was made', () => {
    const bytes = Buffer.from('topsecret')
    const verifier = createWebhookVerifier({ secrets: bytes, now: clock })
    bytes.fill(0)
    // A long body is hashed in another way than a short one.
    for (const body of ['{}', 'x'.repeat(10_000)]) {
      expect(verifier.verify({ headers: send('fluxora', { body }), body }).code).toBe('ok')
    }
  })

  it('uses only the viewed part of a larger buffer', () => {
    const bytes = Buffer.from('xxtopsecretxx').subarray(2, 11)
    expect(codeOf(bytes, 'topsecret').code).toBe('ok')
  })

  it('accepts keys longer than a block, which HMAC hashes first', () => {
    for (const length of [63, 64, 65, 1000]) expect(codeOf('k'.repeat(length), 'k'.repeat(length)).code).toBe('ok')
    expect(codeOf('k'.repeat(65), 'k'.repeat(66)).code).toBe('signature_mismatch')
  })
})

describe('expiry', () => {
  const at = (expiresAt: number | undefined, now = NOW) =>
    createWebhookVerifier({
      secrets: ['current', { secret: 'former', id: 'former', expiresAt }],
      now: () => now,
    }).verify({
      headers: send('fluxora', { secret: 'former', timestamp: Math.floor(now) }),
      body: '{}',
    }).code

  it('is the first second in which the secret is refused', () => {
    expect(at(NOW + 1)).toBe('ok')
    expect(at(NOW)).toBe('previous_secret_expired')
    expect(at(NOW - 1)).toBe('previous_secret_expired')
    expect(at(0)).toBe('previous_secret_expired')
    expect(at(undefined)).toBe('ok')
    expect(at(1e11)).toBe('ok')
  })

  it('ignores fractions of a second, in the clock and in expiresAt', () => {
    expect(at(NOW + 1, NOW + 0.999)).toBe('ok')
    expect(at(NOW + 1, NOW + 1)).toBe('previous_secret_expired')
    expect(at(NOW + 0.5)).toBe('previous_secret_expired')
    expect(at(NOW + 1.5)).toBe('ok')
  })

  it('of a secret that is listed twice is the later one', () => {
    const secrets = [
      { secret: 'a', id: 'old', expiresAt: 1 },
      { secret: 'a', id: 'new' },
    ]
    expect(verify('fluxora', send('fluxora', { secret: 'a' }), '{}', { secrets })).toMatchObject({
      code: 'ok',
      delivery: { keyId: 'new' },
    })
  })

  it('is revealed only to a sender that has the expired secret', () => {
    const secrets = ['current', { secret: 'former', expiresAt: 1 }]
    expect(verify('fluxora', send('fluxora', { secret: 'stranger' }), '{}', { secrets }).code).toBe(
      'signature_mismatch',
    )
    expect(verify('fluxora', send('fluxora', { secret: 'former' }), '{}', { secrets }).code).toBe(
      'previous_secret_expired',
    )
  })

  it('in a signature list, one valid signature beside an expired one is enough', () => {
    const [good, expired] = ['current', 'former'].map((secret) => hmac(secret, `${NOW}.{}`).toString('hex'))
    const secrets = ['current', { secret: 'former', expiresAt: 1 }]
    for (const list of [
      [good, expired],
      [expired, good],
    ]) {
      const header = `t=${NOW},${list.map((mac) => `v1=${mac}`).join(',')}`
      expect(verify('stripe', { 'stripe-signature': header }, '{}', { secrets }).code).toBe('ok')
    }
  })
})

describe('previousSecret', () => {
  it('expires after the last second of its grace window', () => {
    expect(previousSecret('a', NOW)).toEqual({ secret: 'a', expiresAt: NOW + 86_401 })
    expect(previousSecret('a', NOW, 0)).toEqual({ secret: 'a', expiresAt: NOW + 1 })
    expect(previousSecret('a', 0, 60)).toEqual({ secret: 'a', expiresAt: 61 })
  })

  it('keeps the name of a secret that has one', () => {
    expect(previousSecret({ secret: 'a', id: 'k1' }, NOW, 10)).toEqual({ secret: 'a', id: 'k1', expiresAt: NOW + 11 })
    const bytes = Buffer.from('a')
    expect(previousSecret(bytes, NOW, 10)).toEqual({ secret: bytes, expiresAt: NOW + 11 })
  })

  it('accepts a rotation in the future, which is planned', () => {
    expect(previousSecret('a', NOW + 1000, 0).expiresAt).toBe(NOW + 1001)
  })

  it.each([
    ['rotatedAt', [Number.NaN]],
    ['rotatedAt', [Number.POSITIVE_INFINITY]],
    ['rotatedAt', [-1]],
    ['rotatedAt', [NOW * 1000]],
    ['rotatedAt', [undefined]],
    ['rotatedAt', [null]],
    ['rotatedAt', ['1710000000']],
    ['rotatedAt', [new Date(0)]],
    ['graceSeconds', [NOW, Number.NaN]],
    ['graceSeconds', [NOW, Number.POSITIVE_INFINITY]],
    ['graceSeconds', [NOW, -1]],
    ['graceSeconds', [NOW, 1e11]],
    ['graceSeconds', [NOW, null]],
  ])('%s of %j throws', (option, [rotatedAt, grace]) => {
    const error = thrownBy(() => previousSecret(HIDDEN, rotatedAt as never, grace as never))
    expect(error).toMatchObject({ code: 'invalid_option', option })
    expect((error as Error).message).toContain(option)
    expect(inspect(error)).not.toContain(HIDDEN)
  })
})

describe('misuse', () => {
  const makers: [string, (secrets: unknown) => unknown][] = [
    ['createWebhookVerifier', (secrets) => createWebhookVerifier({ secrets: secrets as never })],
    ['createWebhookSigner', (secrets) => createWebhookSigner({ secrets: secrets as never })],
    ['createWebhookReceiver', (secrets) => createWebhookReceiver({ secrets: secrets as never })],
  ]
  const bad: [string, unknown][] = [
    ['undefined', undefined],
    ['null', null],
    ['empty text', ''],
    ['blank text', ' \t\n'],
    ['other blanks', '\u00a0\ufeff\u3000'],
    ['no bytes', new Uint8Array(0)],
    ['a number', 7],
    ['true', true],
    ['an object', { hidden: HIDDEN }],
    ['an ArrayBuffer', new ArrayBuffer(8)],
    ['an empty list', []],
    ['a list with a hole', ['a', undefined]],
    ['a list with empty text', ['a', '']],
    ['a list in a list', [['a']]],
    ['a name without a secret', { id: 'k', secret: undefined }],
    ['a name with an empty secret', { id: 'k', secret: '' }],
    ['a secret in a secret', { secret: { secret: HIDDEN } }],
    ['text without bytes', `${HIDDEN}\ud800`],
    ['text with a line break at its end', `${HIDDEN}\n`],
    ['a list with a real hole', Object.assign(new Array(3), ['a'], { 2: 'b' })],
    ['a Set', new Set(['a'])],
    ['a String object', new String('a')],
  ]

  it.each(makers)('%s throws invalid_secret for each', (maker, make) => {
    for (const [label, secrets] of bad) {
      const error = thrownBy(() => make(secrets))
      expect([label, isWebhookError(error)]).toEqual([label, true])
      expect(error).toMatchObject({ name: 'WebhookError', code: 'invalid_secret', option: 'secrets' })
      expect((error as Error).message).toMatch(/^secrets\S* .+\. The scheme takes text, or bytes\.$/)
      expect(
        inspect(error, { depth: 9, showHidden: true }) + String((error as Error).stack) + JSON.stringify(error),
      ).not.toContain(HIDDEN)
    }
    expect(maker).toBeTruthy()
  })

  it.each([
    ['secrets.id', { secret: HIDDEN, id: '' }],
    ['secrets.id', { secret: HIDDEN, id: 7 }],
    ['secrets.id', { secret: HIDDEN, id: null }],
    ['secrets.expiresAt', { secret: HIDDEN, expiresAt: Number.NaN }],
    ['secrets.expiresAt', { secret: HIDDEN, expiresAt: Number.POSITIVE_INFINITY }],
    ['secrets.expiresAt', { secret: HIDDEN, expiresAt: -1 }],
    ['secrets.expiresAt', { secret: HIDDEN, expiresAt: NOW * 1000 }],
    ['secrets.expiresAt', { secret: HIDDEN, expiresAt: '1710000000' }],
    ['secrets.expiresAt', { secret: HIDDEN, expiresAt: null }],
    ['secrets.expiresAt', { secret: HIDDEN, expiresAt: new Date(0) }],
  ])('%s that makes no sense throws invalid_option: %o', (option, secrets) => {
    for (const [, make] of makers) {
      for (const [given, place] of [
        [secrets, option],
        [['a', secrets], option.replace('secrets', 'secrets[1]')],
      ] as const) {
        const error = thrownBy(() => make(given))
        expect(error).toMatchObject({ code: 'invalid_option', option })
        expect((error as Error).message).toMatch(new RegExp(`^${place.replaceAll(/[[\].]/g, '\\$&')} `))
        expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(HIDDEN)
      }
    }
  })

  it.each([
    'whsec_',
    'whsec_!!!!',
    'whsec_A',
    'whsec_AAAAA',
    'whsec_AA=A',
    'whsec_AA=',
    'whsec_AAAA=',
    'whsec_AAAA====',
    'whsec_=',
    'whsec_====',
    '!',
    'whsec_ AAAA',
    'whsec_AA.A',
    'whsec_AA\u00c1A',
    'WHSEC_AAAA!',
    'WHSEC_AAAA',
    'whsec_whsec_AAAA',
    'whpk_AAAA',
    'whsk_AAAAAA',
  ])('standardWebhooks: %j is not base64', (secrets) => {
    expect(thrownBy(() => createWebhookVerifier({ scheme: standardWebhooks, secrets }))).toMatchObject({
      code: 'invalid_secret',
    })
  })

  it('computeWebhookSignature throws for a secret or body that it cannot use, quoting neither', () => {
    for (const secret of ['', ' ', undefined, new Uint8Array(0)]) {
      expect(thrownBy(() => computeWebhookSignature(secret as never, NOW, HIDDEN))).toMatchObject({
        code: 'invalid_secret',
        option: 'secret',
      })
    }
    for (const body of [{}, undefined, `${HIDDEN}\ud800`]) {
      const error = thrownBy(() => computeWebhookSignature(HIDDEN, NOW, body as never))
      expect(error).toMatchObject({ code: 'invalid_input' })
      expect(inspect(error, { showHidden: true })).not.toContain(HIDDEN)
    }
  })
})

describe('other options', () => {
  const numbers: [string, unknown[]][] = [
    [
      'toleranceSeconds',
      [
        Number.NaN,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
        -1,
        -0.1,
        '300',
        null,
        true,
        2 ** 53,
        [300],
        new Date(300),
      ],
    ],
    ['maxBodyBytes', [Number.NaN, Number.POSITIVE_INFINITY, -1, '1', null, 2 ** 53, 300n]],
  ]
  const receiverNumbers: [string, unknown[]][] = [
    ...numbers,
    ['leaseSeconds', [Number.NaN, Number.POSITIVE_INFINITY, 0, -1, '60', null, 86_401]],
    ['retentionSeconds', [Number.NaN, Number.POSITIVE_INFINITY, -1, 0, '3600', null, 'always', 599, 599.9, 1e12]],
    ['maxConcurrent', [Number.NaN, Number.POSITIVE_INFINITY, 0, -1, '1', null, 0.5, 1.5]],
    ['duplicateStatus', [Number.NaN, 201, 0, '200', null, 500]],
    ['namespace', ['', 7, null, {}]],
    ['dedupeKey', ['id', null, {}]],
    [
      'dedupeBy',
      ['id', '', null, 7, [], {}, { bodyId: '' }, { bodyId: 'id' }, { bodyId: '/a~' }, { bodyId: '/id', x: 1 }],
    ],
    ['onOutcome', ['log', null, {}, true]],
    ['storeTimeoutSeconds', [Number.NaN, Number.POSITIVE_INFINITY, 0, -1, '5', null, 3601, 61]],
    ['maxBufferedBytes', [Number.NaN, Number.POSITIVE_INFINITY, 0, -1, '1', null, 262_143, 2 ** 53]],
    ['inflate', [null, 'gzip', 1, {}]],
    ['transaction', [null, {}, 'BEGIN', true]],
    ['tenant', [null, {}, 'a', { namespace: 'a', secrets: 'b' }, () => undefined]],
    [
      'dedupe',
      [null, 'memory', {}, { claim() {}, commit() {} }, { claim() {}, release() {} }, { commit() {}, release() {} }],
    ],
  ]

  it.each([...numbers, ['now', [Number.NaN, 5, 'now', null, {}, new Date(0)]]] as [string, unknown[]][])(
    'a verifier refuses %s',
    (option, values) => {
      for (const value of values) {
        const error = thrownBy(() => createWebhookVerifier({ secrets: HIDDEN, [option]: value } as never))
        expect(error).toMatchObject({ code: 'invalid_option', option })
        expect((error as Error).message).toContain(option)
        expect(inspect(error)).not.toContain(HIDDEN)
      }
    },
  )

  it.each(receiverNumbers)('a receiver refuses %s', (option, values) => {
    for (const value of values) {
      const error = thrownBy(() => createWebhookReceiver({ secrets: HIDDEN, [option]: value } as never))
      expect([value, isWebhookError(error)]).toEqual([value, true])
      expect(error).toMatchObject({ code: 'invalid_option', option })
      expect((error as Error).message).toContain(option)
    }
  })

  it('a receiver refuses a lease that is shorter than a store call, whichever of the two was set', () => {
    const optionOf = (options: object) =>
      (thrownBy(() => createWebhookReceiver({ secrets: 's', ...options })) as WebhookError | undefined)?.option
    expect(optionOf({ leaseSeconds: 4.9 })).toBe('leaseSeconds')
    expect(optionOf({ storeTimeoutSeconds: 60.1 })).toBe('storeTimeoutSeconds')
    expect(optionOf({ leaseSeconds: 10, storeTimeoutSeconds: 10.1 })).toBe('leaseSeconds')
    for (const sound of [
      { leaseSeconds: 5 },
      { storeTimeoutSeconds: 60 },
      { leaseSeconds: 1, storeTimeoutSeconds: 1 },
    ]) {
      expect(optionOf(sound)).toBeUndefined()
    }
  })

  it('a receiver refuses a name that it does not know: a misspelt option would leave its default in force', () => {
    for (const name of [
      'leaseSecond',
      'retention',
      'dedupeby',
      'Secrets',
      'duplicatestatus',
      'path',
      '__proto__x',
      '',
    ]) {
      const error = thrownBy(() => createWebhookReceiver({ secrets: HIDDEN, [name]: 1 } as never))
      expect(error).toMatchObject({ code: 'invalid_option', option: name })
      expect((error as Error).message).toContain('dedupeBy')
      expect(inspect(error)).not.toContain(HIDDEN)
    }
    // The options of its adapters are unknown to it.
    expect(thrownBy(() => createWebhookReceiver({ secrets: 's', bodyTimeoutSeconds: 1 } as never))).toMatchObject({
      option: 'bodyTimeoutSeconds',
    })
    // A name that is only inherited does not count.
    expect(() =>
      createWebhookReceiver(Object.assign(Object.create({ leaseSecond: 1 }), { secrets: 's' })),
    ).not.toThrow()
  })

  it('a receiver needs secrets or a tenant, and not both', () => {
    const tenant = () => undefined
    expect(thrownBy(() => createWebhookReceiver({}))).toMatchObject({ code: 'invalid_secret', option: 'secrets' })
    expect(thrownBy(() => createWebhookReceiver({ tenant, secrets: 's' }))).toMatchObject({
      code: 'invalid_option',
      option: 'tenant',
    })
    expect(thrownBy(() => createWebhookReceiver({ tenant, secrets: () => 's' }))).toMatchObject({ option: 'tenant' })
    // Like an environment variable that is not set.
    expect(thrownBy(() => createWebhookReceiver({ secrets: undefined }))).toMatchObject({ code: 'invalid_secret' })
    expect(() => createWebhookReceiver({ tenant, secrets: undefined })).not.toThrow()
    expect(() => createWebhookReceiver({ tenant: undefined, secrets: 's' })).not.toThrow()
  })

  it('a signer refuses a clock that is not a function', () => {
    for (const now of [5, 'now', null, {}]) {
      expect(thrownBy(() => createWebhookSigner({ secrets: 's', now: now as never }))).toMatchObject({
        code: 'invalid_option',
        option: 'now',
      })
    }
  })

  it.each([createWebhookVerifier, createWebhookSigner, createWebhookReceiver])(
    '$name refuses to be made of nothing',
    (make) => {
      for (const options of [undefined, null, 'secret', 7]) {
        expect(thrownBy(() => make(options as never))).toMatchObject({ code: 'invalid_option', option: 'options' })
      }
    },
  )

  it('the limits themselves are allowed', () => {
    expect(() =>
      createWebhookReceiver({
        secrets: 's',
        toleranceSeconds: 0,
        retentionSeconds: 0,
        maxBodyBytes: 0,
        leaseSeconds: 0.001,
        storeTimeoutSeconds: 0.001,
        maxBufferedBytes: 0,
        maxConcurrent: 1,
      }),
    ).not.toThrow()
    expect(() => createWebhookReceiver({ secrets: 's', retentionSeconds: 600 })).not.toThrow()
    expect(() => createWebhookReceiver({ secrets: 's', toleranceSeconds: 400_000 })).not.toThrow()
    expect(() =>
      createWebhookReceiver({
        secrets: 's',
        toleranceSeconds: undefined,
        now: undefined,
        dedupe: undefined,
        namespace: undefined,
      }),
    ).not.toThrow()
  })

  it('a clock that fails later is misuse: it throws, and no delivery passes', async () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, '1710000000', undefined, null, new Date(0)]) {
      const options = { secrets: 'topsecret', now: () => value as number }
      const delivery = { headers: send('fluxora'), body: '{}' }
      expect(thrownBy(() => createWebhookVerifier(options).verify(delivery))).toMatchObject({
        code: 'invalid_option',
        option: 'now',
      })
      expect(thrownBy(() => createWebhookSigner(options).sign(delivery))).toMatchObject({
        code: 'invalid_option',
        option: 'now',
      })
      expect(await createWebhookReceiver(options).receive(delivery, () => {})).toMatchObject({
        status: 500,
        code: 'handler_failed',
      })
    }
  })

  it('isWebhookError never throws, even for a proxy whose traps throw', () => {
    const hostile = new Proxy({}, { get: () => JSON.parse('') })
    const branded = Object.assign(() => {}, { [Symbol.for('@fluxora/verify:WebhookError')]: true })
    for (const value of [
      hostile,
      branded,
      null,
      undefined,
      'invalid_secret',
      { code: 'invalid_secret' },
      new Error('x'),
    ]) {
      expect(isWebhookError(value)).toBe(false)
    }
  })

  it('memoryDedupeStore refuses anything but an object as its options', () => {
    for (const options of [null, 7, 'all']) {
      expect(thrownBy(() => memoryDedupeStore(options as never))).toMatchObject({
        code: 'invalid_option',
        option: 'options',
      })
    }
  })

  it('memoryDedupeStore refuses options that make no sense', () => {
    for (const maxEntries of [Number.NaN, Number.POSITIVE_INFINITY, 0, -1, '10', null, 2 ** 25]) {
      expect(thrownBy(() => memoryDedupeStore({ maxEntries: maxEntries as never }))).toMatchObject({
        code: 'invalid_option',
        option: 'maxEntries',
      })
    }
    for (const onEvict of ['log', 5, null, {}]) {
      expect(thrownBy(() => memoryDedupeStore({ onEvict: onEvict as never }))).toMatchObject({
        code: 'invalid_option',
        option: 'onEvict',
      })
    }
  })
})

describe('nothing made of a secret shows it', () => {
  const secrets: WebhookSecret[] = [HIDDEN, { secret: HIDDEN, id: 'k1' }, Buffer.from(HIDDEN)]
  const hex = Buffer.from(HIDDEN).toString('hex')

  it.each([
    ['a verifier', () => createWebhookVerifier({ secrets })],
    ['a signer', () => createWebhookSigner({ secrets })],
    ['a receiver', () => createWebhookReceiver({ secrets })],
    ['a verdict', () => verify('fluxora', send('fluxora', { secret: HIDDEN }), '{}', { secrets })],
    ['a refusal', () => verify('fluxora', send('fluxora', { secret: 'another' }), '{}', { secrets })],
  ])('%s, written out in any way', (_, make) => {
    const made = make()
    const written = [
      inspect(made, { depth: 9, showHidden: true, getters: true }),
      JSON.stringify(made),
      String(made),
    ].join()
    for (const hidden of [HIDDEN, hex, Buffer.from(HIDDEN).toString('base64'), [...Buffer.from(HIDDEN)].join(',')]) {
      expect(written).not.toContain(hidden)
    }
  })

  it('and all three are frozen', () => {
    for (const made of [
      createWebhookVerifier({ secrets }),
      createWebhookSigner({ secrets }),
      createWebhookReceiver({ secrets }),
      memoryDedupeStore(),
    ]) {
      expect(Object.isFrozen(made)).toBe(true)
    }
  })
})

describe('WebhookError', () => {
  it('is recognised by isWebhookError, even if it comes from the other build', () => {
    const error = new WebhookError('invalid_option', 'x must be y.', 'x')
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({ name: 'WebhookError', code: 'invalid_option', option: 'x', message: 'x must be y.' })
    expect(isWebhookError(error)).toBe(true)
    const foreign = Object.defineProperty(new Error('x'), Symbol.for('@fluxora/verify:WebhookError'), { value: true })
    expect(isWebhookError(foreign)).toBe(true)
    for (const other of [
      new Error('x'),
      { name: 'WebhookError', code: 'invalid_option' },
      null,
      undefined,
      'WebhookError',
      7,
    ]) {
      expect(isWebhookError(other)).toBe(false)
    }
  })
})

it('a Standard Webhooks secret may hold whsec_ further on, where it is url-safe base64', () => {
  const secrets = 'abcdwhsec_abcdab'
  expect(() => createWebhookVerifier({ scheme: standardWebhooks, secrets })).not.toThrow()
  expect(() => createWebhookVerifier({ scheme: standardWebhooks, secrets: `whsec_whsec_${'A'.repeat(32)}` })).toThrow()
})
