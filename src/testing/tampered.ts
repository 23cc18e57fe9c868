// Deliveries with one thing wrong, each labelled with the code that answers it: what a handler under test must refuse.

import * as fc from 'fast-check'
import { isAmbiguousId } from '../webhook/checks.ts'
import { invalidOption } from '../webhook/errors.ts'
import type { WebhookScheme } from '../webhook/scheme.ts'
import {
  type DeliverySettings,
  drafts,
  readable,
  readDeliveryConstraints,
  type SignedDelivery,
  type SignedDeliveryConstraints,
} from './deliveries.ts'
import { concatBytes } from './hmac.ts'
import { type Draft, keyOf, macOf, writeHeaders, writeSignature } from './sign.ts'

/** The codes that a sender can cause by one delivery. */
export type TamperedCode =
  | 'signature_mismatch'
  | 'missing_signature'
  | 'malformed_signature'
  | 'ambiguous_header'
  | 'missing_delivery_id'
  | 'missing_timestamp'
  | 'invalid_timestamp'
  | 'timestamp_outside_tolerance'
  | 'unsupported_content_encoding'
  | 'payload_too_large'
  | 'previous_secret_expired'

/** A delivery to be refused. Everything that is not named by `tampering` is as its sender made it. */
export interface TamperedDelivery extends SignedDelivery {
  /** The code that the verifier answers. */
  readonly expectedCode: TamperedCode
  /** What was done to it, for whoever reads the counterexample. */
  readonly tampering: string
}

/** Options of `tamperedDelivery`. */
export interface TamperedDeliveryConstraints extends SignedDeliveryConstraints {
  /**
   * Only these codes.
   *
   * @defaultValue every code that a sender of the scheme can cause
   */
  readonly codes?: readonly TamperedCode[] | undefined
  /**
   * A former secret that the handler under test knows and refuses because it has expired. With it there are deliveries that it signed,
   * to be answered `previous_secret_expired`.
   *
   * @defaultValue none
   */
  readonly expiredSecret?: string | undefined
}

/**
 * Deliveries with one thing wrong. Every header is visible ASCII, so that a delivery arrives over HTTP as it is; a header that was sent
 * twice stands joined by `, `, as Node and Fetch hand it over. Shrinks towards an empty JSON object whose signature is of another secret.
 *
 * @throws {WebhookError} `invalid_option`, `invalid_secret` or `invalid_scheme`; also where no delivery of the scheme causes one of `codes`
 * @example
 * fc.asyncProperty(tamperedDelivery({ secret, now: clock.now() }), async (delivery) => {
 *   expect((await sendTestDelivery(app, delivery)).ok).toBe(false)
 * })
 */
export function tamperedDelivery(constraints: TamperedDeliveryConstraints = {}): fc.Arbitrary<TamperedDelivery> {
  const { codes, expiredSecret } = constraints
  if (codes !== undefined && (!Array.isArray(codes) || !codes.every((code) => Object.hasOwn(TAMPERINGS, code))))
    throw invalidOption('codes', 'a list of codes that a sender can cause')
  const each = readDeliveryConstraints(constraints).flatMap((settings) => {
    const { secret } = constraints
    const expired = expiredSecret === undefined ? undefined : keyOf(settings.scheme, expiredSecret)
    if (expired && secret !== undefined && sameBytes(expired, keyOf(settings.scheme, secret)))
      throw invalidOption('expiredSecret', 'another than the secret')
    const scope = { ...settings, expired }
    const wanted = (Object.keys(TAMPERINGS) as TamperedCode[]).filter((code) => codes?.includes(code) ?? true)
    return wanted.flatMap((code) => {
      const ways = TAMPERINGS[code](scope)
      if (ways.length === 0) return []
      return {
        // A body beyond the limit is costly, and one is as good as another.
        weight: code === 'payload_too_large' ? 1 : 4,
        arbitrary: fc
          .tuple(drafts(settings), ways.length === 1 ? ways[0]! : fc.oneof({ withCrossShrink: true }, ...ways))
          .map(([{ draft, secret, now }, tamper]): TamperedDelivery => {
            const { tampering, headers = writeHeaders(draft), body = draft.body } = tamper(draft, now)
            return readable({ scheme: settings.scheme, secret, now, headers, body, expectedCode: code, tampering })
          }),
      }
    })
  })
  if (each.length === 0) throw invalidOption('codes', 'a list of codes that a sender of the scheme can cause')
  return fc.oneof({ withCrossShrink: true }, ...each)
}

interface Scope extends DeliverySettings {
  /** The key of `expiredSecret`. */
  readonly expired: Uint8Array | undefined
}

