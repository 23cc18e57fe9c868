// Secrets: one or many, each with an optional name and end of life. Read once, when the verifier or signer is made.

import { utf8 } from '../shared/encoding.ts'
import { demandKnownNames, invalidOption, readNumber, WebhookError } from '../shared/webhook-error.ts'
import { MAX_UNIX_SECONDS, readUnixSeconds } from './pipeline/unix-seconds.ts'

/** A secret as configured: text, bytes, or either with a name and the first Unix second in which it is refused. */
export type WebhookSecret = string | Uint8Array | NamedSecret

/**
 * What the `secrets` option takes: one, or several while one is being rotated. `undefined` is what an unset variable of the environment
 * gives: it passes the compiler everywhere, and throws when the thing is made.
 */
export type WebhookSecrets = WebhookSecret | readonly (WebhookSecret | undefined)[] | undefined

/** A secret with what is known about it. */
export interface NamedSecret {
  /**
   * Text is used as it stands: white space at either end is refused, for it is there by mistake. Bytes are taken as they are. Where it
   * is undefined, as an unset variable of the environment is, the maker throws.
   */
  readonly secret: string | Uint8Array | undefined
  /** Tells which secret matched, as `delivery.keyId`. Not secret. */
  readonly id?: string | undefined
  /** Unix seconds: the first second in which the secret is refused. Without it the secret does not expire. */
  readonly expiresAt?: number | undefined
}

/** How a scheme turns a secret's text into key bytes; undefined for a text that is not of its form. */
export type SecretFormat = (secret: string) => Uint8Array | undefined

/** What a scheme says of its secrets. */
export interface SecretRules {
  readonly secret: SecretFormat
  /** The form in words, for messages. */
  readonly secretForm: string
}

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
export function previousSecret(
  secret: WebhookSecret | undefined,
  rotatedAt: number,
  graceSeconds = 86_400,
): NamedSecret {
  const from = readUnixSeconds('rotatedAt', rotatedAt)
  const expiresAt = from + readNumber('graceSeconds', graceSeconds, 0, 0, MAX_UNIX_SECONDS - from) + 1
  return isNamed(secret) ? { ...secret, expiresAt } : { secret, expiresAt }
}

/**
 * Reads the `secrets` option, or what a function found in its place. Throws `invalid_secret` where a secret could not be used: which one,
 * what was found and what is asked for, without a character of it.
 */
export function readSecrets(option: string, input: unknown, rules: SecretRules): Key[] {
  if (!Array.isArray(input)) return [readSecret(option, input, rules)]
  if (input.length === 0) throw invalidSecret({ option, place: option, rules }, 'is an empty list')
  // Array.from, unlike map, does not pass over a hole.
  return Array.from(input, (entry: unknown, at) => readSecret(option, entry, rules, `${option}[${at}]`))
}

/** Reads one secret. `place` says where it stands, if that is more than the option's name. */
export function readSecret(option: string, entry: unknown, rules: SecretRules, place: string = option): Key {
  const at = { option, place, rules }
  if (!isNamed(entry)) return { bytes: readBytes(at, entry), id: undefined, expiresAt: Number.POSITIVE_INFINITY }
  demandKnownNames(entry, ['secret', 'id', 'expiresAt'], option, place)
  const { secret, id, expiresAt } = entry
  if (id !== undefined && (typeof id !== 'string' || id === '')) {
    throw invalidOption(`${option}.id`, 'a non-empty string', `${place}.id`)
  }
  return {
    bytes: readBytes({ option, place: `${place}.secret`, rules }, secret),
    id,
    expiresAt:
      expiresAt === undefined
        ? Number.POSITIVE_INFINITY
        : // The clock is read in whole seconds: a fraction must not carry the secret into the next one.
          Math.floor(readUnixSeconds(`${option}.expiresAt`, expiresAt, `${place}.expiresAt`)),
  }
}

/** The default secret format: the literal UTF-8 bytes of the text, any prefix included. */
export const utf8Secret: SecretFormat = utf8

/** Whether a scheme could use a text as a secret. */
export function isSecretText(text: string, rules: SecretRules): boolean {
  return findTextFault(text) === undefined && (decode(text, rules)?.length ?? 0) > 0
}

/** Where a secret stands, and what is asked of it. */
interface Place {
  readonly option: string
  readonly place: string
  readonly rules: SecretRules
}

function readBytes(at: Place, secret: unknown): Uint8Array {
  if (ArrayBuffer.isView(secret)) {
    if (secret.byteLength === 0) throw invalidSecret(at, 'holds no bytes')
    return copyBytes(secret)
  }
  if (typeof secret !== 'string') throw invalidSecret(at, describeKind(secret))
  const fault = findTextFault(secret)
  if (fault !== undefined) throw invalidSecret(at, fault)
  const bytes = decode(secret, at.rules)
  if (!bytes) throw invalidSecret(at, "is not of the scheme's form")
  if (bytes.length === 0) throw invalidSecret(at, 'stands for no bytes')
  return bytes
}

/** A scheme's own function may throw, with the secret in its message, or give what is no bytes. */
function decode(text: string, { secret }: SecretRules): Uint8Array | undefined {
  try {
    const bytes: unknown = secret(text)
    return ArrayBuffer.isView(bytes) ? copyBytes(bytes) : undefined
  } catch {
    return undefined
  }
}

/** A key is its own: what it was made of may be written over. By the view's range, for its bytes may be those of another realm. */
function copyBytes({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength).slice()
}

// White space, line breaks and tabs, and what prints as little: control characters, a byte order mark, zero-width and other format
// characters. None belongs at the end of a secret, and none is seen there.
const INVISIBLE = String.raw`[\p{Z}\p{Cc}\p{Cf}]`
const blank: RegExp = /* @__PURE__ */ new RegExp(`^${INVISIBLE}+$`, 'u')
const edge: RegExp = /* @__PURE__ */ new RegExp(`^${INVISIBLE}|${INVISIBLE}$`, 'u')

/** What is wrong with a text whatever the scheme. */
function findTextFault(text: string): string | undefined {
  if (text === '') return 'is empty'
  if (blank.test(text)) return 'is blank'
  const found = edge.exec(text)
  if (found) {
    const end = found.index === 0 ? 'start' : 'end'
    return `has ${nameOf(found[0])} at its ${end}: it is used as it stands, so take that out`
  }
  return text.isWellFormed() ? undefined : 'holds half of a surrogate pair, which has no UTF-8 form'
}

function nameOf(character: string): string {
  if (/[\n\r\u2028\u2029]/.test(character)) return 'a line break'
  if (character === ' ') return 'a space'
  if (character === '\t') return 'a tab'
  const code = (character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')
  return `an invisible character, U+${code},`
}

function describeKind(value: unknown): string {
  if (value === undefined) return 'is not set (an environment variable that is unset?)'
  if (value === null) return 'is null'
  if (Array.isArray(value)) return 'is a list'
  if (value instanceof Promise) return 'is a promise, which must be awaited first'
  if (typeof value === 'function') return 'is a function, which only a receiver takes, and only in place of all secrets'
  if (typeof value === 'object') return `is an object${'secret' in value ? '' : ' without the member secret'}`
  return `is a ${typeof value}`
}

function isNamed(entry: unknown): entry is NamedSecret {
  return typeof entry === 'object' && entry !== null && 'secret' in entry && !ArrayBuffer.isView(entry)
}

function invalidSecret({ option, place, rules }: Place, finding: string): WebhookError {
  const message = `${place} ${finding}. The scheme asks for ${rules.secretForm}, or for bytes.`
  return new WebhookError('invalid_secret', message, option)
}
