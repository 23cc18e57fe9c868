// The message about a secret that cannot be used: which one, what was found, and what form the scheme takes. Never the secret itself.

import { inspect } from 'node:util'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createAsyncWebhookVerifier, createWebhookRoute } from '../../src/adapters/fetch.ts'
import { createWebhookListener } from '../../src/adapters/http.ts'
import {
  computeWebhookSignature,
  createWebhookReceiver,
  createWebhookSigner,
  createWebhookVerifier,
  defineScheme,
  previousSecret,
  verifyWebhookSignature,
  type WebhookError,
} from '../../src/webhook/index.ts'
import { hex, singleSignature, standardWebhooks } from '../../src/webhook/schemes/index.ts'
import { clock, hmac, NOW, send, thrownBy, verify } from './support.ts'

type Any = never

const TEXT = 'The scheme takes text, or bytes.'
const BASE64 =
  'The scheme takes base64, with or without whsec_ before it, or a public or private key as whpk_, whsk_, PEM or JWK, or bytes.'

const makers: [string, (secrets: unknown, scheme?: typeof standardWebhooks) => unknown][] = [
  ['createWebhookVerifier', (secrets, scheme) => createWebhookVerifier({ scheme, secrets: secrets as Any })],
  ['createAsyncWebhookVerifier', (secrets, scheme) => createAsyncWebhookVerifier({ scheme, secrets: secrets as Any })],
  ['createWebhookSigner', (secrets, scheme) => createWebhookSigner({ scheme, secrets: secrets as Any })],
  ['createWebhookReceiver', (secrets, scheme) => createWebhookReceiver({ scheme, secrets: secrets as Any })],
  ['createWebhookListener', (secrets, scheme) => createWebhookListener({ scheme, secrets: secrets as Any }, () => {})],
  ['createWebhookRoute', (secrets, scheme) => createWebhookRoute({ scheme, secrets: secrets as Any }, () => {})],
]
const verifier = (secrets: unknown, scheme?: typeof standardWebhooks) => makers[0]?.[1](secrets, scheme)

