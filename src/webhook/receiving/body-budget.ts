// What all bodies that are being read may hold together: before a signature is judged, its sender is anybody.

/** One request's share. `reserve` is called with what its buffer is about to grow by; false means that there is no room for that. */
export interface BodyBudget {
  reserve(bytes: number): boolean
}

/** A share that its owner gives back in full; after that nothing more can be reserved from it. */
export interface OpenBudget extends BodyBudget {
  giveBack(): void
}

/** Opens a share of `maxBytes` for each request. */
export function shareBudget(maxBytes: number): () => OpenBudget {
  let left = maxBytes
  return () => {
    let own = 0
    let isOpen = true
    return {
      reserve(bytes) {
        if (!isOpen || !Number.isFinite(bytes) || bytes < 0 || bytes > left) return false
        left -= bytes
        own += bytes
        return true
      },
      giveBack() {
        left += own
        own = 0
        isOpen = false
      },
    }
  }
}
