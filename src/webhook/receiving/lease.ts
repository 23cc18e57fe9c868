// Keeps a claim while a handler runs: renews its lease after every third of it, and aborts the handler's signal if the claim may be lost.

import { isThenable } from '../../shared/thenable.ts'
import type { Claim, DedupeStore } from '../../stores/contract.ts'

/** A claim, and how long it holds. */
export interface LeaseTerms {
  readonly store: DedupeStore
  readonly claim: Claim
  readonly leaseMs: number
  /** When the store was asked, by `performance.now()`. Counted from then, the lease never seems to last longer than it does in the store. */
  readonly claimedAt: number
  /** Present if the store is in a transaction of the application's. */
  readonly transaction?: OpenTransaction | undefined
}

/** A transaction that the store and the handler write in. */
export interface OpenTransaction {
  /** What the application gave to `run` beside the store: the client to write through, say. */
  readonly context: unknown
}

/** The context that a handler runs in. A class, because an object literal with a getter is slow to create. */
export class Lease {
  /** The `transaction` of a handler's context. */
  readonly transaction: unknown
  readonly #store: DedupeStore
  readonly #claim: Claim
  readonly #leaseMs: number
  /** When the lease runs out, by `performance.now()`. */
  #until: number
  #controller: AbortController | undefined // created on demand: most handlers do not ask for the signal
  #timer: ReturnType<typeof setTimeout> | undefined
  #isLost = false
  #isHandled = false

  private constructor(terms: LeaseTerms) {
    this.transaction = terms.transaction?.context
    this.#store = terms.store
    this.#claim = terms.claim
    this.#leaseMs = terms.leaseMs
    this.#until = endOfLease(terms)
  }

  /** Runs a handler under its claim; rejects with what it throws. */
  static async run(terms: LeaseTerms, handle: (lease: Lease) => unknown): Promise<void> {
    const lease = new Lease(terms)
    try {
      const running = handle(lease)
      // A synchronous handler needs no renewal.
      if (!isThenable(running)) return
      if (terms.store.extend) lease.#scheduleRenewal()
      await running
    } finally {
      lease.#isHandled = true
      clearTimeout(lease.#timer)
    }
  }

  /** Aborted as soon as the claim can no longer be relied on: another worker holds it, or the lease has run out. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController()
      // Without `extend` there are no renewals that would notice the end of the lease.
      if (!this.#store.extend && !this.#isHandled) this.#watchForEnd()
    }
    this.#abortIfLost()
    return this.#controller.signal
  }

  /** A lease that runs out once the handler is done does not concern the handler: the commit finds out. */
  #abortIfLost(): void {
    const hasRunOut = !this.#isHandled && this.#remainingMs <= 0
    if (this.#isLost || hasRunOut) this.#controller?.abort()
  }

  get #remainingMs(): number {
    return this.#until - performance.now()
  }

  #wakeIn(ms: number, wake: () => void): void {
    clearTimeout(this.#timer)
    const timer: ReturnType<typeof setTimeout> & { unref?: () => void } = setTimeout(wake, ms)
    timer.unref?.() // the timer must not keep the process alive; the handler does, if it has something to do
    this.#timer = timer
  }

  /** Checks again when it wakes, because a timer may fire a fraction of a millisecond early. */
  #watchForEnd(): void {
    this.#abortIfLost()
    const remaining = this.#remainingMs
    if (remaining > 0 && remaining !== Number.POSITIVE_INFINITY) this.#wakeIn(remaining, () => this.#watchForEnd())
  }

  /** After a third of the lease, or when it runs out if that is sooner. A lease that has run out already is tried again all the same. */
  #scheduleRenewal(): void {
    const third = this.#leaseMs / 3
    const remaining = this.#remainingMs
    this.#wakeIn(remaining > 0 ? Math.min(remaining, third) : third, () => this.#renew())
  }

  /** Also tried after the lease has run out: if no other worker has taken the claim over, it holds again. */
  async #renew(): Promise<void> {
    const askedAt = performance.now()
    this.#watchForEnd() // the store may take longer than the lease still lasts
    let isHeld: boolean | undefined
    try {
      isHeld = await this.#store.extend?.(this.#claim, this.#leaseMs)
    } catch {} // the store may answer the next time: two more renewals are due before the lease runs out
    if (this.#isHandled) return
    clearTimeout(this.#timer)
    if (isHeld === true) this.#until = askedAt + this.#leaseMs
    if (isHeld === false) this.#isLost = true
    this.#abortIfLost()
    if (!this.#isLost) this.#scheduleRenewal()
  }
}

/** In a transaction, a store without `extend` keeps its claim for as long as the transaction is open. */
function endOfLease({ store, leaseMs, claimedAt, transaction }: LeaseTerms): number {
  const lastsAsLongAsTransaction = transaction !== undefined && !store.extend
  return lastsAsLongAsTransaction ? Number.POSITIVE_INFINITY : claimedAt + leaseMs
}