/** What is done to a delivery that is otherwise good. */
type Tamper = (
  draft: Draft,
  now: number,
) => { readonly tampering: string; readonly headers?: Record<string, string>; readonly body?: Uint8Array }

/** The ways to cause each code under a scheme, the simplest first; none where the scheme gives no occasion. */
const TAMPERINGS: Readonly<Record<TamperedCode, (scope: Scope) => readonly fc.Arbitrary<Tamper>[]>> = {
  signature_mismatch: (scope) => [...forgeries(scope), ...alterations(scope)],
  missing_signature: ({ scheme }) => removals(scheme.headers.signature),
  malformed_signature: ({ scheme }) => malformations(scheme),
  ambiguous_header: ({ scheme }) => ambiguities(scheme),
  missing_delivery_id: ({ scheme }) => (scheme.requires.deliveryId ? removals(scheme.headers.deliveryId) : []),
  missing_timestamp: ({ scheme }) =>
    scheme.requires.timestamp && !scheme.signature.carriesTimestamp ? removals(scheme.headers.timestamp) : [],
  invalid_timestamp: ({ scheme }) => (hasTimestamp(scheme) ? wrongTimestamps() : []),
  timestamp_outside_tolerance: (scope) => (hasTimestamp(scope.scheme) ? farTimestamps(scope) : []),
  unsupported_content_encoding: () => encodings(),
  payload_too_large: ({ maxBodyBytes }) => [
    fc.nat(64).map(
      (more): Tamper =>
        (draft) => {
          const body = new Uint8Array(maxBodyBytes + 1 + more).fill(0x20)
          body.set(draft.body)
          return { tampering: `body of ${body.length} bytes`, body, headers: writeHeaders({ ...draft, body }) }
        },
    ),
  ],
  previous_secret_expired: ({ expired }) =>
    expired
      ? [
          fc.constant<Tamper>((draft) => ({
            tampering: 'signed with the expired secret',
            headers: writeHeaders({ ...draft, key: expired }),
          })),
        ]
      : [],
}

/** Signatures that whoever has no secret can make. */
function forgeries({ expired }: Scope): fc.Arbitrary<Tamper>[] {
  const bit = fc.nat(8 * 32 - 1)
  return [
    fc.nat(255).map(
      (index): Tamper =>
        (draft) => {
          // A flipped bit, not another text: HMAC takes a key and the same key with zeros behind it for one.
          const key = unknownKey(flip(draft.key, 8 * (index % draft.key.length)), draft.key, expired)
          return { tampering: 'signed with another secret', headers: writeHeaders({ ...draft, key }) }
        },
    ),
    bit.map(
      (index): Tamper =>
        (draft) => ({
          tampering: `bit ${index} of the MAC flipped`,
          headers: writeHeaders(draft, writeSignature(draft, flip(macOf(draft), index))),
        }),
    ),
    fc.constantFrom(0, 255).map(
      (byte): Tamper =>
        (draft) => ({
          tampering: `MAC of 32 bytes of ${byte}`,
          headers: writeHeaders(draft, writeSignature(draft, new Uint8Array(32).fill(byte))),
        }),
    ),
    fc.constant<Tamper>((draft) => {
      const key = unknownKey(new TextEncoder().encode('secret'), draft.key, expired)
      return { tampering: 'signed with a secret that is easily guessed', headers: writeHeaders({ ...draft, key }) }
    }),
  ]
}

/** What is signed, changed after it was signed. */
function alterations({ scheme, toleranceSeconds, marginSeconds, maxBodyBytes }: Scope): fc.Arbitrary<Tamper>[] {
  const change = (body: Uint8Array, index: number): ReturnType<Tamper> => {
    if (body.length === 0) return { tampering: 'a byte put into an empty body', body: new Uint8Array(1) }
    const bit = index % (8 * body.length)
    return { tampering: `bit ${bit} of the body flipped`, body: flip(body, bit) }
  }
  const ways = [
    fc.constantFrom(' ', '\n', '\0', '}').map(
      (end): Tamper =>
        ({ body }) => {
          if (body.length === maxBodyBytes) return change(body, 0) // a longer one would be too large
          const tampering = `${JSON.stringify(end)} added to the body`
          return { tampering, body: concatBytes(body, new TextEncoder().encode(end)) }
        },
    ),
    fc.nat(1_000_000).map(
      (index): Tamper =>
        ({ body }) =>
          change(body, index),
    ),
    fc.nat(1_000_000).map(
      (index): Tamper =>
        ({ body }) => {
          if (body.length === 0) return change(body, index)
          const length = index % body.length
          return { tampering: `body cut to ${length} bytes`, body: body.slice(0, length) }
        },
    ),
  ]
  const reach = toleranceSeconds - marginSeconds
  if (scheme.timestampSigned && reach > 0) {
    ways.push(
      fc.nat(2 * reach - 1).map(
        (index): Tamper =>
          (draft, now) => {
            // Another timestamp within the tolerance: a captured delivery made fresh.
            const oldest = Math.max(1, now - reach)
            const times = now + reach - oldest
            const at = oldest + (index % times)
            const timestamp = String(at < Number(draft.timestamp) ? at : at + 1)
            return {
              tampering: `timestamp ${draft.timestamp} replaced by ${timestamp}`,
              headers: writeHeaders({ ...draft, timestamp }, writeSignature({ ...draft, timestamp }, macOf(draft))),
            }
          },
      ),
    )
  }
  if (scheme.deliveryIdSigned) {
    ways.push(
      fc.stringMatching(/^[0-9a-z]{1,8}$/).map(
        (end): Tamper =>
          (draft) => ({
            tampering: 'delivery id replaced',
            headers: writeHeaders({ ...draft, deliveryId: draft.deliveryId + end }, writeSignature(draft)),
          }),
      ),
    )
  }
  return ways
}

