// Every form of key with every scheme: a key says what it is for, and is refused wherever it is not meant to be. A public key that was taken
// for a shared secret would let everybody sign.

import { generateKeyPairSync, type KeyObject, sign as nodeSign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createAsyncWebhookSigner, createAsyncWebhookVerifier } from '../../src/adapters/fetch.ts'
import {
  createWebhookSigner,
  createWebhookVerifier,
  type WebhookScheme,
  type WebhookSecrets,
} from '../../src/webhook/index.ts'
import { ALL_SCHEMES } from '../../src/webhook/schemes/all-schemes.ts'
import {
  defineScheme,
  hex,
  singleSignature,
  tokenFormat,
  type WebhookAlgorithm,
} from '../../src/webhook/schemes/index.ts'
import { thrownBy } from './support.ts'

const newPair = {
  Ed25519: () => generateKeyPairSync('ed25519'),
  'P-256': () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  RSA: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
}
const pairs = { Ed25519: newPair.Ed25519(), 'P-256': newPair['P-256'](), RSA: newPair.RSA() }

/** A scheme of a user's own. */
const schemeBy = (algorithm: WebhookAlgorithm): WebhookScheme =>
  defineScheme({
    name: algorithm,
    headers: { signature: 'x-signature' },
    signed: algorithm === 'token' ? [] : ['body'],
    signature: algorithm === 'token' ? tokenFormat() : singleSignature({ encoding: hex }),
    algorithm,
  })
const SHARED = ['hmac-sha256', 'hmac-sha1', 'hmac-sha512', 'token'] as const
const PUBLIC = ['ed25519', 'ecdsa-p256-sha256', 'rsa-sha256'] as const
const SCHEMES: Readonly<Record<string, WebhookScheme>> = {
  ...ALL_SCHEMES,
  ...Object.fromEntries([...SHARED, ...PUBLIC].map((algorithm) => [algorithm, schemeBy(algorithm)])),
}

/** What each scheme with public keys takes. All others take shared secrets. */
const FAMILY: Readonly<Record<string, keyof typeof pairs>> = {
  discord: 'Ed25519',
  standardWebhooks: 'Ed25519',
  svix: 'Ed25519',
  gitlabSigned: 'Ed25519',
  circle: 'P-256',
  sendgrid: 'P-256',
  ed25519: 'Ed25519',
  'ecdsa-p256-sha256': 'P-256',
  'rsa-sha256': 'RSA',
}

interface Form {
  readonly name: string
  readonly family: keyof typeof pairs
  readonly isPrivate: boolean
  readonly key: unknown
}

const forms: Form[] = Object.entries(pairs).flatMap(([name, { publicKey, privateKey }]) => {
  const family = name as keyof typeof pairs
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' })
  const of = (form: string, isPrivate: boolean, key: unknown) => ({ name: `${family} ${form}`, family, isPrivate, key })
  return [
    of('public PEM', false, publicKey.export({ type: 'spki', format: 'pem' })),
    of('public JWK', false, publicKey.export({ format: 'jwk' })),
    of('public JWK as text', false, JSON.stringify(publicKey.export({ format: 'jwk' }))),
    of('public DER', false, new Uint8Array(spki)),
    of('public DER in base64', false, spki.toString('base64')),
    of('private PEM', true, privateKey.export({ type: 'pkcs8', format: 'pem' })),
    of('private JWK', true, privateKey.export({ format: 'jwk' })),
    of('private DER', true, new Uint8Array(pkcs8)),
    of('private DER in base64', true, pkcs8.toString('base64')),
  ]
})
const raw = pairs.Ed25519.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64')
forms.push({ name: 'whpk_', family: 'Ed25519', isPrivate: false, key: `whpk_${raw}` })
forms.push({ name: 'whsk_', family: 'Ed25519', isPrivate: true, key: `whsk_${raw}` })

const verify = (scheme: string, key: unknown): unknown =>
  thrownBy(() => createWebhookVerifier({ scheme: SCHEMES[scheme], secrets: key as WebhookSecrets }))
const verifyLater = (scheme: string, key: unknown): unknown =>
  thrownBy(() => createAsyncWebhookVerifier({ scheme: SCHEMES[scheme], secrets: key as WebhookSecrets }))

