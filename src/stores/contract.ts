// What a dedupe store promises. Every store in this folder keeps it, and so must a store of your own: check it with the conformance kit in
// @fluxora/verify/testing.

/** What a delivery is known by. */
export interface DedupeKey {
  /** Any text. */
  readonly key: string
  /**
   * What the key belongs to; none by default. The same key with another fingerprint is a conflict: one of the two deliveries is not what it
   * claims to be.
   */
  readonly fingerprint?: string | undefined
}

/** A lease on a set of keys, held by whoever knows its random token. */
export interface Claim {
  readonly token: string
  readonly keys: readonly DedupeKey[]
}

/** A store's answer to a claim. A conflict comes before a duplicate, and a duplicate before a claim in progress. */
export type ClaimResult =
  | { readonly status: 'claimed'; readonly claim: Claim }
  | { readonly status: 'duplicate' }
  /** `retryAfterMs` is how long the other claim's lease still runs. */
  | { readonly status: 'in_progress'; readonly retryAfterMs: number }
  | { readonly status: 'conflict' }

/**
 * Where deliveries are remembered. Each method is atomic, also between processes. All times are in milliseconds.
 *
 * - `claim` takes all of its keys or none. A key that has a fingerprint stays bound to it for `bindMs` after the claim ends, and also if the
 *   answer is `duplicate` or `in_progress`: claimed with another fingerprint, it is a `conflict`. There are two exceptions. A `conflict`
 *   writes nothing at all. And the first key of a request, the delivery's own id, is written only if the claim succeeds.
 * - When a lease runs out, its keys are free for the next claim. Until one comes, the claim still belongs to its holder.
 * - `commit`, `release` and `extend` act only if the claim still holds every key, that is, if each was taken under its token and has been
 *   neither settled nor taken over since. Otherwise they answer false and change nothing, also after the other claim was settled or is late
 *   itself. A claim whose lease has run out is treated like any other for at least `bindMs`; after that, a store may forget its holder.
 * - `commit` remembers the delivery for `retentionMs`; Infinity means for ever.
 * - `extend` makes the lease run out `leaseMs` from now. Without this method a lease cannot be renewed.
 * - A method that cannot do its work rejects. The receiver then answers 503.
 */
export interface DedupeStore {
  /** Takes all of the keys, or none. */
  claim(request: { keys: readonly DedupeKey[]; leaseMs: number; bindMs: number }): Promise<ClaimResult>
  /** Remembers the delivery as handled. False if the claim no longer holds all of its keys. */
  commit(claim: Claim, retentionMs: number): Promise<boolean>
  /** Gives the keys back, so that the delivery can be claimed again at once. False if the claim no longer holds all of them. */
  release(claim: Claim): Promise<boolean>
  /** Makes the lease run out `leaseMs` from now. False if the claim no longer holds all of its keys. */
  extend?(claim: Claim, leaseMs: number): Promise<boolean>
}