/** The header gone, or there and empty. Where a scheme knows several names, its sender writes the first. */
function removals([name]: readonly string[]): fc.Arbitrary<Tamper>[] {
  const header = name as string
  return [
    fc.constant<Tamper>((draft) => {
      const headers = writeHeaders(draft)
      delete headers[header]
      return { tampering: `${header} removed`, headers }
    }),
    fc.constant<Tamper>((draft) => ({
      tampering: `${header} empty`,
      headers: { ...writeHeaders(draft), [header]: '' },
    })),
  ]
}

function malformations(scheme: WebhookScheme): fc.Arbitrary<Tamper>[] {
  if (!isMalformed(scheme, FOREIGN)) return [] // a format that takes anything for a signature
  const header = scheme.headers.signature[0] as string
  const at = fc.nat(200)
  const write = (tampering: string, change: (text: string) => string): Tamper => {
    return (draft) => {
      const text = change(writeSignature(draft))
      const [how, value] = isMalformed(scheme, text)
        ? [tampering, text]
        : ['signature replaced by an exclamation mark', FOREIGN]
      return { tampering: how, headers: writeHeaders(draft, value) }
    }
  }
  return [
    fc.constant(write(`${header} replaced by an exclamation mark`, () => FOREIGN)),
    at.map((index) =>
      write('signature cut short', (text) => text.slice(0, 1 + (index % Math.max(1, text.length - 1)))),
    ),
    at.map((index) =>
      write('signature without its beginning', (text) => text.slice(1 + (index % Math.max(1, text.length - 1)))),
    ),
    fc.constantFrom('0', '=', 'A', '.').map((end) => write('signature with something behind it', (text) => text + end)),
    at.map((index) =>
      write('one character of the signature replaced', (text) => {
        const cut = index % text.length
        return `${text.slice(0, cut)}!${text.slice(cut + 1)}`
      }),
    ),
    fc.constant(write('signature in capitals', (text) => text.toUpperCase())),
    fc.constant(write('signature without its prefix', (text) => text.replace(/^[^=,]*[=,]/, ''))),
    fc
      .constantFrom('sha1=', 'sha256=', 'v0=', 'v1,', '0x')
      .map((prefix) => write(`${prefix} put before the signature`, (text) => prefix + text)),
    fc
      .constantFrom('null', 'undefined', '[object Object]', '0'.repeat(8_000))
      .map((text) => write('something else for a signature', () => text)),
  ]
}

/** Not in the alphabet of any encoding. */
const FOREIGN = '!'

/** Refused for its form, and not because it could be read in two ways; sent unchanged by any transport. */
function isMalformed(scheme: WebhookScheme, text: string): boolean {
  return text !== '' && !text.includes(', ') && text.trim() === text && scheme.signature.read(text) === undefined
}

