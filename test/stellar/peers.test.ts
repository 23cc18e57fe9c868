// Side by side with Stellar's own SDK, and read back by two TOML parsers. They are installed in test/stellar/clients.

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  checkStellarToml,
  decodeStrKey,
  encodeStrKey,
  type StrKeyKind,
  writeStellarToml,
} from '../../src/stellar/index.ts'
import { ACCOUNT, COMPLETE } from './documents.ts'
import { INVALID, VALID } from './vectors.ts'

const clients = new URL('clients/package.json', import.meta.url)
const isInstalled = existsSync(new URL('node_modules', clients))
if (!isInstalled && process.env.CI === 'true') {
  throw new Error('in CI no suite may be skipped: install test/stellar/clients')
}
if (!isInstalled) console.warn('skipped: the comparison with stellar-sdk (npm install --prefix test/stellar/clients)')

/** The part of stellar-sdk that is used here. */
interface Sdk {
  readonly StrKey: Record<string, (value: never) => unknown>
}

const load = createRequire(clients)
const sdk = (): Sdk => load('@stellar/stellar-sdk') as Sdk
const parsers = (): [string, (text: string) => unknown][] => [
  ['smol-toml', (load('smol-toml') as { parse(text: string): unknown }).parse],
  ['@iarna/toml', (load('@iarna/toml') as { parse(text: string): unknown }).parse],
]

/** What stellar-sdk calls each kind. */
const NAMES: Readonly<Record<StrKeyKind, string>> = {
  account: 'Ed25519PublicKey',
  muxed: 'Med25519PublicKey',
  secretSeed: 'Ed25519SecretSeed',
  preAuthTx: 'PreAuthTx',
  hashX: 'Sha256Hash',
  signedPayload: 'SignedPayload',
  contract: 'Contract',
  liquidityPool: 'LiquidityPool',
  claimableBalance: 'ClaimableBalance',
}
const KINDS = Object.keys(NAMES) as StrKeyKind[]

/** The kind that stellar-sdk takes a text for: the one whose decoder does not throw. */
function sdkKindOf(text: string): StrKeyKind | undefined {
  return KINDS.find((kind) => decodes(kind, text))
}

function decodes(kind: StrKeyKind, text: string): boolean {
  try {
    sdk().StrKey[`decode${NAMES[kind]}`]?.(text as never)
    return true
  } catch {
    return false
  }
}

describe.skipIf(!isInstalled)('stellar-sdk', () => {
  it('takes and refuses the vectors of SEP-23 as decodeStrKey does', () => {
    for (const text of [...VALID.map((vector) => vector.text), ...INVALID.map(([, text]) => text)]) {
      const ours = decodeStrKey(text)
      expect([text, ours.ok ? ours.kind : undefined]).toEqual([text, sdkKindOf(text)])
    }
  })

  const parts = fc.record({
    kind: fc.constantFrom(...KINDS),
    data: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    id: fc.bigInt(0n, 2n ** 64n - 1n),
    payload: fc.uint8Array({ minLength: 1, maxLength: 64 }),
  })
  const text = parts.map(({ kind, data, id, payload }) => {
    const extra = { ...(kind === 'muxed' && { id }), ...(kind === 'signedPayload' && { payload }) }
    return encodeStrKey(kind, data, extra)
  })

  it('reads what encodeStrKey writes as the same bytes, of every kind', () => {
    const { StrKey } = sdk()
    fc.assert(
      fc.property(text, (written) => {
        const kind = sdkKindOf(written)
        const ours = decodeStrKey(written)
        expect([ours.ok, ours.ok && ours.kind]).toEqual([true, kind])
        const body = StrKey[`decode${NAMES[kind as StrKeyKind]}`]?.(written as never)
        expect(StrKey[`encode${NAMES[kind as StrKeyKind]}`]?.(body as never)).toBe(written)
      }),
      { numRuns: 500 },
    )
  })

  it('agrees on texts that were changed', () => {
    const changed = fc.tuple(text, fc.nat(170), fc.constantFrom(...'ABCXYZ2367', '')).map(([written, at, put]) => {
      return written.slice(0, at) + put + written.slice(at + 1)
    })
    fc.assert(
      fc.property(changed, (given) => {
        const ours = decodeStrKey(given)
        expect(ours.ok ? ours.kind : undefined).toBe(sdkKindOf(given))
      }),
      { numRuns: 500 },
    )
  })
})

const word = fc.stringMatching(/^[a-z]{1,8}$/)
const key = fc.oneof(word, fc.string({ maxLength: 6 }), fc.string({ unit: 'binary', maxLength: 4 }))
const wellFormed = fc.string({ unit: 'binary', maxLength: 30 }).filter((text) => text.isWellFormed())
const scalar = fc.oneof(wellFormed, fc.maxSafeInteger(), fc.boolean())
const list = fc.oneof(
  fc.array(wellFormed, { maxLength: 4 }),
  fc.array(fc.maxSafeInteger(), { maxLength: 4 }),
  fc.array(fc.array(fc.boolean(), { maxLength: 3 }), { maxLength: 3 }),
)
const table = fc.dictionary(key, fc.oneof(scalar, list), { maxKeys: 4 })
const settings = fc
  .record({
    top: fc.dictionary(key, fc.oneof(scalar, list, table), { maxKeys: 6 }),
    tables: fc.array(table, { maxLength: 3 }),
    description: wellFormed,
  })
  .map(({ top, tables, description }) => ({
    ...top,
    zz_tables: tables,
    ACCOUNTS: [ACCOUNT],
    DOCUMENTATION: { ORG_DESCRIPTION: description },
  }))

/** Parsers make tables without a prototype, or with symbols of their own on them. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

describe.skipIf(!isInstalled)('what writeStellarToml writes', () => {
  it('is read back as the settings by both parsers, whatever they hold', () => {
    fc.assert(
      fc.property(settings, (given) => {
        const file = writeStellarToml(given)
        fc.pre(file.ok)
        for (const [name, parse] of parsers()) {
          const parsed = plain(parse(file.ok ? file.text : ''))
          const expected = plain(given)
          expect([name, parsed]).toEqual([name, expected])
        }
      }),
      { numRuns: 500 },
    )
  })

  it('is a complete document after a parser as before', () => {
    const file = writeStellarToml(COMPLETE)
    for (const [name, parse] of parsers()) {
      const parsed = parse(file.ok ? file.text : '') as object
      expect([name, plain(parsed)]).toEqual([name, COMPLETE])
      expect([name, checkStellarToml(parsed)]).toEqual([name, { errors: [], warnings: [] }])
    }
  })

  it('has no date and no fraction that checkStellarToml would miss in what a parser gives', () => {
    for (const [name, parse] of parsers()) {
      const { errors } = checkStellarToml(parse('VERSION = 1979-05-27\nshare = 0.5\n') as object)
      expect([name, errors.map(({ code }) => code)]).toEqual([name, ['date_value', 'not_an_integer']])
    }
  })
})
