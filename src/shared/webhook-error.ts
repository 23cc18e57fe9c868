// Thrown for misuse by the program only. Bytes from the network never lead here.

import { FluxoraError, isBranded } from './fluxora-error.ts'
import { rejectUnknownNames } from './options.ts'

/** Why a `WebhookError` was thrown. */
export type WebhookErrorCode =
  /** An option is missing, misspelt, of the wrong type, out of range, NaN or infinite. */
  | 'invalid_option'
  /** A secret is missing, blank, ill-formed, has white space at either end, or is not in the form that its scheme takes. */
  | 'invalid_secret'
  /** A scheme definition makes no sense, or a scheme was not made by `defineScheme`. */
  | 'invalid_scheme'
  /** The input of `sign` cannot be sent: ill-formed text, a header value with control characters. */
  | 'invalid_input'
  /** `text()` or `json()` was called on a verified body that is not UTF-8, or not JSON. */
  | 'invalid_body'
  /** The memory store is full of live claims. */
  | 'store_full'
  /** A delivery was to be replayed that the log does not have, or no longer. */
  | 'unknown_delivery'

/** Thrown for misuse of the webhook core or of a store. No message ever holds a secret. */
export class WebhookError extends FluxoraError {
  declare readonly code: WebhookErrorCode
  /** The option at fault, if there is one: `secrets.id`. */
  declare readonly option: string | undefined

  constructor(code: WebhookErrorCode, message: string, option?: string, cause?: unknown) {
    super('WebhookError', message, cause)
    this.code = code
    this.option = option
  }
}

/**
 * Whether a value is a {@link WebhookError} of this copy of the library or of another one. `instanceof` does not work between the ESM and the
 * CommonJS copy of the class. Never throws.
 *
 * @param value Anything, such as what a `catch` caught.
 * @returns True for a `WebhookError`, whose `code` and `option` can then be read.
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

/** The error for an option that makes no sense. `path` is its full path, such as `secrets[1].id`, if that is more than its name. */
export function invalidOption(option: string, expected: string, path: string = option): WebhookError {
  return new WebhookError('invalid_option', `${path} must be ${expected}.`, option)
}

/**
 * Refuses an options object with an unknown name in it. `owner` is the option that the object belongs to, and `path` its full path, such as
 * `secrets[1]`, if that is more than the option's name.
 */
export function demandKnownNames(
  options: object,
  known: readonly string[],
  owner?: string,
  path: string | undefined = owner,
): void {
  const toError = (name: string, message: string): WebhookError => {
    const option = owner === undefined ? name : `${owner}.${name}`
    return new WebhookError('invalid_option', message, option)
  }
  rejectUnknownNames(options, known, toError, path)
}

/** Reads a numeric option. Anything but a number in range throws: NaN, for one, would switch a check off. */
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
