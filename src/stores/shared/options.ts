// What the makers of stores ask of their options before they read them.

import { demandKnownNames, invalidOption } from '../../shared/webhook-error.ts'

/** @throws {WebhookError} `invalid_option` where it is no object, or has a name that is not known */
export function checkNames(options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw invalidOption('options', 'an object')
  demandKnownNames(options, known)
}
