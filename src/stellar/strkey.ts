// StrKey (SEP-23 1.3.0): Stellar's text form of keys, hashes and addresses. A version byte, the data, and a checksum, in base32.

import { rejectUnknownNames } from '../shared/options.ts'
import { decodeBase32, encodeBase32 } from './base32.ts'
import { crc16 } from './crc16.ts'
import { invalidArgument, StellarError } from './errors.ts'

/** The nine kinds of StrKey; their texts begin with G, M, S, T, X, P, C, L and B. */
export type StrKeyKind =
  | 'account'
  | 'muxed'
  | 'secretSeed'
  | 'preAuthTx'
  | 'hashX'
  | 'signedPayload'
  | 'contract'
  | 'liquidityPool'
  | 'claimableBalance'

/**
 * Why a text is not a StrKey.
 *
 * - `not_a_string`, `length`: nothing that a StrKey could be
 * - `encoding`: not canonical base32 (a wrong character, padding, a length or unused bits that no bytes have)
 * - `checksum`: mistyped or cut off
 * - `kind`: an unknown version byte
 * - `structure`: the data is not of the kind's form
 */
export type StrKeyReason = 'not_a_string' | 'length' | 'encoding' | 'checksum' | 'kind' | 'structure'

/** A StrKey's parts, or why the text is not one. */
export type StrKeyResult =
  | {
      readonly ok: true
      readonly kind: StrKeyKind
      /** The 32 bytes of the key or the hash. */
      readonly data: Uint8Array
      /** Of a muxed account: its id, an unsigned 64-bit number. */
      readonly id?: bigint
      /** Of a signed payload: the payload, 1 to 64 bytes. */
      readonly payload?: Uint8Array
    }
  | { readonly ok: false; readonly reason: StrKeyReason }

/** What two of the kinds have beside their 32 bytes. */
export interface StrKeyExtra {
  /** Of a muxed account: its id, from 0 to 2^64 - 1. */
  readonly id?: bigint | undefined
  /** Of a signed payload: 1 to 64 bytes. */
  readonly payload?: Uint8Array | undefined
}

// Base values of the version byte. The low three bits name the algorithm, and 0 is the only one there is.
const VERSIONS: Readonly<Record<StrKeyKind, number>> = {
  account: 6 << 3,
  muxed: 12 << 3,
  secretSeed: 18 << 3,
  preAuthTx: 19 << 3,
  hashX: 23 << 3,
  signedPayload: 15 << 3,
  contract: 2 << 3,
  liquidityPool: 11 << 3,
  claimableBalance: 1 << 3,
}

const DATA_BYTES = 32
const ID_BYTES = 8
const LENGTH_BYTES = 4
const MAX_PAYLOAD_BYTES = 64
const MAX_ID = 2n ** 64n - 1n
/** Of a signed payload of 64 bytes. */
const MAX_TEXT_LENGTH = 165

/**
 * Reads a StrKey of any kind. It never throws, costs no more for a long text than for a short one, and takes exactly one text for each
 * key: the checksum, unused bits and padding bytes are all checked.
 *
 * @returns `{ ok: true, kind, data, id?, payload? }`, or `{ ok: false, reason }`; the reason never repeats the text.
 * @see {@link https://github.com/stellar/stellar-protocol/blob/master/ecosystem/sep-0023.md}
 *
 * @example
 * ```ts
 * const key = decodeStrKey('MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUAAAAAAAAAAAACJUQ')
 * if (key.ok) console.log(key.kind, key.id) // muxed 0n
 * ```
 */
export function decodeStrKey(text: unknown): StrKeyResult {
  if (typeof text !== 'string') return { ok: false, reason: 'not_a_string' }
  if (text === '' || text.length > MAX_TEXT_LENGTH) return { ok: false, reason: 'length' }
  const bytes = decodeBase32(text)
  if (!bytes) return { ok: false, reason: 'encoding' }
  if (bytes.length < 3) return { ok: false, reason: 'length' }
  const covered = bytes.subarray(0, -2)
  const [low = 0, high = 0] = bytes.subarray(-2)
  if (crc16(covered) !== (low | (high << 8))) return { ok: false, reason: 'checksum' }
  const kind = kindOf(covered[0])
  if (!kind) return { ok: false, reason: 'kind' }
  return readBody(kind, covered.slice(1))
}

/**
 * Writes a StrKey.
 *
 * @param data The 32 bytes of the key or the hash.
 * @param extra `id` of a `muxed` account, `payload` of a `signedPayload`; neither for any other kind.
 * @returns The text; {@link decodeStrKey} gives the same parts back.
 * @throws {StellarError} `STELLAR_INVALID_ARGUMENT` for an unknown kind, data of another length, a muxed account without an id, or a
 * payload of 0 or more than 64 bytes.
 *
 * @example
 * ```ts
 * encodeStrKey('muxed', accountKey, { id: 42n }) // 'M…'
 * ```
 */
export function encodeStrKey(kind: StrKeyKind, data: Uint8Array, extra: StrKeyExtra = {}): string {
  checkNames(extra)
  // Read once: what is checked is what is written.
  const { id, payload } = extra
  checkArguments(kind, data, { id, payload })
  const body = writeBody(kind, data, { id, payload })
  const bytes = new Uint8Array(1 + body.length + 2)
  bytes[0] = VERSIONS[kind]
  bytes.set(body, 1)
  const crc = crc16(bytes.subarray(0, -2))
  bytes.set([crc & 0xff, crc >> 8], bytes.length - 2)
  return encodeBase32(bytes)
}

