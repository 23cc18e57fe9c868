// What a dedupe store promises.

/** Any text. The same key with another fingerprint is a conflict: one of the two deliveries is not what it says it is. */
export interface DedupeKey {
  readonly key: string
  readonly fingerprint?: string | undefined
}

/** A lease on a set of keys, held by whoever knows its random token. */
export interface Claim {
  readonly token: string
  readonly keys: readonly DedupeKey[]
}

/** What a store answers to a claim. Conflict comes before duplicate, duplicate before in_progress. */
export type ClaimResult =
  | { readonly status: 'claimed'; readonly claim: Claim }
  | { readonly status: 'duplicate' }
  | { readonly status: 'in_progress'; readonly retryAfterMs: number }
  | { readonly status: 'conflict' }

/**
 * Where deliveries are remembered. Each method is atomic, also between processes.
 *
 * - `claim` takes all of its keys or none. For `bindMs` beyond the claim's end, and also where it answers `duplicate` or `in_progress`,
 *   every key that has a fingerprint stays bound to it: claimed with another it is a `conflict`. Two exceptions: a `conflict` writes
 *   nothing at all, and the first key of a request (a delivery's own id) is written only where the claim succeeds.
 * - When a lease runs out, its keys are free for whoever claims them next; until somebody does, the claim is still its holder's.
 * - `commit`, `release` and `extend` act only while every key is still the claim's: taken under its token, neither settled nor taken
 *   over since. False says that one was not, and that nothing changed; that stays so after the other one has settled, or come late as
 *   well. They act on a claim whose lease has run out as on any other, for `bindMs` after that at least; a store may forget who held
 *   it then. `retentionMs` is Infinity for ever.
 * - `extend` makes the lease run out `leaseMs` from now.
 * - A method that cannot do its work rejects: the receiver then answers 503.
 */
export interface DedupeStore {
  claim(request: { keys: readonly DedupeKey[]; leaseMs: number; bindMs: number }): Promise<ClaimResult>
  commit(claim: Claim, retentionMs: number): Promise<boolean>
  release(claim: Claim): Promise<boolean>
  extend?(claim: Claim, leaseMs: number): Promise<boolean>
}

/** What the `dedupeKey` option may return: the text that makes two deliveries the same, or whole keys. */
export type DedupeKeyResult = string | DedupeKey | readonly DedupeKey[]
