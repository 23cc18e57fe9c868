// Secrets: one or several, each with an optional name and expiry. They are read once, when the verifier or signer is made.

import { demandKnownNames, invalidOption, readNumber, WebhookError } from '../shared/webhook-error.ts'
import { MAX_UNIX_SECONDS, readUnixSeconds } from './pipeline/unix-seconds.ts'
import { isAsymmetricBytes, isAsymmetricText, isPrivateBytes, isPrivateText } from './proof/asymmetric-form.ts'
import type { KeyMaterial, Proof } from './proof/key-material.ts'

/** A secret or key as configured: text, bytes or a JSON Web Key, or one of them with a name and an expiry. */
export type WebhookSecret = string | Uint8Array | JsonWebKeyObject | NamedSecret

/** A JSON Web Key (RFC 7517), for the schemes of public keys: the public one to verify with, the private one to sign with. */
export interface JsonWebKeyObject {
  /** The family of the key: `OKP`, `EC` or `RSA`. */
  readonly kty: string
  readonly crv?: string | undefined
  readonly x?: string | undefined
  readonly y?: string | undefined
  readonly n?: string | undefined
  readonly e?: string | undefined
  readonly d?: string | undefined
  readonly p?: string | undefined
  readonly q?: string | undefined
  readonly dp?: string | undefined
  readonly dq?: string | undefined
  readonly qi?: string | undefined
  readonly alg?: string | undefined
  readonly use?: string | undefined
  readonly kid?: string | undefined
  readonly key_ops?: readonly string[] | undefined
  readonly ext?: boolean | undefined
}

/**
 * The `secrets` option: one secret, or several while one is being rotated. `undefined` is what an environment variable that is not set gives:
 * it passes the compiler everywhere, and throws when the verifier or signer is made.
 */
export type WebhookSecrets = WebhookSecret | readonly (WebhookSecret | undefined)[] | undefined

/** A secret with a name, an expiry or both. */
export interface NamedSecret {
  /**
   * Text is used exactly as it is. White space at either end is refused, since it is there by mistake. Bytes are taken as they are.
   * `undefined`, as from an environment variable that is not set, throws.
   */
  readonly secret: string | Uint8Array | JsonWebKeyObject | undefined
  /** Says which secret matched, as `delivery.keyId`. Not secret. */
  readonly id?: string | undefined
  /** The first second in which the secret is refused, in Unix seconds; never by default. */
  readonly expiresAt?: number | undefined
}

/** How a scheme turns the text of a secret into key bytes; undefined for text that is not in its form. */
export type SecretFormat = (secret: string) => Uint8Array | undefined

/** What a scheme says about its secrets. */
export interface SecretRules {
  readonly secret: SecretFormat
  /** The form in words, for messages. */
  readonly secretForm: string
  readonly proof: Proof
}

/** What a secret is read for: public keys verify, private ones sign, and shared secrets do both. */
export type SecretUse = 'verify' | 'sign'

/** A secret that is ready to use. */
export interface Key {
  readonly material: KeyMaterial
  readonly id: string | undefined
  /** Unix seconds; Infinity if the secret does not expire. */
  readonly expiresAt: number
}

/**
 * The secret in use before a rotation, valid until its grace window is over (Fluxora: 24 hours, its last second included).
 *
 * @param secret The former secret.
 * @param rotatedAt When the current secret replaced it, in Unix seconds.
 * @param graceSeconds How long it stays valid after that, in seconds; 86,400 by default.
 * @returns The secret with its `expiresAt`, for the `secrets` option.
 * @throws {WebhookError} `invalid_option` for a time that is not in Unix seconds, or a grace window that is not a number from 0.
 *
 * @example
 * ```ts
 * createWebhookVerifier({ secrets: [current, previousSecret(former, 1_710_000_000)] })
 * ```
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
 * Reads the `secrets` option, or what a function found in its place.
 *
 * @throws {WebhookError} `invalid_secret` for a secret that cannot be used. The message says which one it is, what is wrong with it and what
 *   the scheme takes, and shows not a single character of it.
 */
