// How many deliveries are handled at a time.

/** Counts the deliveries being handled. */
export interface ConcurrencyLimit {
  /** Takes a place; false if all are taken. */
  enter(): boolean
  /** Gives the place back. */
  leave(): void
}

/** @param max How many places there are; Infinity for no limit. */
export function concurrencyLimit(max: number): ConcurrencyLimit {
  let active = 0
  return {
    enter() {
      if (active >= max) return false
      active++
      return true
    },
    leave() {
      active--
    },
  }
}
