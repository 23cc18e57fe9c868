// Hexadecimal and base64 of any length, against Buffer; UTF-8 without lone surrogates.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBase64, decodeBase64Loosely, decodeHex, encodeBase64, encodeHex } from '../../src/shared/encoding.ts'
import { utf8 } from '../../src/shared/utf8.ts'

const bytes = fc.uint8Array({ maxLength: 80 })

describe('hexadecimal', () => {
  it('is what Buffer writes, and is read back', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        const text = Buffer.from(value).toString('hex')
        expect(encodeHex(value)).toBe(text)
        expect(decodeHex(text)).toEqual(value)
        expect(decodeHex(text.toUpperCase(), 'any case')).toEqual(value)
      }),
    )
  })

  it('takes upper-case letters only when told to', () => {
    expect(decodeHex('aB')).toBeUndefined()
    expect(decodeHex('aB', 'any case')).toEqual(Uint8Array.of(0xab))
  })

  it.each(['a', 'abc', 'a ', ' a', '0x', 'g0', '0g', '0/', '0:', '0`', '0@', '0G', '\u0130\u0130', 'ff\ud800\udc00'])(
    'does not read %j',
    (text) => {
      expect(decodeHex(text)).toBeUndefined()
      expect(decodeHex(text, 'any case')).toBeUndefined()
    },
  )
})

describe('base64', () => {
  it('is what Buffer writes, and is read back strictly and loosely', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        const text = Buffer.from(value).toString('base64')
        expect(encodeBase64(value)).toBe(text)
        expect(decodeBase64(text)).toEqual(value)
        expect(decodeBase64Loosely(text)).toEqual(value)
        expect(decodeBase64Loosely(Buffer.from(value).toString('base64url'))).toEqual(value)
      }),
    )
  })

  it('has one text for each value: whatever is read is written the same way again', () => {
    const text = fc.string({ unit: fc.constantFrom('A', 'Q', 'w', '/', '+', '='), minLength: 0, maxLength: 8 })
    fc.assert(
      fc.property(text, (each) => {
        const value = decodeBase64(each)
        if (value) expect(encodeBase64(value)).toBe(each)
        else expect(Buffer.from(each, 'base64').toString('base64')).not.toBe(each)
      }),
      { numRuns: 2000 },
    )
  })

  it.each(['A', 'AA', 'AAA', 'A===', '====', 'AA=A', 'AB==', 'AAB=', 'A-A_', 'AAAA ', 'AAAA=', '\u0100AAA'])(
    'strictly, does not read %j',
    (text) => {
      expect(decodeBase64(text)).toBeUndefined()
    },
  )

  it('loosely, ignores bits after the last byte and missing padding, and nothing else', () => {
    expect(decodeBase64Loosely('AB')).toEqual(Uint8Array.of(0))
    expect(decodeBase64Loosely('AB==')).toEqual(Uint8Array.of(0))
    expect(decodeBase64Loosely('AAB')).toEqual(Uint8Array.of(0, 0))
    for (const text of ['A', 'AAAAA', 'AB=', 'AA A', 'A!', '!A', 'AA!', 'AA===', 'AAAA=']) {
      expect(decodeBase64Loosely(text), text).toBeUndefined()
    }
  })
})

describe('UTF-8', () => {
  it('is what TextEncoder writes, for well-formed text only', () => {
    expect(utf8('a\u20ac\u{1f600}')).toEqual(new TextEncoder().encode('a\u20ac\u{1f600}'))
    expect(utf8('')).toEqual(new Uint8Array(0))
    for (const text of ['\ud800', 'a\udc00b']) expect(utf8(text)).toBeUndefined()
  })
})