describe('which secret, what is wrong with it, and what the scheme takes', () => {
  it.each<[unknown, string]>([
    [undefined, 'secrets is not set (is an environment variable missing?)'],
    [['a', undefined], 'secrets[1] is not set (is an environment variable missing?)'],
    [['a', { secret: undefined, id: 'k' }], 'secrets[1].secret is not set (is an environment variable missing?)'],
    [{ secret: undefined }, 'secrets.secret is not set (is an environment variable missing?)'],
    [null, 'secrets is null'],
    ['', 'secrets is empty'],
    [['a', ''], 'secrets[1] is empty'],
    [' \t\n', 'secrets is blank'],
    ['\u200b', 'secrets is blank'],
    [[], 'secrets is an empty list'],
    [[['a']], 'secrets[0] is a list'],
    [new Uint8Array(0), 'secrets holds no bytes'],
    [['a', Buffer.alloc(0)], 'secrets[1] holds no bytes'],
    [7, 'secrets is a number'],
    [[7n], 'secrets[0] is a bigint'],
    [true, 'secrets is a boolean'],
    [[Symbol('s')], 'secrets[0] is a symbol'],
    [{ key: 'a' }, 'secrets is an object without a secret member'],
    [{ secret: { secret: 'a' } }, 'secrets.secret is an object'],
    [new ArrayBuffer(8), 'secrets is an object without a secret member'],
    [Promise.resolve('a'), 'secrets is a promise, which must be awaited first'],
    [['a\ud800'], 'secrets[0] holds half of a surrogate pair, which has no UTF-8 form'],
  ])('%o: %s', (secrets, finding) => {
    const error = thrownBy(() => verifier(secrets)) as WebhookError
    expect(error).toMatchObject({ name: 'WebhookError', code: 'invalid_secret', option: 'secrets' })
    expect(error.message).toBe(`${finding}. ${TEXT}`)
  })

  it('a function, which only a receiver takes', () => {
    expect((thrownBy(() => verifier(() => 'a')) as Error).message).toBe(
      `secrets is a function, which only a receiver takes, and only in place of all secrets. ${TEXT}`,
    )
  })

  it.each<[string, string]>([
    ['whsec_', 'secrets decodes to no bytes'],
    ['=', "secrets is not in the scheme's form"],
    ['whsec_!!!!', "secrets is not in the scheme's form"],
    ['not base64 at all', "secrets is not in the scheme's form"],
    ['', 'secrets is empty'],
    ['whsec_AAAA\n', 'secrets has a line break at its end. Secrets are used exactly as they are, so remove it'],
  ])('standardWebhooks, %j: %s', (secrets, finding) => {
    expect((thrownBy(() => verifier(secrets, standardWebhooks)) as Error).message).toBe(`${finding}. ${BASE64}`)
  })

  it.each(makers)('%s says the same', (_, make) => {
    for (const secrets of [['a', ''], undefined, 'a\n', [{ secret: ' ' }], {}]) {
      const [expected, error] = [verifier, make].map((each) => thrownBy(() => each(secrets)) as WebhookError)
      expect(error).toMatchObject({ code: 'invalid_secret', option: 'secrets', message: expected?.message })
    }
  })

  it('a custom scheme names its own form, or says that it has one', () => {
    const base = {
      name: 'x',
      headers: { signature: 'x' },
      signed: ['body'],
      signature: singleSignature({ encoding: hex }),
    }
    const secret = (text: string) => (text.startsWith('k_') ? Buffer.from(text.slice(2), 'hex') : undefined)
    const told = defineScheme({ ...base, secret, secretForm: 'k_ and hex digits' })
    expect(told.secretForm).toBe('k_ and hex digits')
    expect((thrownBy(() => verifier('00ff', told)) as Error).message).toBe(
      "secrets is not in the scheme's form. The scheme takes k_ and hex digits, or bytes.",
    )
    const untold = defineScheme({ ...base, secret })
    expect((thrownBy(() => verifier('00ff', untold)) as Error).message).toBe(
      "secrets is not in the scheme's form. The scheme takes text in a form of its own, or bytes.",
    )
    expect((thrownBy(() => verifier('', defineScheme(base))) as Error).message).toBe(`secrets is empty. ${TEXT}`)
  })

  it.each<[string, unknown]>([
    [
      'throws',
      () => {
        throw new Error('hidden-7f3a')
      },
    ],
    ['gives text', (text: string) => text],
    ['gives a promise', async () => Buffer.from('a')],
    ['gives null', () => null],
  ])('a secret function that %s does not make a key', (_, secret) => {
    const scheme = defineScheme({
      name: 'x',
      headers: { signature: 'x' },
      signed: ['body'],
      signature: singleSignature({ encoding: hex }),
      secret: secret as Any,
    })
    const error = thrownBy(() => verifier('hidden-7f3a', scheme)) as WebhookError
    expect(error).toMatchObject({ code: 'invalid_secret', option: 'secrets' })
    expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain('hidden-7f3a')
  })
})

/** What String.prototype.trim strips, and what prints as little: each as a message names it. */
const invisible: [string, string][] = [
  ['\n', 'a line break'],
  ['\r', 'a line break'],
  ['\r\n', 'a line break'],
  ['\u2028', 'a line break'],
  ['\u2029', 'a line break'],
  [' ', 'a space'],
  ['\t', 'a tab'],
  ['\u00a0', 'an invisible character, U+00A0,'],
  ['\ufeff', 'an invisible character, U+FEFF,'],
  ['\u3000', 'an invisible character, U+3000,'],
  ['\u2003', 'an invisible character, U+2003,'],
  ['\u1680', 'an invisible character, U+1680,'],
  ['\v', 'an invisible character, U+000B,'],
  ['\f', 'an invisible character, U+000C,'],
  ['\0', 'an invisible character, U+0000,'],
  ['\x7f', 'an invisible character, U+007F,'],
  ['\u0085', 'an invisible character, U+0085,'],
  ['\u200b', 'an invisible character, U+200B,'],
  ['\u200d', 'an invisible character, U+200D,'],
  ['\u2060', 'an invisible character, U+2060,'],
  ['\u180e', 'an invisible character, U+180E,'],
  ['\u00ad', 'an invisible character, U+00AD,'],
  ['\u202e', 'an invisible character, U+202E,'],
  ['\u{e0020}', 'an invisible character, U+E0020,'],
]

