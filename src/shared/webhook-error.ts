// Thrown for misuse by the programmer only: bytes from the network never lead here.

import { FluxoraError, isBranded } from './fluxora-error.ts'
import { describeUnknownName, findUnknownName } from './options.ts'

/** Why a `WebhookError` was thrown. */
export type WebhookErrorCode =
  /** An option is missing, misspelt, of the wrong type, out of range, NaN or infinite. */
  | 'invalid_option'
  /** A secret is missing, blank, ill-formed, has white space at either end, or is not of the form its scheme demands. */
  | 'invalid_secret'
  /** A scheme definition makes no sense, or something that `defineScheme` did not make stands in a scheme's place. */
  | 'invalid_scheme'
  /** What `sign` was given cannot be sent: ill-formed text, a header value with control characters. */
  | 'invalid_input'
  /** `text()` or `json()` was asked of a verified body that is not UTF-8, or not JSON. */
  | 'invalid_body'
  /** The memory store is full of live claims. */
  | 'store_full'

/** Misuse of the webhook core or of a store. `option` names the option at fault; no message ever holds a secret. */
export class WebhookError extends FluxoraError {
  declare readonly code: WebhookErrorCode
  declare readonly option: string | undefined

  constructor(code: WebhookErrorCode, message: string, option?: string, cause?: unknown) {
    super('WebhookError', message, cause)
    this.code = code
    this.option = option
  }
}

/**
 * Whether a value is a {@link WebhookError}, of this copy of the library or of another: `instanceof` does not hold between the ESM and the
 * CommonJS copy of the class. Never throws.
 *
 * @example
 * ```ts
 * try {
 *   createWebhookVerifier({ secrets: '' })
 * } catch (error) {
 *   if (isWebhookError(error)) console.error(error.code) // invalid_secret
 * }
 * ```
 */
export function isWebhookError(value: unknown): value is WebhookError {
  return isBranded(value, 'WebhookError')
}

/** An option that makes no sense. `place` says where it stands, if that is more than its name: `secrets[1].id`. */
export function invalidOption(option: string, expected: string, place: string = option): WebhookError {
  return new WebhookError('invalid_option', `${place} must be ${expected}.`, option)
}

/**
 * Refuses an options object that holds a name which its maker does not know. `owner` is the option that the object stands under, and
 * `place` says where, if that is more than its name.
 */
export function demandKnownNames(
  options: object,
  known: readonly string[],
  owner?: string,
  place: string | undefined = owner,
): void {
  const name = findUnknownName(options, known)
  if (name === undefined) return
  const [option, where] = [owner, place].map((prefix) => (prefix === undefined ? name : `${prefix}.${name}`))
  throw new WebhookError('invalid_option', describeUnknownName(where as string, known), option)
}

/** Reads a numeric option; anything but a finite number in range throws, so that NaN can never switch a check off. */
export function readNumber(
  option: string,
  value: unknown,
  fallback: number,
  min: number,
  max: number,
  what = 'a number',
): number {
  if (value === undefined) return fallback
  if (typeof value !== 'number' || !(value >= min && value <= max)) {
    throw invalidOption(option, `${what} from ${min} to ${max}`)
  }
  return value
}