/** Bytes and bare base64 could be the secret of an HMAC, so the mixed schemes take them for nothing else. */
const isMixed = (scheme: string): boolean => ['standardWebhooks', 'svix', 'gitlabSigned'].includes(scheme)

describe.each(Object.keys(SCHEMES))('%s', (scheme) => {
  it('takes public keys of its own family, and no other key', () => {
    for (const { name, family, isPrivate, key } of forms) {
      const isDigits = name.includes('DER')
      const isTaken = FAMILY[scheme] === family && !isPrivate && !(isMixed(scheme) && isDigits)
      const expected = isTaken ? undefined : expect.objectContaining({ code: 'invalid_secret' })
      expect(verify(scheme, key), name).toEqual(expected)
      expect(verifyLater(scheme, key), `${name}, WebCrypto`).toEqual(expected)
    }
  })

  it('takes no public key to sign with', () => {
    for (const { name, isPrivate, key } of forms) {
      if (isPrivate) continue
      const error = thrownBy(() => createWebhookSigner({ scheme: SCHEMES[scheme], secrets: key as WebhookSecrets }))
      // One sender signs in the body, which no signer does.
      const code = scheme === 'mailgun' ? 'invalid_scheme' : 'invalid_secret'
      expect(error, name).toMatchObject({ code })
    }
  })
})

/** Forms of a public key that say nothing of themselves: a shared secret may look like that. */
const bare: Form[] = (['Ed25519', 'P-256'] as const).flatMap((family) => {
  const spki = pairs[family].publicKey.export({ type: 'spki', format: 'der' })
  const digits = spki.subarray(family === 'Ed25519' ? -32 : -65)
  const of = (form: string, key: unknown) => ({ name: `${family} ${form}`, family, isPrivate: false, key })
  return [
    of('hexadecimal', digits.toString('hex')),
    of('base64', digits.toString('base64')),
    of('bytes', new Uint8Array(digits)),
  ]
})

describe.each(PUBLIC)('%s, by a scheme of a user', (algorithm) => {
  const scheme = SCHEMES[algorithm] as WebhookScheme
  const family = FAMILY[algorithm] as keyof typeof pairs
  const hash = family === 'Ed25519' ? undefined : 'sha256'
  const signatureBy = (key: KeyObject): string => nodeSign(hash, Buffer.from('{}'), key).toString('hex')
  const [genuine, other] = [signatureBy(pairs[family].privateKey), signatureBy(newPair[family]().privateKey)]

  it('verifies with each form of its key, on both engines', async () => {
    const own = [...forms, ...bare].filter((form) => form.family === family && !form.isPrivate)
    for (const { name, key } of own) {
      const secrets = key as WebhookSecrets
      for (const [signature, code] of [
        [genuine, 'ok'],
        [other, 'signature_mismatch'],
      ] as const) {
        const input = { headers: { 'x-signature': signature }, body: '{}' }
        expect(createWebhookVerifier({ scheme, secrets }).verify(input).code, name).toBe(code)
        expect((await createAsyncWebhookVerifier({ scheme, secrets }).verify(input)).code, name).toBe(code)
      }
    }
  })

  it('signs with each form of a private key that a signer takes, and with no key of another family', async () => {
    const secrets = pairs[family].publicKey.export({ type: 'spki', format: 'pem' }).toString()
    const { d, ...half } = pairs[family].privateKey.export({ format: 'jwk' })
    const jwk = JSON.stringify({ ...half, d })
    const taken = forms.filter(({ isPrivate, name }) => isPrivate && !/DER|whsk_/.test(name))
    for (const { name, key, family: other } of [...taken, { name: 'private JWK as text', key: jwk, family }]) {
      const sign = () => createWebhookSigner({ scheme, secrets: key as WebhookSecrets }).sign({ body: '{}' })
      const signLater = () => createAsyncWebhookSigner({ scheme, secrets: key as WebhookSecrets }).sign({ body: '{}' })
      for (const each of [sign, signLater]) {
        if (other !== family) expect(thrownBy(each), name).toMatchObject({ code: 'invalid_secret' })
        else {
          const verdict = createWebhookVerifier({ scheme, secrets }).verify({ headers: await each(), body: '{}' })
          expect(verdict.code, name).toBe('ok')
        }
      }
    }
  })

  it('signs with no JWK that is not whole', () => {
    const whole = pairs[family].privateKey.export({ format: 'jwk' })
    const members = Object.keys(whole).filter((name) => name !== 'd' && (family !== 'Ed25519' || name !== 'x'))
    const broken = members.map((name) => ({ ...whole, [name]: undefined }))
    for (const jwk of [...broken, { ...whole, d: 'AAAA' }, { ...whole, use: 'enc' }, { ...whole, alg: 'HS256' }]) {
      // RSA's d of another length is a number like any other.
      if (family === 'RSA' && jwk.d === 'AAAA') continue
      const secrets = jwk as WebhookSecrets
      expect(thrownBy(() => createWebhookSigner({ scheme, secrets }))).toMatchObject({ code: 'invalid_secret' })
    }
  })

  it('says of each form of a private key that it is one', () => {
    for (const { name, isPrivate, key } of forms) {
      if (!isPrivate) continue
      for (const error of [verify(algorithm, key), verifyLater(algorithm, key)]) {
        expect((error as Error).message, name).toMatch(/^secrets is a private key, which only a signer takes\./)
      }
    }
  })

  it('takes no bare key of another family, and no shared secret', () => {
    const foreign = bare.filter((form) => form.family !== family).map(({ key }) => key)
    for (const key of [...foreign, 'topsecret', `whsec_${'A'.repeat(44)}`, 'A'.repeat(44), { kty: 'oct', k: 'AAAA' }]) {
      expect(verify(algorithm, key)).toMatchObject({ code: 'invalid_secret' })
      expect(verifyLater(algorithm, key)).toMatchObject({ code: 'invalid_secret' })
    }
  })
})