it('a secret function may return bytes of any kind, even of another realm, and they are copied', () => {
  const made: Uint8Array[] = []
  for (const make of [
    (text: string) => Buffer.from(text, 'hex'),
    (text: string) => new Uint8Array(Buffer.from(`ff${text}ff`, 'hex')).subarray(1, -1),
    (text: string) => runInNewContext('Uint8Array.from(bytes)', { bytes: [...Buffer.from(text, 'hex')] }),
  ]) {
    const scheme = defineScheme({
      name: 'x',
      headers: { signature: 'x' },
      signed: ['body'],
      signature: singleSignature({ encoding: hex }),
      secret: (text) => {
        const bytes = make(text)
        made.push(bytes)
        return bytes
      },
    })
    const verifier = createWebhookVerifier({ scheme, secrets: '00a1' })
    made.at(-1)?.fill(0)
    const headers = { x: hmac(Buffer.from('00a1', 'hex'), '{}').toString('hex') }
    expect(verifier.verify({ headers, body: '{}' }).code).toBe('ok')
  }
})

describe('white space at either end of a configured text', () => {
  it('is all that trim strips', () => {
    const stripped = Array.from({ length: 0x10000 }, (_, unit) => String.fromCharCode(unit)).filter(
      (c) => c.trim() === '',
    )
    expect(stripped.length).toBe(25)
    for (const character of stripped) {
      expect(thrownBy(() => verifier(`a${character}`))).toMatchObject({ code: 'invalid_secret' })
      expect(thrownBy(() => verifier(`${character}a`))).toMatchObject({ code: 'invalid_secret' })
    }
  })

  it.each(invisible)('%j is refused by name: %s', (character, name) => {
    const say = (secrets: unknown) => (thrownBy(() => verifier(secrets)) as Error).message
    const rest = `Secrets are used exactly as they are, so remove it. ${TEXT}`
    expect(say(`topsecret${character}`)).toBe(`secrets has ${name} at its end. ${rest}`)
    expect(say(`${character}topsecret`)).toBe(`secrets has ${name} at its start. ${rest}`)
    expect(say(['a', { secret: `${character}topsecret${character}`, id: 'k' }])).toBe(
      `secrets[1].secret has ${name} at its start. ${rest}`,
    )
  })

  it('is refused by everything that takes secrets, by computeWebhookSignature, and when a previousSecret is used', () => {
    for (const [, make] of makers) {
      for (const secrets of ['a\n', [' a'], { secret: 'a\t' }, previousSecret('a\u00a0', NOW)]) {
        expect(thrownBy(() => make(secrets))).toMatchObject({ code: 'invalid_secret' })
      }
    }
    expect(thrownBy(() => computeWebhookSignature('a\n', NOW, ''))).toMatchObject({
      code: 'invalid_secret',
      option: 'secret',
      message: `secret has a line break at its end. Secrets are used exactly as they are, so remove it. ${TEXT}`,
    })
  })

  it('is refused if a receiver looks it up, with the reason in the report', async () => {
    const errors: unknown[] = []
    const receiver = createWebhookReceiver({
      secrets: () => 'topsecret\n',
      now: clock,
      onOutcome: ({ error }) => errors.push(error),
    })
    expect(await receiver.receive({ headers: send('fluxora'), body: '{}' }, () => {})).toMatchObject({
      code: 'missing_secret',
      message: expect.not.stringContaining('line break'),
    })
    expect(errors).toMatchObject([
      { code: 'invalid_secret', message: expect.stringContaining('secrets has a line break at its end') },
    ])
  })

  it('is allowed inside', () => {
    for (const secret of ['top secret', 'top\nsecret', 'a\u00a0b', 'a\u200bb']) {
      expect(verify('fluxora', send('fluxora', { secret }), '{}', { secrets: secret }).code).toBe('ok')
    }
  })

  it('is allowed in bytes, which are taken as they are', () => {
    for (const secret of ['topsecret\n', ' ', '\u00a0topsecret', '\n']) {
      for (const secrets of [
        Buffer.from(secret),
        { secret: Buffer.from(secret) },
        [previousSecret(Buffer.from(secret), NOW)],
      ]) {
        expect(verify('fluxora', send('fluxora', { secret }), '{}', { secrets }).code).toBe('ok')
      }
      expect(computeWebhookSignature(Buffer.from(secret), NOW, '{}')).toBe(hmac(secret, `${NOW}.{}`).toString('hex'))
    }
  })
})

