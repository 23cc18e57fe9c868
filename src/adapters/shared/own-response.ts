// The answer that a handler of `./fetch` may give: a Response.

import { cannotBeSent, checkStatus } from './own-answer.ts'

/**
 * Reads what a handler resolved to; undefined for anything that is no Response.
 *
 * @throws {WebhookError} `invalid_input` for a Response that cannot be sent
 */
export function readOwnResponse(result: unknown): Response | undefined {
  if (!isResponse(result)) return undefined
  checkStatus(result.status)
  if (result.bodyUsed || result.body?.locked) throw cannotBeSent('the body of its Response was read before')
  return result
}

/** Of whatever realm or polyfill it is. */
export function isResponse(value: unknown): value is Response {
  return value instanceof Response || Object.prototype.toString.call(value) === '[object Response]'
}
