// Bodies of webhooks, of every kind that must arrive unchanged.

import * as fc from 'fast-check'
import { invalidOption } from '../../shared/webhook-error.ts'
import { toBytes } from '../../webhook/pipeline/body.ts'

/**
 * Generates bodies of every kind that must arrive unchanged: JSON, text in any script, byte order marks, line ends, bytes that are not
 * UTF-8, nothing at all.
 *
 * @returns An arbitrary of texts and bytes, for the option `body` of `signedDelivery` and `tamperedDelivery`.
 *
 * @example
 * ```ts
 * const deliveries = signedDelivery({ secret: 'topsecret', now: clock.now(), body: webhookBody() })
 * fc.assert(fc.property(deliveries, ({ headers, body }) => verifier.verify({ headers, body }).ok))
 * ```
 */
export function webhookBody(): fc.Arbitrary<string | Uint8Array> {
  return fc.oneof(
    { withCrossShrink: true },
    jsonText(),
    fc.constantFrom('', ' ', '\ufeff{}', '{"a":1}\r\n', '[]', 'null', 'a=1&b=2', '\u0000', '{"amount":"1.50"'),
    fc.string({ unit: 'grapheme' }),
    fc.uint8Array({ maxLength: 256 }),
  )
}

/** Generates JSON objects. One that does not fit is replaced by an empty body. */
export function jsonBody(maxBodyBytes: number): fc.Arbitrary<Uint8Array> {
  return jsonText().map((text) => readBody(text, maxBodyBytes) ?? new Uint8Array())
}

/** One body, or those of an arbitrary that can be sent. */
export function bodies(
  body: string | Uint8Array | fc.Arbitrary<string | Uint8Array>,
  maxBodyBytes: number,
): fc.Arbitrary<Uint8Array> {
  if (isArbitrary(body)) return body.map((each) => readBody(each, maxBodyBytes)).filter((each) => each !== undefined)
  const bytes = readBody(body, maxBodyBytes)
  if (bytes) return fc.constant(bytes)
  throw invalidOption('body', 'bytes or well-formed text within maxBodyBytes, or an arbitrary of these')
}

/** The bytes that are sent; undefined for what cannot be. */
function readBody(body: unknown, maxBodyBytes: number): Uint8Array | undefined {
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) return undefined
  const bytes = toBytes(body)
  if (bytes && bytes.length <= maxBodyBytes) return bytes
  return undefined
}

/** Without `instanceof`: a program may hold both the ESM and the CommonJS copy of fast-check. */
function isArbitrary(body: unknown): body is fc.Arbitrary<string | Uint8Array> {
  return typeof body === 'object' && body !== null && 'generate' in body && typeof body.generate === 'function'
}

/**
 * Generates JSON objects as other languages write them: with blanks, line ends, escapes, repeated members, and numbers that JavaScript
 * would write differently. A handler that parses and serialises before it verifies does not get these bytes back.
 */
function jsonText(): fc.Arbitrary<string> {
  const word = fc.stringMatching(/^[a-z][a-z_]{0,7}$/)
  const value = fc.oneof(
    fc.constantFrom('null', 'true', '"100.50"', '1.10', '1e2', '-0', '12345678901234567890', '""', '[]', '{}'),
    fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => JSON.stringify(text)),
    fc.constantFrom('"\\u00e9"', '"\\/"', '"🚀"', '"\\ud83d\\ude80"', '"<\\u003c"'),
    fc.array(word, { maxLength: 3 }).map((words) => JSON.stringify(words)),
  )
  return fc
    .record({
      members: fc.array(fc.tuple(word, value), { maxLength: 5 }),
      colon: fc.constantFrom(':', ': '),
      comma: fc.constantFrom(',', ', ', ',\n  '),
      end: fc.constantFrom('', '\n', '\r\n'),
    })
    .map(({ members, colon, comma, end }) => {
      const inside = members.map(([name, text]) => `"${name}"${colon}${text}`).join(comma)
      return `{${inside}}${end}`
    })
}