describe('secrets of standardWebhooks', () => {
  const sign = (secrets: unknown) =>
    createWebhookSigner({ scheme: standardWebhooks, secrets: secrets as Any, now: clock }).sign({
      body: '{}',
      deliveryId: 'm',
    })['webhook-signature']
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 70 })
  const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

  // Run against standardwebhooks 1.1.1 and svix 2.5.0, which agree.
  it.each([
    ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'v1,PUelDgJpGw12Ue3QkR6EqnZIp8hVSuQOe/5fVgEfbnI='],
    ['whsec_AA==', 'v1,mZRB1noC1TkxxJpKhBmoKOsGXmhHmBCVibz0fAqlqbc='],
    ['AA+/', 'v1,4j7rb4bXYmRrlspryKqOn45ZlgxcXnRCY6V83LwrSPQ='],
    ['whsec_AB==', 'v1,mZRB1noC1TkxxJpKhBmoKOsGXmhHmBCVibz0fAqlqbc='],
  ])('%s makes what the libraries of the specification make', (secret, signature) => {
    expect(sign(secret)).toBe(signature)
  })

  it('are the same key in every form: prefix, padding, alphabet, spare bits', () => {
    fc.assert(
      fc.property(
        bytes,
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        fc.nat(15),
        (key, prefix, padding, urlSafe, spare) => {
          const text = Buffer.from(key).toString('base64').replaceAll('=', '')
          const spareBits = { 2: 15, 3: 3 }[text.length % 4] ?? 0
          const last = ALPHABET[ALPHABET.indexOf(text.at(-1) as string) | (spare & spareBits)]
          let written = text.slice(0, -1) + last
          if (padding) written = written.padEnd(Math.ceil(written.length / 4) * 4, '=')
          if (urlSafe) written = written.replaceAll('+', '-').replaceAll('/', '_')
          fc.pre(prefix || !/^wh(sec|sk|pk)_/i.test(written))
          expect(sign(`${prefix ? 'whsec_' : ''}${written}`)).toBe(sign(key))
        },
      ),
      { numRuns: 500 },
    )
  })

  it('with one character that belongs to no alphabet are refused', () => {
    fc.assert(
      fc.property(
        bytes,
        fc.nat(),
        fc.constantFrom('!', '.', '=', ' ', '\u00e9', '\u2010', ':'),
        (key, place, stray) => {
          const text = Buffer.from(key).toString('base64url')
          const at = place % text.length
          const secret = `whsec_${text.slice(0, at)}${stray}${text.slice(at + 1)}A`
          expect(thrownBy(() => sign(secret))).toMatchObject({ code: 'invalid_secret' })
        },
      ),
    )
  })
})

