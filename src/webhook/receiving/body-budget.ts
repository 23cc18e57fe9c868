// Limits how many bytes all bodies that are being read take up together: until its signature is checked, a body may come from anybody.

/** One request's share of the memory for bodies. */
export interface BodyBudget {
  /** Call it before a buffer grows, with the number of bytes that it grows by. False means that there is no room for them. */
  reserve(bytes: number): boolean
}

/** A share that can be given back. After that, nothing more can be reserved from it. */
export interface OpenBudget extends BodyBudget {
  giveBack(): void
}

/** Splits `maxBytes` among requests: each call opens a share for one. */
export function shareBudget(maxBytes: number): () => OpenBudget {
  let left = maxBytes
  return () => {
    let reserved = 0
    let isOpen = true
    return {
      reserve(bytes) {
        if (!isOpen || !Number.isFinite(bytes) || bytes < 0 || bytes > left) return false
        left -= bytes
        reserved += bytes
        return true
      },
      giveBack() {
        left += reserved
        reserved = 0
        isOpen = false
      },
    }
  }
}