function ambiguities(scheme: WebhookScheme): fc.Arbitrary<Tamper>[] {
  const { signature, timestamp, deliveryId } = scheme.headers
  const twice = (names: readonly string[], another: (draft: Draft, now: number) => string): fc.Arbitrary<Tamper>[] => {
    const [name] = names
    if (name === undefined) return []
    const join = (draft: Draft, more: string): Record<string, string> => {
      const headers = writeHeaders(draft)
      return { ...headers, [name]: `${headers[name]}, ${more}` }
    }
    return [
      // Under two names of one scheme, as a sender in the middle of a renaming does.
      ...names.slice(1).map((other) =>
        fc.constant<Tamper>((draft) => {
          const headers = writeHeaders(draft)
          return { tampering: `${name} and ${other}`, headers: { ...headers, [other]: headers[name] as string } }
        }),
      ),
      fc.constant<Tamper>((draft) => ({
        tampering: `${name} twice`,
        headers: join(draft, writeHeaders(draft)[name] as string),
      })),
      fc.constant<Tamper>((draft, now) => ({
        tampering: `a second ${name}`,
        headers: join(draft, another(draft, now)),
      })),
    ]
  }
  const ways = [
    ...twice(signature, (draft) => writeSignature(draft, new Uint8Array(32))),
    ...(scheme.signature.carriesTimestamp ? [] : twice(timestamp, (_, now) => String(now))),
    ...twice(deliveryId, () => 'another'),
  ]
  // Signed beside others, an id with the separator inside could pass for two signed texts.
  const separators = [...scheme.before, ...scheme.after].filter((part) => part !== 'timestamp' && part !== 'deliveryId')
  const unclear = separators.filter(
    (separator) => /^[!-~]+$/.test(separator) && isAmbiguousId(scheme, `a${separator}b`),
  )
  if (scheme.deliveryIdSigned && unclear.length > 0) {
    ways.push(
      fc.constantFrom(...unclear).map(
        (separator): Tamper =>
          (draft) => ({
            tampering: 'a delivery id that holds what separates the signed parts',
            headers: writeHeaders({ ...draft, deliveryId: `${draft.deliveryId}${separator}1` }),
          }),
      ),
    )
  }
  return ways
}

/** A timestamp in the wrong form, signed as it stands. */
function wrongTimestamps(): fc.Arbitrary<Tamper>[] {
  const wrong = (way: string, change: (timestamp: string) => string): Tamper => {
    return (draft) => {
      const timestamp = change(draft.timestamp)
      return { tampering: `timestamp ${way}: ${timestamp}`, headers: writeHeaders({ ...draft, timestamp }) }
    }
  }
  return [
    fc.constant(wrong('negative', (text) => `-${text}`)),
    fc.constant(wrong('with a sign', (text) => `+${text}`)),
    fc.constant(wrong('with a leading zero', (text) => `0${text}`)),
    fc
      .constantFrom('.0', '.5', 'e0', 's', 'n', '_')
      .map((end) => wrong('with something behind it', (text) => text + end)),
    fc.constant(wrong('in hexadecimal', (text) => `0x${Number(text).toString(16)}`)),
    fc.constant(wrong('as a date', (text) => new Date(Math.min(Number(text) * 1000, 8.64e15)).toISOString())),
    fc
      .constantFrom('0', 'NaN', 'Infinity', '1e9', 'now', '9007199254740993', '9'.repeat(400))
      .map((text) => wrong('not a time', () => text)),
  ]
}

/** A timestamp that is too old, or from too far ahead, signed as it stands. */
function farTimestamps({ toleranceSeconds, marginSeconds }: Scope): fc.Arbitrary<Tamper>[] {
  const edge = toleranceSeconds + marginSeconds + 1
  const beyond = fc.oneof(fc.nat(10), fc.nat(100_000_000))
  const at = (tampering: string, timestamp: (now: number) => number): Tamper => {
    return (draft, now) => ({ tampering, headers: writeHeaders({ ...draft, timestamp: String(timestamp(now)) }) })
  }
  return [
    beyond.map((more) =>
      // A receiver whose clock stands near zero has no time that is old enough.
      at(`timestamp ${edge + more} seconds away`, (now) =>
        now - edge - more >= 1 ? now - edge - more : now + edge + more,
      ),
    ),
    beyond.map((more) => at(`timestamp ${edge + more} seconds ahead`, (now) => now + edge + more)),
    fc.constant(at('timestamp in milliseconds', (now) => Math.max(1000 * now, now + edge))),
  ]
}

/** The sender's own compression, or a proxy's. The signature is good: it is the bytes that are not what was signed. */
function encodings(): fc.Arbitrary<Tamper>[] {
  return [
    fc.constantFrom('gzip', 'br', 'deflate', 'zstd', 'GZIP', 'x-gzip', 'identity, gzip', 'aws-chunked').map(
      (encoding): Tamper =>
        (draft) => ({
          tampering: `content-encoding ${encoding}`,
          headers: { ...writeHeaders(draft), 'content-encoding': encoding },
        }),
    ),
  ]
}

function hasTimestamp(scheme: WebhookScheme): boolean {
  return scheme.signature.carriesTimestamp || scheme.headers.timestamp.length > 0
}

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const changed = bytes.slice()
  changed[bit >> 3]! ^= 1 << (bit & 7)
  return changed
}

/** A key that is none of those that the receiver knows. */
function unknownKey(key: Uint8Array, ...known: readonly (Uint8Array | undefined)[]): Uint8Array {
  let made = key
  for (let bit = 0; known.some((other) => other && sameBytes(made, other)); bit++) made = flip(key, bit)
  return made
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index])
}
