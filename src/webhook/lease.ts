// Keeping a claim while a handler runs: the lease is renewed at a third of its length, and the loss of it is made known.

import type { Claim, DedupeStore } from './dedupe.ts'

/** Runs a handler under its claim. Its context's signal is aborted when the store says that the claim is no longer held. */
export async function runUnderLease(
  store: DedupeStore,
  claim: Claim,
  leaseMs: number,
  run: (context: { readonly signal: AbortSignal }) => unknown,
): Promise<void> {
  let controller: AbortController | undefined // made for a handler that asks: most do not
  let isLost = false
  let isOver = false
  let timer: ReturnType<typeof setTimeout> | undefined

  async function renew(): Promise<void> {
    let isHeld: boolean | undefined
    try {
      isHeld = await store.extend?.(claim, leaseMs)
    } catch {} // a store that fails now may answer the next time: there are two more tries before the lease runs out
    if (isOver) return
    if (isHeld !== false) return schedule()
    isLost = true
    controller?.abort()
  }

  function schedule(): void {
    timer = setTimeout(renew, leaseMs / 3)
    // Renewing a lease is no reason for a process to stay: the handler is, while it has something to do.
    ;(timer as { unref?: () => void }).unref?.()
  }

  const running = run({
    get signal(): AbortSignal {
      controller ??= new AbortController()
      if (isLost) controller.abort()
      return controller.signal
    },
  })
  // A handler that was done at once has kept the claim for no time.
  if (typeof running !== 'object' || running === null) return
  if (store.extend) schedule()
  try {
    await running
  } finally {
    isOver = true
    clearTimeout(timer)
  }
}