describe('verifyWebhookSignature', () => {
  const check = (changes: object) =>
    verifyWebhookSignature({
      secret: 'topsecret',
      deliveryId: 'd1',
      timestamp: String(NOW),
      signature: hmac('topsecret', `${NOW}.{}`).toString('hex'),
      rawBody: '{}',
      now: NOW,
      ...changes,
    })

  it('says that no secret is configured, or why the configured one cannot be used', () => {
    for (const secret of [undefined, null, '']) {
      expect(check({ secret })).toMatchObject({ code: 'missing_secret', message: 'No webhook secret is configured.' })
    }
    expect(check({ secret: 'topsecret\n' })).toEqual({
      ok: false,
      status: 500,
      code: 'missing_secret',
      message: `The webhook secret cannot be used: secret has a line break at its end. Secrets are used exactly as they are, so remove it. ${TEXT}`,
    })
    expect(check({ secret: '  ' }).message).toMatch(/secret is blank/)
    expect(check({ secret: '\ud800' }).message).toMatch(/surrogate/)
  })

  it('uses the current secret if the previous one cannot be used, and says so only if nothing matches', () => {
    const secretPrevious = 'former\n'
    expect(check({ secretPrevious })).toEqual(check({}))
    const signature = hmac('former', `${NOW}.{}`).toString('hex')
    expect(check({ secretPrevious, signature })).toMatchObject({
      code: 'signature_mismatch',
      message: expect.stringMatching(
        /^No configured secret makes this signature.*The previous secret cannot be used: secretPrevious has a line break/,
      ),
    })
    for (const none of [undefined, null, '']) {
      expect(check({ secretPrevious: none, signature }).message).toBe(check({ signature }).message)
    }
  })
})

describe('no message holds a part of a secret', () => {
  // No message, and no path in a stack, has four of these letters together: they can only come from the secret. Digits would not do, since
  // both have numbers.
  const letter = fc.constantFrom(...'QXZJ')
  const secret = fc.array(letter, { minLength: 4, maxLength: 80 }).map((letters) => letters.join(''))
  const spoil = fc.constantFrom<(text: string) => unknown>(
    (text) => `${text}\n`,
    (text) => `\u00a0${text}`,
    (text) => `${text}\ud800`,
    (text) => ['a', `${text} `],
    (text) => ({ secret: `${text}\t`, id: 'k' }),
    (text) => [[text]],
    (text) => ({ key: text }),
    (text) => new Set([text]),
    (text) => () => text,
    (text) => Promise.resolve(text),
    (text) => ({ secret: { secret: text } }),
    (text) => new String(text),
    (text) => [`${text}!`, undefined],
    (text) => ({ secret: text, expiresAt: 1e13 }),
    (text) => ({ secret: text, id: '' }),
    (text) => ({ secret: text, expires: 5 }),
  )
  const parts = (text: string) => Array.from({ length: text.length - 3 }, (_, at) => text.slice(at, at + 4))

  it.each(['the default form', 'base64'])('%s', (form) => {
    const scheme = form === 'base64' ? standardWebhooks : undefined
    fc.assert(
      fc.property(secret, spoil, fc.constantFrom(...makers), (text, change, [, make]) => {
        const secrets = change(text)
        fc.pre(typeof secrets !== 'function' || make === makers[0]?.[1]) // a receiver takes one
        const error = thrownBy(() => make(secrets, scheme)) as Error
        expect(error).toBeInstanceOf(Error)
        const said =
          inspect(error, { showHidden: true, depth: 9 }) + error.message + error.stack + JSON.stringify(error)
        // A stack holds the numbers of lines.
        const plain = said.replaceAll(/:\d+:\d+/g, '')
        for (const part of parts(text)) expect(plain).not.toContain(part)
      }),
      { numRuns: 300 },
    )
  })

  it('the verdict of the contract', () => {
    fc.assert(
      fc.property(secret, spoil, fc.constantFrom('secret', 'secretPrevious'), (text, change, member) => {
        const verdict = verifyWebhookSignature({
          secret: 'topsecret',
          deliveryId: 'd1',
          timestamp: String(NOW),
          signature: 'f'.repeat(64),
          rawBody: '{}',
          now: NOW,
          [member]: change(text),
        })
        expect(verdict.code).toBe(member === 'secret' ? 'missing_secret' : 'signature_mismatch')
        for (const part of parts(text)) expect(JSON.stringify(verdict)).not.toContain(part)
      }),
      { numRuns: 300 },
    )
  })

  it('a message is the same for any two secrets with the same fault', () => {
    fc.assert(
      fc.property(secret, secret, spoil, (one, other, change) => {
        const [first, second] = [one, other].map((text) => (thrownBy(() => verifier(change(text))) as Error).message)
        expect(first).toBe(second)
      }),
      { numRuns: 200 },
    )
  })
})
