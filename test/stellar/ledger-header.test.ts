import { describe, expect, it } from 'vitest'
import { checkStellarHeader as checkByReorg, createReorgState, STELLAR, stepReorg } from '../../src/reorg/index.ts'
import { checkStellarHeader } from '../../src/stellar/index.ts'
import { entryOf, header, type Parts, sha256 } from './ledger-entry.ts'

describe('checkStellarHeader', () => {
  it('is given by ./reorg too, where it was before', () => {
    expect(checkByReorg).toBe(checkStellarHeader)
  })

  it.each<[string, Parts]>([
    ['signed', {}],
    ['basic', { signed: false }],
    ['extended', { extended: true }],
    ['with upgrades', { upgrades: [Buffer.alloc(8, 9), Buffer.alloc(5, 9)] }],
    ['with the most upgrades allowed', { upgrades: Array.from({ length: 6 }, () => Buffer.alloc(128, 9)) }],
  ])('reads a %s header and takes its facts from the hashed bytes', (_name, parts) => {
    const entry = entryOf(header(parts))
    const check = checkStellarHeader(entry, sha256)
    expect(check).toEqual({
      ok: true,
      ledger: {
        sequence: 59_000_123,
        hash: entry.subarray(0, 32).toString('hex'),
        parentHash: 'aa'.repeat(32),
        closedAt: 1_700_000_000,
      },
    })
    if (check.ok)
      expect(stepReorg(createReorgState(STELLAR), { type: 'ledgers', ledgers: [check.ledger] }).code).toBe('EXTENDED')
  })

  it('has the size that real entries have', () => {
    expect(entryOf(header())).toHaveLength(464)
  })

  it('rejects a header with one bit flipped, or of another length', () => {
    const entry = entryOf(header())
    for (let at = 0; at < entry.length; at++) {
      const spoilt = Buffer.from(entry)
      spoilt[at] = (spoilt[at] as number) ^ 1
      expect(checkStellarHeader(spoilt, sha256).ok).toBe(false)
      expect(checkStellarHeader(entry.subarray(0, at), sha256)).toEqual({ ok: false, reason: 'malformed' })
    }
    expect(checkStellarHeader(Buffer.concat([entry, Buffer.alloc(3)]), sha256)).toEqual({
      ok: false,
      reason: 'malformed',
    })
    const relabelled = Buffer.from(entry)
    relabelled[0] = (relabelled[0] as number) ^ 1
    expect(checkStellarHeader(relabelled, sha256)).toEqual({ ok: false, reason: 'hash_mismatch' })
  })

  it.each<[string, Parts]>([
    ['too many upgrades', { upgrades: Array.from({ length: 7 }, () => Buffer.alloc(4)) }],
    ['a huge upgrade', { upgrades: [Buffer.alloc(132)] }],
    ['a close time beyond safe integers', { closeTime: 2n ** 60n }],
  ])('rejects %s', (_name, parts) => {
    expect(checkStellarHeader(entryOf(header(parts)), sha256)).toEqual({ ok: false, reason: 'malformed' })
  })

  // Without upgrades and signature: version, two hashes, close time and the count of upgrades come before the kind of value.
  it.each([
    ['a signature', 4 + 32 + 32 + 8 + 4],
    ['an extension', header({ signed: false }).length - 4],
  ])('rejects an unknown kind of %s, even with the right hash', (_name, at) => {
    for (const value of [0, 2]) {
      const bytes = header({ signed: false })
      bytes.writeUInt32BE(value, at)
      expect(checkStellarHeader(entryOf(bytes), sha256).ok).toBe(value === 0)
    }
  })

  it('reads a close time of more than 32 bits', () => {
    const check = checkStellarHeader(entryOf(header({ closeTime: 2n ** 33n + 5n })), sha256)
    expect(check).toMatchObject({ ok: true, ledger: { closedAt: 2 ** 33 + 5 } })
  })

  it('never throws, whatever the bytes', () => {
    for (let length = 0; length < 600; length += 7) {
      for (const fill of [0, 1, 0xff]) expect(checkStellarHeader(Buffer.alloc(length, fill), sha256).ok).toBe(false)
    }
  })
})
