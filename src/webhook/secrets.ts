// Secrets: one or many, each with an optional name and end of life. Read once, when the verifier or signer is made.

import { utf8 } from './bytes.ts'
import { invalidOption, readNumber, WebhookError } from './errors.ts'
import { MAX_UNIX_SECONDS, readUnixSeconds } from './unix-seconds.ts'

/** A secret as configured: text, bytes, or either with a name and the first Unix second in which it is refused. */
export type WebhookSecret = string | Uint8Array | NamedSecret

/** A secret with what is known about it. */
export interface NamedSecret {
  readonly secret: string | Uint8Array
  /** Tells which secret matched, as `delivery.keyId`. Not secret. */
  readonly id?: string | undefined
  /** Unix seconds: the first second in which the secret is refused. Without it the secret does not expire. */
  readonly expiresAt?: number | undefined
}

/** How a scheme turns a secret's text into key bytes; undefined for a text that is not of its form. */
export type SecretFormat = (secret: string) => Uint8Array | undefined

/** A secret that is ready to use. */
export interface Key {
  readonly bytes: Uint8Array
  readonly id: string | undefined
  /** Unix seconds; Infinity where the secret does not expire. */
  readonly expiresAt: number
}

/**
 * The secret in use before a rotation, valid until its grace window is over (Fluxora: 24 hours, its last second included).
 *
 * @param secret the former secret
 * @param rotatedAt Unix seconds at which the current secret replaced it
 * @param graceSeconds how long it stays valid after that, 86,400 by default
 * @throws {WebhookError} `invalid_option` for a time that is not in Unix seconds
 * @example
 * createWebhookVerifier({ secrets: [current, previousSecret(former, 1_710_000_000)] })
 */
export function previousSecret(secret: WebhookSecret, rotatedAt: number, graceSeconds = 86_400): NamedSecret {
  const from = readUnixSeconds('rotatedAt', rotatedAt)
  const expiresAt = from + readNumber('graceSeconds', graceSeconds, 0, 0, MAX_UNIX_SECONDS - from) + 1
  return isNamed(secret) ? { ...secret, expiresAt } : { secret, expiresAt }
}

/** Reads the `secrets` option; throws `invalid_secret` where a secret could not be used, without ever quoting it. */
export function readSecrets(option: string, input: unknown, format: SecretFormat): Key[] {
  const list = Array.isArray(input) ? input : [input]
  if (list.length === 0) throw invalidSecret(option)
  return list.map((entry: unknown) => {
    if (!isNamed(entry)) return { bytes: readKey(option, entry, format), id: undefined, expiresAt: Infinity }
    const { secret, id, expiresAt } = entry
    if (id !== undefined && (typeof id !== 'string' || id === ''))
      throw invalidOption(`${option}.id`, 'a non-empty string')
    return {
      bytes: readKey(option, secret, format),
      id,
      // The clock is read in whole seconds: a fraction must not carry the secret into the next one.
      expiresAt: expiresAt === undefined ? Infinity : Math.floor(readUnixSeconds(`${option}.expiresAt`, expiresAt)),
    }
  })
}

/** The default secret format: the literal UTF-8 bytes of the text, any prefix included. */
export const utf8Secret: SecretFormat = utf8

function readKey(option: string, secret: unknown, format: SecretFormat): Uint8Array {
  let bytes: Uint8Array | undefined
  if (typeof secret === 'string') bytes = secret.trim() === '' ? undefined : format(secret)
  else if (ArrayBuffer.isView(secret))
    bytes = new Uint8Array(secret.buffer, secret.byteOffset, secret.byteLength).slice()
  if (!bytes || bytes.length === 0) throw invalidSecret(option)
  return bytes
}

function isNamed(entry: unknown): entry is NamedSecret {
  return typeof entry === 'object' && entry !== null && 'secret' in entry && !ArrayBuffer.isView(entry)
}

function invalidSecret(option: string): WebhookError {
  return new WebhookError(
    'invalid_secret',
    `${option} must be one or more secrets, each non-blank text or bytes of the form that the scheme asks for.`,
    option,
  )
}
