// Inflates bodies that were signed before they were compressed. There are two ways: inflate-node.ts (node:zlib) and inflate-web.ts
// (DecompressionStream).

import { type Refusal, refuse } from '../codes.ts'
import type { BodyBudget } from './body-budget.ts'

/** The bytes of a compressed body, or why there are none. */
export type Inflated = { readonly ok: true; readonly bytes: Uint8Array } | Refusal

/** Inflates bodies by their Content-Encoding. */
export interface Inflater {
  /** The encodings that this runtime can inflate, in lower case. */
  encodings(): readonly string[]
  /** The bytes that were signed. Stops as soon as there are more than `maxBytes`, or more than the budget has room for. */
  inflate(encoding: string, body: Uint8Array, maxBytes: number, budget: BodyBudget): Promise<Inflated>
}

export function brokenBody(): Refusal {
  return refuse('invalid_body', 'The body does not match its Content-Encoding.')
}

export function noRoom(): Refusal {
  return refuse('overloaded', 'Too many bodies are being received at once.')
}

/**
 * Whether a `deflate` body lacks the zlib header that it should have: RFC 1950 section 2.2 makes the low half of its first byte 8. Bare data
 * could begin so only with a stored block (RFC 1951 section 3.2.4) whose padding is not zero, which nobody writes.
 */
export function isBareDeflate([first = 0]: Uint8Array): boolean {
  return (first & 15) !== 8
}
