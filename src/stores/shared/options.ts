// What the makers of stores ask of their options before they read them.

import { describeUnknownName, findUnknownName } from '../../shared/options.ts'
import { invalidOption, WebhookError } from '../../webhook/errors.ts'

/** @throws {WebhookError} `invalid_option` where it is no object, or has a name that is not known */
export function checkNames(options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw invalidOption('options', 'an object')
  const name = findUnknownName(options, known)
  if (name !== undefined) throw new WebhookError('invalid_option', describeUnknownName(name, known), name)
}
