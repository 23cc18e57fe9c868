// Checks of the options and clients that stores are made from.

import { demandKnownNames, invalidOption, WebhookError } from '../../shared/webhook-error.ts'

/**
 * Checks that options are an object with known names only.
 *
 * @throws {WebhookError} `invalid_option`
 */
export function checkOptionNames(options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw invalidOption('options', 'an object')
  demandKnownNames(options, known)
}

/** The error for a client that the store cannot use. `hint` says what this client seems to be, or what it did wrong. */
export function unusableClient(
  option: string,
  sentences: { readonly expected: string; readonly hint: string | undefined; readonly advice: string },
  cause?: unknown,
): WebhookError {
  const { expected, hint, advice } = sentences
  const message = [expected, hint, advice].filter((sentence) => sentence !== undefined).join(' ')
  return new WebhookError('invalid_option', message, option, cause)
}
