import { createHash, createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hmac } from '../../../src/testing/signing/hmac.ts'
import { sha256 } from '../../../src/testing/signing/sha256.ts'
import rfc4231 from '../../vectors/rfc4231.json' with { type: 'json' }

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('the HMAC of the fixtures', () => {
  // FIPS 180-4's own examples (NIST, "SHA256.pdf"): empty, one block, two blocks, and a million times 'a'.
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
    ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
  ])('hashes as FIPS 180-4 says: %.20s', (message, digest) => {
    expect(hex(sha256(bytes(message)))).toBe(digest)
  })

  it.each(rfc4231.cases)('signs as RFC 4231 says: $case', ({ key, data, mac }) => {
    const signed = hex(hmac('sha256', Buffer.from(key, 'hex'), Buffer.from(data, 'hex')))
    expect(signed.slice(0, mac.length)).toBe(mac)
  })

  it('hashes and signs as node:crypto does, for keys and messages of every length around the blocks', () => {
    for (let length = 0; length < 300; length++) {
      const message = new Uint8Array(length).map((_, index) => index * 7 + length)
      expect(hex(sha256(message))).toBe(createHash('sha256').update(message).digest('hex'))
      expect(hex(hmac('sha256', message, message))).toBe(createHmac('sha256', message).update(message).digest('hex'))
    }
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.uint8Array({ maxLength: 2_000, size: 'max' }),
        (key, message) => {
          expect(hex(hmac('sha256', key, message))).toBe(createHmac('sha256', key).update(message).digest('hex'))
          // A view into a larger buffer, as Node's pooled buffers are.
          const view = message.subarray(Math.min(3, message.length))
          expect(hex(sha256(view))).toBe(createHash('sha256').update(view).digest('hex'))
        },
      ),
    )
  })
})
