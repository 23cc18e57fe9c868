// Describing a scheme of one's own. What makes no sense throws here, before a delivery is ever judged by it.

import { DEDUPE_BY, readDedupeBy } from './dedupe-by.ts'
import { buildScheme, invalidScheme, type SchemeDefinition, type WebhookScheme } from './scheme.ts'

/**
 * Makes a scheme from its description.
 *
 * @throws {WebhookError} `invalid_scheme` where the description makes no sense
 * @example
 * const acme = defineScheme({
 *   name: 'acme',
 *   headers: { signature: 'x-acme-signature', timestamp: 'x-acme-timestamp' },
 *   signed: ['timestamp', '.', 'body'],
 *   signature: singleSignature({ encoding: hex }),
 * })
 */
export function defineScheme(definition: SchemeDefinition): WebhookScheme {
  demand(typeof definition === 'object' && definition !== null, 'a definition must be an object')
  const { name, headers, signed, signature, secret, required = [], dedupeBy } = definition
  demand(typeof name === 'string' && name !== '', 'name must be a non-empty string')
  demand(typeof headers === 'object' && headers !== null, 'headers must be an object')
  for (const names of [headers.signature, headers.timestamp ?? [], headers.deliveryId ?? [], headers.event ?? []]) {
    demand([names].flat().every(isToken), 'a header name must be a token')
  }
  demand([headers.signature].flat().length > 0, 'headers.signature must name a header')
  demand(
    typeof signature?.read === 'function' && typeof signature.write === 'function',
    'signature must be a signature format',
  )
  demand(secret === undefined || typeof secret === 'function', 'secret must be a function')
  demand(
    Array.isArray(signed) &&
      signed.every((part) => typeof part === 'string' && part !== '' && part.isWellFormed()) &&
      signed.filter((part) => part === 'body').length === 1,
    "signed must be a list of texts with 'body' in it once",
  )
  const body = signed.indexOf('body')
  demand(
    signed[body - 1] !== 'deliveryId' && signed[body + 1] !== 'deliveryId',
    'a text must stand between the delivery id and the body, or one could pass for a part of the other',
  )
  demand(
    Array.isArray(required) && required.every((field) => field === 'timestamp' || field === 'deliveryId'),
    "required may name 'timestamp' and 'deliveryId'",
  )
  demand(dedupeBy === undefined || readDedupeBy(dedupeBy) !== undefined, `dedupeBy must be ${DEDUPE_BY}`)
  const scheme = buildScheme(definition)
  const names = Object.values(scheme.headers).map((list) => [...new Set(list)])
  demand(new Set(names.flat()).size === names.flat().length, 'a header may stand for one field only')
  demand(
    !scheme.requires.timestamp || signature.carriesTimestamp || scheme.headers.timestamp.length > 0,
    'the timestamp is required but no header carries it',
  )
  demand(
    !scheme.requires.deliveryId || scheme.headers.deliveryId.length > 0,
    'the delivery id is required but no header carries it',
  )
  demand(
    scheme.dedupeBy !== 'deliveryId' || scheme.headers.deliveryId.length > 0,
    "dedupeBy may be 'deliveryId' only where a header carries the delivery id",
  )
  demand(
    scheme.dedupeBy !== 'deliveryIdAndContent' || scheme.requires.deliveryId,
    "dedupeBy may be 'deliveryIdAndContent' only where the delivery id is required",
  )
  return scheme
}

/** RFC 9110 section 5.6.2: a header name is a token. */
function isToken(name: unknown): boolean {
  return typeof name === 'string' && /^[\w!#$%&'*+.^`|~-]+$/.test(name)
}

function demand(met: boolean, message: string): asserts met {
  if (!met) throw invalidScheme(message)
}
