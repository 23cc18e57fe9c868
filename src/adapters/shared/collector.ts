// Gathering a body from its chunks, under a limit.

/** Takes chunks until they are too many. */
export interface Collector {
  /** False once the limit is passed; the chunk is then not taken. */
  add(chunk: Uint8Array): boolean
  take(): Uint8Array
}

/**
 * Collects chunks in one buffer that grows by doubling. A list of chunks would cost a hostile sender's one-byte chunks a hundredfold,
 * and a buffer of the declared length would be had by declaring it.
 */
export function collector(maxBytes: number): Collector {
  let buffer: Uint8Array = new Uint8Array(0)
  let length = 0
  return {
    add(chunk) {
      const needed = length + chunk.length
      if (needed > maxBytes) return false
      if (length === 0)
        buffer = chunk // most bodies are one chunk, and are then not copied at all
      else {
        if (needed > buffer.length) {
          const grown = new Uint8Array(Math.min(maxBytes, Math.max(needed, 2 * buffer.length)))
          grown.set(buffer.subarray(0, length))
          buffer = grown
        }
        buffer.set(chunk, length)
      }
      length = needed
      return true
    },
    take: () => buffer.subarray(0, length),
  }
}
