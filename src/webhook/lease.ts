// Keeping a claim while a handler runs: the lease is renewed at a third of its length, and the loss of it is made known.

import type { Claim, DedupeStore } from './dedupe.ts'

/** What a handler sees of the lease that it runs under. A class, for an object with a getter of its own is dear to make. */
export class Lease {
  readonly #store: DedupeStore
  readonly #claim: Claim
  readonly #leaseMs: number
  #controller: AbortController | undefined // made for a handler that asks: most do not
  #timer: ReturnType<typeof setTimeout> | undefined
  #isLost = false
  #isOver = false

  private constructor(store: DedupeStore, claim: Claim, leaseMs: number) {
    this.#store = store
    this.#claim = claim
    this.#leaseMs = leaseMs
  }

  /** Runs a handler under its claim; rejects with what it throws. */
  static async run(
    store: DedupeStore,
    claim: Claim,
    leaseMs: number,
    handle: (lease: Lease) => unknown,
  ): Promise<void> {
    const lease = new Lease(store, claim, leaseMs)
    const running = handle(lease)
    // A handler that was done at once has kept the claim for no time.
    if (typeof running !== 'object' || running === null) return
    if (store.extend) lease.#schedule()
    try {
      await running
    } finally {
      lease.#isOver = true
      clearTimeout(lease.#timer)
    }
  }

  /** Aborted when the store says that the claim is no longer held. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#isLost) this.#controller.abort()
    return this.#controller.signal
  }

  #schedule(): void {
    this.#timer = setTimeout(() => this.#renew(), this.#leaseMs / 3)
    // Renewing a lease is no reason for a process to stay: the handler is, while it has something to do.
    ;(this.#timer as { unref?: () => void }).unref?.()
  }

  async #renew(): Promise<void> {
    let isHeld: boolean | undefined
    try {
      isHeld = await this.#store.extend?.(this.#claim, this.#leaseMs)
    } catch {} // a store that fails now may answer the next time: there are two more tries before the lease runs out
    if (this.#isOver) return
    if (isHeld !== false) return this.#schedule()
    this.#isLost = true
    this.#controller?.abort()
  }
}
