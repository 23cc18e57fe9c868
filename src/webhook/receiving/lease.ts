// Keeping a claim while a handler runs: the lease is renewed at a third of its length, and the end of it is made known.

import { isThenable } from '../../shared/thenable.ts'
import type { Claim, DedupeStore } from '../../stores/contract.ts'

/** What a claim is held by. */
export interface LeaseTerms {
  readonly store: DedupeStore
  readonly claim: Claim
  readonly leaseMs: number
  /** By `performance.now()`, before the store was asked: so the lease is never taken for longer than the store takes it. */
  readonly askedAt: number
  /** The transaction that all of it is in, if it is in one. */
  readonly inside: { readonly transaction: unknown } | undefined
}

/** What a handler sees of the lease that it runs under. A class, for an object with a getter of its own is dear to make. */
export class Lease {
  readonly transaction: unknown
  readonly #store: DedupeStore
  readonly #claim: Claim
  readonly #leaseMs: number
  /** When it runs out, by `performance.now()`. */
  #until: number
  #controller: AbortController | undefined // made for a handler that asks: most do not
  #timer: ReturnType<typeof setTimeout> | undefined
  #isLost = false
  #isOver = false

  private constructor({ store, claim, leaseMs, askedAt, inside }: LeaseTerms) {
    this.transaction = inside?.transaction
    this.#store = store
    this.#claim = claim
    this.#leaseMs = leaseMs
    // A transaction keeps its claim for as long as it is open.
    this.#until = inside && !store.extend ? Number.POSITIVE_INFINITY : askedAt + leaseMs
  }

  /** Runs a handler under its claim; rejects with what it throws. */
  static async run(terms: LeaseTerms, handle: (lease: Lease) => unknown): Promise<void> {
    const lease = new Lease(terms)
    try {
      const running = handle(lease)
      // A handler that was done at once has kept the claim for no time.
      if (!isThenable(running)) return
      if (terms.store.extend) lease.#waitForRenewal()
      await running
    } finally {
      lease.#isOver = true
      clearTimeout(lease.#timer)
    }
  }

  /** Aborted as soon as the claim can no longer be counted on: another holds it, or it has run out. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController()
      // Without `extend` nothing else wakes up: the end is waited for only where somebody asks.
      if (!this.#store.extend && !this.#isOver) this.#waitForEnd()
    }
    this.#tell()
    return this.#controller.signal
  }

  /** Once the handler is done, the lease is the commit's affair: what runs out then is not told. */
  #tell(): void {
    if (this.#isLost || (!this.#isOver && this.#left <= 0)) this.#controller?.abort()
  }

  get #left(): number {
    return this.#until - performance.now()
  }

  #wait(ms: number, wake: () => void): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(wake, ms)
    // A lease is no reason for a process to stay: the handler is, while it has something to do.
    ;(this.#timer as { unref?: () => void }).unref?.()
  }

  /** Timers may be early by a fraction of a millisecond, so it is looked at again. */
  #waitForEnd(): void {
    this.#tell()
    const left = this.#left
    if (left > 0 && left !== Number.POSITIVE_INFINITY) this.#wait(left, () => this.#waitForEnd())
  }

  /** A third of the lease, unless it runs out before that. */
  #waitForRenewal(): void {
    const left = this.#left
    this.#wait(left > 0 ? Math.min(left, this.#leaseMs / 3) : this.#leaseMs / 3, () => this.#renew())
  }

  /** Also after the lease has run out: where nobody has taken the claim over, it is kept from then on. */
  async #renew(): Promise<void> {
    const askedAt = performance.now()
    this.#waitForEnd() // the store may take longer than what is left
    let isHeld: boolean | undefined
    try {
      isHeld = await this.#store.extend?.(this.#claim, this.#leaseMs)
    } catch {} // a store that fails now may answer the next time: there are two more tries before the lease runs out
    if (this.#isOver) return
    clearTimeout(this.#timer)
    if (isHeld === true) this.#until = askedAt + this.#leaseMs
    if (isHeld === false) this.#isLost = true
    this.#tell()
    if (!this.#isLost) this.#waitForRenewal()
  }
}
