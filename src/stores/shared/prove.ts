// Asking a client whether it is what it is taken for, before anything is written through it.

/**
 * Proves something once. Whoever comes in the meantime waits for the same answer; what failed is tried again by the next who comes, for
 * the server may have been away. Undefined once it is proven.
 */
export function proveOnce(prove: () => Promise<void>): () => Promise<void> | undefined {
  let isProven = false
  let running: Promise<void> | undefined
  return () => {
    if (isProven) return undefined
    running ??= prove()
      .then(() => {
        isProven = true
      })
      .finally(() => {
        running = undefined
      })
    return running
  }
}
