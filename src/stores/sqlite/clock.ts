// The clocks by which leases are judged: the host's, which someone may set back, and one of this process that never goes back.

/** One reading of both clocks, in milliseconds since 1970. */
export interface Time {
  /** The host's clock, which all processes that share the file can read. */
  readonly now: number
  /** At least the previous reading plus the time that has passed since then in this process. */
  readonly steady: number
}

export function createClock(): () => Time {
  let steady = 0
  let lastReadAt = 0
  return () => {
    const now = Date.now()
    const readAt = performance.now()
    steady = Math.max(now, steady + readAt - lastReadAt)
    lastReadAt = readAt
    return { now, steady }
  }
}

/**
 * When a lease ends. If its recorded end is further away than the lease is long, it was written before the clock was set back. Then it
 * lasts for as long as this process knows it has left to run, or, if this process was not there before, for its full length again.
 */
export function leaseEnd(lease: { readonly leaseMs: number; readonly until: number }, { now, steady }: Time): number {
  const { leaseMs, until } = lease
  if (until <= now + leaseMs) return until
  const leftMs = Math.max(0, Math.ceil(until - steady))
  return now + Math.min(leaseMs, leftMs)
}
