// Checks a Stellar ledger header by itself: its hash is the SHA-256 of its XDR bytes. After the check, a provider can no longer give a
// header another sequence, parent or close time. It does not show that consensus chose the header.

import type { Ledger } from '../reorg/ledger.ts'
import { encodeHex } from '../shared/encoding.ts'

/** The answer of {@link checkStellarHeader}. */
export type StellarHeaderCheck =
  | { readonly ok: true; readonly ledger: Ledger }
  | { readonly ok: false; readonly reason: 'malformed' | 'hash_mismatch' }

/**
 * Reads one `LedgerHeaderHistoryEntry` and checks its hash.
 *
 * @param entry The bytes of `headerXdr` as `getLedgers` returns it, decoded from base64.
 * @param sha256 SHA-256 of the host; what it throws is passed on.
 * @returns The ledger, with hash, parent and close time from the bytes that were hashed, ready for `stepReorg`. Or `malformed` if the bytes
 * are not exactly one such entry, or `hash_mismatch`.
 * @see {@link https://github.com/stellar/stellar-xdr} The layout: `LedgerHeaderHistoryEntry` in Stellar-ledger.x.
 *
 * @example
 * ```ts
 * const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()
 * const check = checkStellarHeader(Buffer.from(entry.headerXdr, 'base64'), sha256)
 * if (check.ok) stepReorg(state, { type: 'ledgers', ledgers: [check.ledger] })
 * ```
 */
export function checkStellarHeader(entry: Uint8Array, sha256: (bytes: Uint8Array) => Uint8Array): StellarHeaderCheck {
  const layout = readLayout(entry)
  if (!layout) return { ok: false, reason: 'malformed' }
  const hash = encodeHex(entry.subarray(0, HASH))
  if (encodeHex(sha256(entry.subarray(HASH, layout.end))) !== hash) return { ok: false, reason: 'hash_mismatch' }
  const parentHash = encodeHex(entry.subarray(36, 68))
  return { ok: true, ledger: { sequence: layout.sequence, hash, parentHash, closedAt: layout.closedAt } }
}

const HASH = 32
const CLOSE_TIME = 100
const UPGRADES = 108
const MAX_UPGRADES = 6
const MAX_UPGRADE_BYTES = 128
const MAX_SIGNATURE_BYTES = 64

/** Finds the end of the header and the two numbers in it; undefined unless every byte is accounted for. */
function readLayout(entry: Uint8Array): { sequence: number; closedAt: number; end: number } | undefined {
  const view = new DataView(entry.buffer, entry.byteOffset, entry.byteLength)
  let at = UPGRADES
  const word = (): number => {
    at += 4
    return at <= entry.byteLength ? view.getUint32(at - 4) : Number.NaN
  }
  const opaque = (limit: number): boolean => {
    const length = word()
    // XDR pads to whole words.
    at += Math.ceil(length / 4) * 4
    return length <= limit && at <= entry.byteLength
  }

  const upgrades = word()
  if (!(upgrades <= MAX_UPGRADES)) return undefined
  for (let count = 0; count < upgrades; count++) if (!opaque(MAX_UPGRADE_BYTES)) return undefined
  // StellarValue.ext: basic, or signed by a node (key type 0 is ed25519).
  const signed = word()
  if (signed === 1) {
    if (word() !== 0) return undefined
    at += 32
    if (!opaque(MAX_SIGNATURE_BYTES)) return undefined
  } else if (signed !== 0) return undefined
  at += HASH + HASH // txSetResultHash, bucketListHash
  const sequence = word()
  // totalCoins, feePool, inflationSeq, idPool, baseFee, baseReserve, maxTxSetSize, skipList
  at += 8 + 8 + 4 + 8 + 4 + 4 + 4 + 4 * HASH
  const extended = word()
  if (extended === 1) {
    at += 4 // flags
    if (word() !== 0) return undefined
  } else if (extended !== 0) return undefined
  const end = at
  // LedgerHeaderHistoryEntry.ext
  if (word() !== 0 || at !== entry.byteLength) return undefined
  const closedAt = view.getUint32(CLOSE_TIME) * 2 ** 32 + view.getUint32(CLOSE_TIME + 4)
  return Number.isSafeInteger(closedAt) ? { sequence, closedAt, end } : undefined
}
