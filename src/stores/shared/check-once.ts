// Checks a client before its first use, once for all callers.

/**
 * Runs a check until it has succeeded once. Calls made while it runs share its result. After a failure the next call runs it again,
 * because the server may only have been away.
 */
export function checkOnce(check: () => Promise<void>): () => Promise<void> {
  let result: Promise<void> | undefined
  return () => {
    result ??= check().catch((error) => {
      result = undefined
      throw error
    })
    return result
  }
}