export function readSecrets(option: string, input: unknown, rules: SecretRules, use: SecretUse = 'verify'): Key[] {
  const place = { option, path: option, rules, use }
  if (!Array.isArray(input)) return [readSecret(place, input)]
  if (input.length === 0) throw invalidSecret(place, 'is an empty list')
  // Array.from, unlike map, does not skip holes.
  return Array.from(input, (entry: unknown, at) => readSecret({ ...place, path: `${option}[${at}]` }, entry))
}

/** Reads one secret. */
export function readSecret(place: SecretPlace, entry: unknown): Key {
  const { option, path } = place
  if (!isNamed(entry)) {
    return { material: readMaterial(place, entry), id: undefined, expiresAt: Number.POSITIVE_INFINITY }
  }
  demandKnownNames(entry, ['secret', 'id', 'expiresAt'], option, path)
  const { secret, id, expiresAt } = entry
  if (id !== undefined && (typeof id !== 'string' || id === '')) {
    throw invalidOption(`${option}.id`, 'a non-empty string', `${path}.id`)
  }
  const material = readMaterial({ ...place, path: `${path}.secret` }, secret)
  return { material, id, expiresAt: readExpiry(`${option}.expiresAt`, expiresAt, `${path}.expiresAt`) }
}

function readExpiry(option: string, expiresAt: unknown, path: string): number {
  if (expiresAt === undefined) return Number.POSITIVE_INFINITY
  // The clock is read in whole seconds: with a fraction the secret would live on into the next one.
  return Math.floor(readUnixSeconds(option, expiresAt, path))
}

/** Whether a scheme could use a text as a secret. */
export function isSecretText(text: string, rules: SecretRules): boolean {
  return findTextFault(text) === undefined && (decode(text, rules)?.length ?? 0) > 0
}

/** Where a secret was configured, what the scheme takes there, and what for. `path` is the full path in the options: `secrets[1]`. */
export interface SecretPlace {
  readonly option: string
  readonly path: string
  readonly rules: SecretRules
  readonly use: SecretUse
}

function readMaterial(place: SecretPlace, secret: unknown): KeyMaterial {
  const material = readKey(place, secret)
  if (!material)
    throw invalidSecret(place, isMisplacedPrivateKey(place, secret) ? PRIVATE : "is not in the scheme's form")
  if (material.bytes.length === 0) throw invalidSecret(place, 'decodes to no bytes')
  if (isShared(material) && isAsymmetric(secret, material)) {
    throw invalidSecret(
      place,
      'is a key for public-key signatures, and this is no place for one: whoever has it could sign',
    )
  }
  if (place.use === 'verify' && material.kind === 'private') {
    throw invalidSecret(place, PRIVATE)
  }
  if (place.use === 'sign' && material.kind === 'public') {
    throw invalidSecret(place, 'is a public key, which cannot sign. Give the private one')
  }
  return material
}

const PRIVATE = 'is a private key, which only a signer takes. Give the public one'

/** Whether it is a private key, in whatever form, where a public one belongs. */
function isMisplacedPrivateKey({ rules, use }: SecretPlace, secret: unknown): boolean {
  const { algorithm } = rules.proof
  if (use === 'sign' || algorithm === 'token' || algorithm.startsWith('hmac')) return false
  if (ArrayBuffer.isView(secret)) return isPrivateBytes(copyBytes(secret))
  return isPrivateText(typeof secret === 'string' ? secret : JSON.stringify(secret))
}

function isShared({ kind }: KeyMaterial): boolean {
  return kind === 'hmac' || kind === 'token'
}

/** A JSON Web Key is always one, since the shared secrets of that form are not taken here. */
function isAsymmetric(secret: unknown, { bytes }: KeyMaterial): boolean {
  if (isAsymmetricBytes(bytes) || isJsonWebKey(secret)) return true
  return typeof secret === 'string' && isAsymmetricText(secret)
}

