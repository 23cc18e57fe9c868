import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeStrKey,
  encodeStrKey,
  FluxoraError,
  isStellarError,
  isStellarPublicKey,
  StellarError,
  type StrKeyExtra,
  type StrKeyKind,
} from '../../src/stellar/index.ts'
import { counting, INVALID, KEY, VALID } from './vectors.ts'

const KINDS: readonly StrKeyKind[] = [
  'account',
  'muxed',
  'secretSeed',
  'preAuthTx',
  'hashX',
  'signedPayload',
  'contract',
  'liquidityPool',
  'claimableBalance',
]
const LETTERS = 'GMSTXPCLB'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const parts = fc.constantFrom(...KINDS).chain((kind) =>
  fc.record({
    kind: fc.constant(kind),
    data: bytes(32),
    extra: extraOf(kind),
  }),
)

function extraOf(kind: StrKeyKind): fc.Arbitrary<StrKeyExtra> {
  if (kind === 'muxed') return fc.record({ id: fc.bigInt(0n, 2n ** 64n - 1n) })
  if (kind === 'signedPayload') return fc.record({ payload: fc.uint8Array({ minLength: 1, maxLength: 64 }) })
  return fc.constant({})
}

/** What a call throws. */
function thrown(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

describe('the vectors of SEP-23', () => {
  it.each(VALID)('$kind $text is read and written', ({ kind, text, id, payload }) => {
    const extra = { ...(id !== undefined && { id }), ...(payload && { payload }) }
    expect(decodeStrKey(text)).toEqual({ ok: true, kind, data: KEY, ...extra })
    expect(encodeStrKey(kind, KEY, extra)).toBe(text)
  })

  it.each(INVALID)('a text with %s is refused', (_, text) => {
    expect(decodeStrKey(text).ok).toBe(false)
  })
})

describe('decodeStrKey', () => {
  it('reads what encodeStrKey writes, of every kind', () => {
    fc.assert(
      fc.property(parts, ({ kind, data, extra }) => {
        const text = encodeStrKey(kind, data, extra)
        expect(text[0]).toBe(LETTERS[KINDS.indexOf(kind)])
        expect(decodeStrKey(text)).toEqual({ ok: true, kind, data, ...extra })
      }),
    )
  })

  it('takes no text but the one that its parts are written as', () => {
    const change = fc.record({
      at: fc.nat(200),
      to: fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567abcz0189= \n\u00e9'),
    })
    fc.assert(
      fc.property(parts, change, ({ kind, data, extra }, { at, to }) => {
        const text = encodeStrKey(kind, data, extra)
        const changed = text.slice(0, at) + to + text.slice(at + 1)
        fc.pre(changed !== text)
        // One wrong character is always seen: a 16-bit checksum catches every burst of up to 16 bits.
        expect(decodeStrKey(changed).ok).toBe(false)
      }),
    )
  })

  it('never throws, and tells nothing of the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.string(), fc.string({ unit: 'binary' })), (value) => {
        const result = decodeStrKey(value)
        if (!result.ok) expect(Object.keys(result)).toEqual(['ok', 'reason'])
      }),
    )
  })

  it.each([
    [42, 'not_a_string'],
    [null, 'not_a_string'],
    ['', 'length'],
    ['A'.repeat(166), 'length'],
    ['AAAA', 'length'],
    ['ga7qynf7sowq3glr2bgmzehxavirza4kvwltjjfc7mgxua74p7ujvsgz', 'encoding'],
    ['GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGA', 'checksum'],
    ['G47QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVP2I', 'kind'],
    ['GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUACUSI', 'structure'],
  ])('%j is refused for its %s', (text, reason) => {
    expect(decodeStrKey(text)).toEqual({ ok: false, reason })
  })

  it('reads a payload of 1 and of 64 bytes', () => {
    for (const length of [1, 2, 3, 4, 63, 64]) {
      const text = encodeStrKey('signedPayload', KEY, { payload: counting(length) })
      expect(decodeStrKey(text)).toMatchObject({ ok: true, payload: counting(length) })
    }
    expect(encodeStrKey('signedPayload', KEY, { payload: counting(64) })).toHaveLength(165)
  })

  it('costs no more for a long text', () => {
    expect(decodeStrKey('A'.repeat(2 ** 24))).toEqual({ ok: false, reason: 'length' })
  })
})

describe('isStellarPublicKey', () => {
  it('takes the key of an account and nothing else', () => {
    for (const kind of KINDS) {
      const extra = { ...(kind === 'muxed' && { id: 1n }), ...(kind === 'signedPayload' && { payload: counting(4) }) }
      expect([kind, isStellarPublicKey(encodeStrKey(kind, KEY, extra))]).toEqual([kind, kind === 'account'])
    }
    for (const value of [undefined, null, 1, {}, [], '', 'G', ` ${VALID[0]?.text}`, `${VALID[0]?.text}\n`]) {
      expect(isStellarPublicKey(value)).toBe(false)
    }
  })
})

describe('encodeStrKey', () => {
  it('writes the id that it checked', () => {
    let reads = 0
    const extra = {
      get id() {
        return reads++ === 0 ? 5n : -1n
      },
    }
    expect(decodeStrKey(encodeStrKey('muxed', KEY, extra))).toMatchObject({ ok: true, id: 5n })
  })

  it.each<[string, unknown, unknown, unknown, string]>([
    ['an unknown kind', 'acount', KEY, {}, 'kind'],
    ['a kind that every object has', 'toString', KEY, {}, 'kind'],
    ['a kind in a list', ['muxed'], KEY, {}, 'kind'],
    ['31 bytes', 'account', KEY.slice(1), {}, 'data'],
    ['33 bytes', 'account', Uint8Array.from([...KEY, 0]), {}, 'data'],
    ['no bytes at all', 'account', 'GA7Q', {}, 'data'],
    ['a muxed account without an id', 'muxed', KEY, {}, 'id'],
    ['an id that is a number', 'muxed', KEY, { id: 1 }, 'id'],
    ['a negative id', 'muxed', KEY, { id: -1n }, 'id'],
    ['an id of more than 64 bits', 'muxed', KEY, { id: 2n ** 64n }, 'id'],
    ['an id of another kind', 'account', KEY, { id: 1n }, 'id'],
    ['no payload', 'signedPayload', KEY, {}, 'payload'],
    ['an empty payload', 'signedPayload', KEY, { payload: new Uint8Array() }, 'payload'],
    ['a payload of 65 bytes', 'signedPayload', KEY, { payload: counting(65) }, 'payload'],
    ['a payload of another kind', 'hashX', KEY, { payload: counting(4) }, 'payload'],
    ['a misspelt name', 'muxed', KEY, { ID: 1n }, 'ID'],
    ['null in place of options', 'account', KEY, null, 'extra'],
  ])('throws for %s', (_, kind, data, extra, field) => {
    const error = thrown(() => encodeStrKey(kind as StrKeyKind, data as Uint8Array, extra as StrKeyExtra))
    expect(error).toBeInstanceOf(StellarError)
    expect(error).toBeInstanceOf(FluxoraError)
    expect(isStellarError(error)).toBe(true)
    expect(error).toMatchObject({ name: 'StellarError', code: 'STELLAR_INVALID_ARGUMENT', field })
  })
})
