// What the fixtures sign with, against the standards' own examples and against node:crypto.

import {
  createECDH,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSign,
  generateKeyPairSync,
  sign,
  verify,
} from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { derSignature, P256_ORDER, p256PublicKey, p256Sign } from '../../../src/testing/signing/ecdsa-p256.ts'
import { ed25519PublicKey, ed25519Sign } from '../../../src/testing/signing/ed25519.ts'
import { hmac } from '../../../src/testing/signing/hmac.ts'
import { toBytes } from '../../../src/testing/signing/numbers.ts'
import { rsaSign } from '../../../src/testing/signing/rsa.ts'
import { sha1 } from '../../../src/testing/signing/sha1.ts'
import { sha512 } from '../../../src/testing/signing/sha512.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('hashes', () => {
  const hashes = { sha1, sha512 }
  const names = ['sha1', 'sha512'] as const

  // FIPS 180-4's own example (NIST, "SHA1.pdf" and "SHA512.pdf").
  it('are those of the standard', () => {
    expect(hex(sha1(utf8('abc')))).toBe('a9993e364706816aba3e25717850c26c9cd0d89d')
    expect(hex(sha512(utf8('abc')))).toBe(
      'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
    )
  })

  it.each(names)('are those of node:crypto, for every length around the blocks: %s', (name) => {
    for (let length = 0; length < 300; length++) {
      const message = new Uint8Array(length).map((_, index) => index * 7 + length)
      expect(hex(hashes[name](message))).toBe(createHash(name).update(message).digest('hex'))
      expect(hex(hmac(name, message, message))).toBe(createHmac(name, message).update(message).digest('hex'))
    }
  })

  it.each(['sha1', 'sha256', 'sha512'] as const)('sign as node:crypto does, for any key and message: %s', (name) => {
    const texts = fc.uint8Array({ maxLength: 2_000, size: 'max' })
    fc.assert(
      fc.property(texts, texts, (key, message) => {
        expect(hex(hmac(name, key, message))).toBe(createHmac(name, key).update(message).digest('hex'))
      }),
    )
  })
})

describe('Ed25519', () => {
  // RFC 8032 section 7.1, tests 1 to 3.
  it.each([
    [
      '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      '',
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    ],
    [
      '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      '72',
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    ],
    [
      'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
      'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
      'af82',
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
    ],
  ])('signs as RFC 8032 says: %.8s', (seed, key, message, signature) => {
    expect(hex(ed25519PublicKey(bytes(seed)))).toBe(key)
    expect(hex(ed25519Sign(bytes(seed), bytes(message)))).toBe(signature)
  })

  it('signs as node:crypto does', () => {
    const head = bytes('302e020100300506032b657004220420')
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array(), (seed, message) => {
        const key = createPrivateKey({ key: Buffer.concat([head, seed]), format: 'der', type: 'pkcs8' })
        expect(hex(ed25519Sign(seed, message))).toBe(sign(null, message, key).toString('hex'))
        expect(createPublicKey(key).export({ format: 'jwk' }).x).toBe(
          Buffer.from(ed25519PublicKey(seed)).toString('base64url'),
        )
      }),
    )
  })
})

describe('ECDSA over P-256', () => {
  // RFC 6979 section A.2.5, with SHA-256.
  const secret = bytes('c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721')
  it.each([
    [
      'sample',
      0xefd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716n,
      0xf7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8n,
    ],
    [
      'test',
      0xf1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367n,
      0x019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083n,
    ],
  ])('signs as RFC 6979 says: %s', (message, r, s) => {
    expect(hex(p256Sign(secret, utf8(message)))).toBe(hex(derSignature(r, s)))
  })

  it('has the public keys of node:crypto, which takes its signatures', () => {
    const secrets = fc.oneof(fc.constantFrom(1n, 2n, 3n, P256_ORDER - 1n), fc.bigInt({ min: 1n, max: P256_ORDER - 1n }))
    fc.assert(
      fc.property(secrets, fc.uint8Array(), (number, message) => {
        const ecdh = createECDH('prime256v1')
        ecdh.setPrivateKey(Buffer.from(toBytes(number, 32)))
        const point = p256PublicKey(toBytes(number, 32))
        expect(hex(point)).toBe(ecdh.getPublicKey('hex'))
        const [x = '', y = ''] = [point.slice(1, 33), point.slice(33)].map((each) =>
          Buffer.from(each).toString('base64url'),
        )
        const key = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' })
        expect(verify('sha256', message, key, p256Sign(toBytes(number, 32), message))).toBe(true)
      }),
      { numRuns: 50 },
    )
  })
})

describe('RSA', () => {
  it.each([2048, 3072])('signs as node:crypto does, with %i bits', (modulusLength) => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength })
    const { n = '', d = '' } = privateKey.export({ format: 'jwk' })
    const [modulus, exponent] = [n, d].map((each) => Uint8Array.from(Buffer.from(each, 'base64url')))
    for (const message of ['', 'a', '{"é":1}']) {
      const signature = rsaSign(modulus as Uint8Array, exponent as Uint8Array, utf8(message))
      expect(hex(signature)).toBe(createSign('sha256').update(message).sign(privateKey, 'hex'))
    }
  })
})
