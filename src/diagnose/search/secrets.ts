// The secrets of a diagnosis. One that the library refuses is what many diagnoses are about, so it is kept and described, not thrown at.

import { invalidOption, isWebhookError } from '../../shared/webhook-error.ts'
import type { WebhookScheme } from '../../webhook/schemes/scheme.ts'
import { type Key, readSecret } from '../../webhook/secrets.ts'
import { decodeText } from '../received-body.ts'

/** A secret as it was configured, and as a scheme reads it. */
export interface Secret {
  /** Its id, or its place in the options. */
  readonly id: string
  /** Whether this endpoint uses it. */
  readonly isOwn: boolean
  /** As text, if it is one. */
  readonly text: string | undefined
  readonly bytes: Uint8Array | undefined
  /** As the scheme reads it; undefined if it cannot be used. */
  readonly key: Key | undefined
  /** Why it cannot be used. */
  readonly fault: string | undefined
}

/**
 * Reads the option `secrets` or `otherSecrets`.
 *
 * @throws {WebhookError} `invalid_option` for an unknown name, an id or an expiry that makes no sense.
 */
export function readAllSecrets(option: 'secrets' | 'otherSecrets', input: unknown, scheme: WebhookScheme): Secret[] {
  if (!Array.isArray(input)) return [readOne(option, option, input, scheme)]
  if (input.length > MOST_SECRETS) throw invalidOption(option, `a list of at most ${MOST_SECRETS} secrets`)
  if (input.length > 0) return Array.from(input, (entry, at) => readOne(option, `${option}[${at}]`, entry, scheme))
  if (option === 'otherSecrets') return []
  const fault = 'secrets is an empty list.'
  return [{ id: option, isOwn: true, text: undefined, bytes: undefined, key: undefined, fault }]
}

/** Each of them is read before anything is hashed. */
const MOST_SECRETS = 10_000

function readOne(option: string, path: string, entry: unknown, scheme: WebhookScheme): Secret {
  const value = isNamed(entry) ? entry.secret : entry
  const given = {
    id: isNamed(entry) && typeof entry.id === 'string' ? entry.id : path,
    isOwn: option === 'secrets',
    text: textOf(value),
    bytes: value instanceof Uint8Array ? value : undefined,
  }
  try {
    const key = readSecret({ option, path, rules: scheme, use: 'verify' }, entry)
    return { ...given, key, fault: undefined }
  } catch (error) {
    if (!isWebhookError(error) || error.code !== 'invalid_secret') throw error
    return { ...given, key: undefined, fault: error.message }
  }
}

function isNamed(entry: unknown): entry is { secret: unknown; id?: unknown } {
  return typeof entry === 'object' && entry !== null && 'secret' in entry
}

/** Bytes may be a text too, read from a file. */
function textOf(value: unknown): string | undefined {
  if (value instanceof Uint8Array) return decodeText(value)
  return typeof value === 'string' && value.isWellFormed() ? value : undefined
}