/**
 * Whether a value is the public key of an account (`G…`). A secret seed is not, nor is a muxed account. Never throws.
 *
 * @example
 * ```ts
 * if (!isStellarPublicKey(body.account)) return reply.code(400).send({ error: 'invalid_account' })
 * ```
 */
export function isStellarPublicKey(text: unknown): text is string {
  const key = decodeStrKey(text)
  return key.ok && key.kind === 'account'
}

function kindOf(version: number | undefined): StrKeyKind | undefined {
  const kinds = Object.keys(VERSIONS) as StrKeyKind[]
  return kinds.find((kind) => VERSIONS[kind] === version)
}

function readBody(kind: StrKeyKind, body: Uint8Array): StrKeyResult {
  if (kind === 'muxed') return readMuxed(body)
  if (kind === 'signedPayload') return readSignedPayload(body)
  if (kind === 'claimableBalance') return readClaimableBalance(body)
  if (body.length !== DATA_BYTES) return { ok: false, reason: 'structure' }
  return { ok: true, kind, data: body }
}

/** The key, then the id, most significant byte first. */
function readMuxed(body: Uint8Array): StrKeyResult {
  if (body.length !== DATA_BYTES + ID_BYTES) return { ok: false, reason: 'structure' }
  const id = new DataView(body.buffer, body.byteOffset).getBigUint64(DATA_BYTES)
  return { ok: true, kind: 'muxed', data: body.slice(0, DATA_BYTES), id }
}

/** The key, the payload's length, the payload, and zeros up to a multiple of four bytes. */
function readSignedPayload(body: Uint8Array): StrKeyResult {
  const start = DATA_BYTES + LENGTH_BYTES
  if (body.length < start) return { ok: false, reason: 'structure' }
  const length = new DataView(body.buffer, body.byteOffset).getUint32(DATA_BYTES)
  const isFit = length >= 1 && length <= MAX_PAYLOAD_BYTES && body.length === start + paddedLength(length)
  const padding = body.subarray(start + length)
  if (!isFit || padding.some((byte) => byte !== 0)) return { ok: false, reason: 'structure' }
  const payload = body.slice(start, start + length)
  return { ok: true, kind: 'signedPayload', data: body.slice(0, DATA_BYTES), payload }
}

/** The balance's type, of which there is only 0, then its hash. */
function readClaimableBalance(body: Uint8Array): StrKeyResult {
  if (body.length !== 1 + DATA_BYTES || body[0] !== 0) return { ok: false, reason: 'structure' }
  return { ok: true, kind: 'claimableBalance', data: body.slice(1) }
}

function checkArguments(kind: StrKeyKind, data: Uint8Array, { id, payload }: StrKeyExtra): void {
  const isKind = typeof kind === 'string' && Object.hasOwn(VERSIONS, kind)
  if (!isKind) throw invalidArgument('kind', `one of ${Object.keys(VERSIONS).join(', ')}`)
  if (!(data instanceof Uint8Array) || data.length !== DATA_BYTES) throw invalidArgument('data', '32 bytes')
  if (kind === 'muxed') {
    if (typeof id !== 'bigint' || id < 0n || id > MAX_ID) throw invalidArgument('id', 'a bigint from 0 to 2^64 - 1')
  } else if (id !== undefined) throw invalidArgument('id', 'left out, as only a muxed account has one')
  if (kind === 'signedPayload') {
    const isFit = payload instanceof Uint8Array && payload.length >= 1 && payload.length <= MAX_PAYLOAD_BYTES
    if (!isFit) throw invalidArgument('payload', '1 to 64 bytes')
  } else if (payload !== undefined) throw invalidArgument('payload', 'left out, as only a signed payload has one')
}

function checkNames(extra: unknown): void {
  if (typeof extra !== 'object' || extra === null) throw invalidArgument('extra', 'an object with id or payload')
  const toError = (name: string, message: string) => new StellarError('STELLAR_INVALID_ARGUMENT', message, name)
  rejectUnknownNames(extra, ['id', 'payload'], toError)
}

function writeBody(
  kind: StrKeyKind,
  data: Uint8Array,
  { id = 0n, payload = new Uint8Array() }: StrKeyExtra,
): Uint8Array {
  if (kind === 'muxed') {
    const body = new Uint8Array(DATA_BYTES + ID_BYTES)
    body.set(data)
    new DataView(body.buffer).setBigUint64(DATA_BYTES, id)
    return body
  }
  if (kind === 'signedPayload') {
    const body = new Uint8Array(DATA_BYTES + LENGTH_BYTES + paddedLength(payload.length))
    body.set(data)
    new DataView(body.buffer).setUint32(DATA_BYTES, payload.length)
    body.set(payload, DATA_BYTES + LENGTH_BYTES)
    return body
  }
  if (kind === 'claimableBalance') return Uint8Array.from([0, ...data])
  return data
}

function paddedLength(length: number): number {
  return Math.ceil(length / 4) * 4
}
