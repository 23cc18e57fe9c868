// Inflating a body that was signed before it was compressed. Two ways exist: inflate-node.ts (node:zlib) and inflate-web.ts
// (DecompressionStream).

import { type Refusal, refuse } from '../codes.ts'
import type { BodyBudget } from './body-budget.ts'

/** Content-Encodings that can be taken, and how. */
export interface Inflater {
  /** The names of those that this runtime can inflate, in lower case. */
  encodings(): readonly string[]
  /** The bytes that were signed; stops as soon as there are more than `maxBytes`, or more than the budget allows. */
  inflate(encoding: string, body: Uint8Array, maxBytes: number, budget: BodyBudget): Promise<Uint8Array | Refusal>
}

export function brokenBody(): Refusal {
  return refuse('invalid_body', 'The body is not what its Content-Encoding says.')
}

export function noRoom(): Refusal {
  return refuse('overloaded', 'Too many bodies are being received at once.')
}
