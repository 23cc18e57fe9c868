// What can be wrong with a delivery, by the code that answers it.

import * as fc from 'fast-check'
import { isAmbiguousId } from '../webhook/pipeline/ambiguity.ts'
import type { WebhookScheme } from '../webhook/schemes/scheme.ts'
import type { DeliverySettings } from './deliveries.ts'
import { alterations, forgeries } from './forgeries.ts'
import { type Draft, writeHeaders, writeSignature } from './sign.ts'

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

/** @internal What a tampering may need to know. */
export interface Scope extends DeliverySettings {
  /** The key of `expiredSecret`. */
  readonly expired: Uint8Array | undefined
}

/** @internal What is done to a delivery that is otherwise good. */
export type Tamper = (
  draft: Draft,
  now: number,
) => { readonly tampering: string; readonly headers?: Record<string, string>; readonly body?: Uint8Array }

type Way = fc.MaybeWeightedArbitrary<Tamper>

/** @internal The ways to cause each code under a scheme, the simplest first; none where the scheme gives no occasion. */
export const TAMPERINGS: Readonly<Record<TamperedCode, (scope: Scope) => readonly Way[]>> = {
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

function malformations(scheme: WebhookScheme): Way[] {
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
    // The most telling: whoever compares as many characters as were sent can be tried one by one.
    {
      weight: 4,
      arbitrary: at.map((index) =>
        write('signature cut short', (text) => text.slice(0, 1 + (index % Math.max(1, text.length - 1)))),
      ),
    },
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
      // Under two names of one scheme, with two values: with one, as a sender in the middle of a renaming does, it would be genuine.
      ...names.slice(1).map((other) =>
        fc.constant<Tamper>((draft, now) => {
          const headers = writeHeaders(draft)
          const value = another(draft, now)
          const second = value === headers[name] ? `${value}0` : value
          return { tampering: `another ${name} as ${other}`, headers: { ...headers, [other]: second } }
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
  const texts = [...scheme.before, ...scheme.after].map((part) => (typeof part === 'object' ? part.text : part))
  const unclear = texts.filter((text) => /^[!-~]+$/.test(text) && isAmbiguousId(scheme, `a${text}b`))
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
