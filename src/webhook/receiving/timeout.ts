// Waiting for somebody else's answer, but not for ever.

/**
 * The answer, or a rejection where it takes too long. What comes after that is given to `onLate`, and never turns up as an unhandled
 * rejection.
 */
export async function inTime<T>(
  answer: Promise<T>,
  timeoutMs: number,
  who: string,
  onLate?: (answer: T) => unknown,
): Promise<T> {
  let isLate = false
  let timer: ReturnType<typeof setTimeout> | undefined
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      isLate = true
      reject(new Error(`${who} did not answer within ${timeoutMs} ms.`))
    }, timeoutMs)
  })
  // After the race nobody listens any more.
  answer.then((value) => isLate && onLate?.(value)).catch(() => {})
  try {
    return await Promise.race([answer, tooLate])
  } finally {
    clearTimeout(timer)
  }
}