describe('RSA keys under which anybody can sign, or that engines read differently', () => {
  const jwk = pairs.RSA.publicKey.export({ format: 'jwk' })
  it.each([
    ['an exponent of 1', 'AQ'],
    ['an exponent of 0', 'AA'],
    ['no exponent', ''],
    ['an even exponent', 'AQAA'],
    ['an exponent of 33 bits', 'AQAAAAE'],
  ])('%s', (_, e) => {
    expect(verify('rsa-sha256', { ...jwk, e })).toMatchObject({ code: 'invalid_secret' })
    expect(verifyLater('rsa-sha256', { ...jwk, e })).toMatchObject({ code: 'invalid_secret' })
  })

  it('takes an exponent of 3', () => {
    expect(verify('rsa-sha256', { ...jwk, e: 'Aw' })).toBeUndefined()
  })
})

it('says what is wrong, without a character of the key', () => {
  const error = verify('github', `whpk_${raw}`) as Error
  expect(error.message).toMatch(/^secrets is a key for public-key signatures/)
  expect(error.message).not.toContain(raw.slice(0, 6))
})

it('takes shared secrets that only begin like a key', () => {
  for (const key of [
    '{"kty":1}',
    '{not json',
    'MCow',
    'M',
    '-----',
    'whp_x',
    `0${'\0'.repeat(12)}`.replaceAll('\0', 'x'),
  ]) {
    expect(verify('github', key), key).toBeUndefined()
  }
  expect(verify('github', Uint8Array.of(0x30, 1, 2, 3))).toBeUndefined()
})

describe('Ed25519 keys under which one signature fits many messages', () => {
  // The encodings of the eight points of small order, canonical or not, with either sign (libsodium and others keep the same list).
  const ys = [
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  ]
  const withSign = (y: string): string => y.slice(0, 62) + (Number.parseInt(y.slice(62), 16) | 0x80).toString(16)

  it.each([...ys, ...ys.map(withSign), `f0${'ff'.repeat(30)}7f`])('%s is refused', (key) => {
    expect(verify('discord', key)).toMatchObject({ code: 'invalid_secret' })
    expect(verifyLater('discord', key)).toMatchObject({ code: 'invalid_secret' })
    expect(verify('standardWebhooks', `whpk_${Buffer.from(key, 'hex').toString('base64')}`)).toMatchObject({
      code: 'invalid_secret',
    })
  })

  it('are refused, and no others: the base point is a key', () => {
    expect(verify('discord', `58${'66'.repeat(31)}`)).toBeUndefined()
  })
})