function readKey(place: SecretPlace, secret: unknown): KeyMaterial | undefined {
  const { proof } = place.rules
  const toBytes = (text: string) => decode(text, place.rules)
  if (ArrayBuffer.isView(secret)) {
    if (secret.byteLength === 0) throw invalidSecret(place, 'holds no bytes')
    return proof.readKey(copyBytes(secret), toBytes)
  }
  if (isJsonWebKey(secret)) return proof.readKey(JSON.stringify(secret), toBytes)
  if (typeof secret !== 'string') throw invalidSecret(place, describeKind(secret))
  // A file with a key in PEM ends with a line break.
  const text = secret.trimStart().startsWith('-----BEGIN ') ? secret.trim() : secret
  const fault = findTextFault(text)
  if (fault !== undefined) throw invalidSecret(place, fault)
  return proof.readKey(text, toBytes)
}

function isJsonWebKey(secret: unknown): secret is JsonWebKeyObject {
  return typeof secret === 'object' && secret !== null && 'kty' in secret && typeof secret.kty === 'string'
}

/** A scheme's own function may throw, with the secret in its message, or return something other than bytes. */
function decode(text: string, { secret }: Pick<SecretRules, 'secret'>): Uint8Array | undefined {
  try {
    const bytes: unknown = secret(text)
    return ArrayBuffer.isView(bytes) ? copyBytes(bytes) : undefined
  } catch {
    return undefined
  }
}

/** A key gets bytes of its own, since its source may be overwritten. Copied by the view's range: the bytes may be those of another realm. */
function copyBytes({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength).slice()
}

// White space, line breaks and tabs, and what is just as invisible: control characters, a byte order mark, zero-width and other format
// characters. None of them belongs at the end of a secret, and nobody sees them there.
const INVISIBLE = String.raw`[\p{Z}\p{Cc}\p{Cf}]`
const blank: RegExp = /* @__PURE__ */ new RegExp(`^${INVISIBLE}+$`, 'u')
const firstCharacter: RegExp = /* @__PURE__ */ new RegExp(`^${INVISIBLE}`, 'u')
const lastCharacter: RegExp = /* @__PURE__ */ new RegExp(`${INVISIBLE}$`, 'u')

/** What is wrong with a text, whatever the scheme. */
function findTextFault(text: string): string | undefined {
  if (text === '') return 'is empty'
  if (blank.test(text)) return 'is blank'
  const [first] = firstCharacter.exec(text) ?? []
  if (first !== undefined) return describeInvisible(first, 'start')
  const [last] = lastCharacter.exec(text) ?? []
  if (last !== undefined) return describeInvisible(last, 'end')
  return text.isWellFormed() ? undefined : 'holds half of a surrogate pair, which has no UTF-8 form'
}

function describeInvisible(character: string, end: 'start' | 'end'): string {
  return `has ${nameOf(character)} at its ${end}. Secrets are used exactly as they are, so remove it`
}

function nameOf(character: string): string {
  if (/[\n\r\u2028\u2029]/.test(character)) return 'a line break'
  if (character === ' ') return 'a space'
  if (character === '\t') return 'a tab'
  const code = Number(character.codePointAt(0)).toString(16).toUpperCase().padStart(4, '0')
  return `an invisible character, U+${code},`
}

function describeKind(value: unknown): string {
  if (value === undefined) return 'is not set (is an environment variable missing?)'
  if (value === null) return 'is null'
  if (Array.isArray(value)) return 'is a list'
  if (value instanceof Promise) return 'is a promise, which must be awaited first'
  if (typeof value === 'function') return 'is a function, which only a receiver takes, and only in place of all secrets'
  if (typeof value !== 'object') return `is a ${typeof value}`
  return 'secret' in value ? 'is an object' : 'is an object without a secret member'
}

function isNamed(entry: unknown): entry is NamedSecret {
  return typeof entry === 'object' && entry !== null && 'secret' in entry && !ArrayBuffer.isView(entry)
}

function invalidSecret({ option, path, rules }: SecretPlace, finding: string): WebhookError {
  const message = `${path} ${finding}. The scheme takes ${rules.secretForm}, or bytes.`
  return new WebhookError('invalid_secret', message, option)
}
