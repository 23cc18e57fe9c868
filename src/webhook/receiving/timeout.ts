// Waiting for an answer from outside the library, but not for ever.

/**
 * Waits for an answer, and rejects if it takes too long.
 *
 * @param who Names whose answer it is, for the error's message.
 * @param onLate Given the answer if it arrives after the timeout. A late rejection is ignored.
 */
export async function withTimeout<T>(
  answer: Promise<T>,
  timeoutMs: number,
  who: string,
  onLate?: (answer: T) => unknown,
): Promise<T> {
  let isLate = false
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      isLate = true
      reject(new Error(`${who} did not answer within ${timeoutMs} ms.`))
    }, timeoutMs)
  })
  // Nobody else listens once the race is over, and a rejection must not be an unhandled one.
  answer.then((value) => isLate && onLate?.(value)).catch(() => {})
  try {
    return await Promise.race([answer, timeout])
  } finally {
    clearTimeout(timer)
  }
}
