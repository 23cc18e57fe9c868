// Gathering a body from its chunks, under its own limit and under the one that all bodies share.

import type { Refusal } from '../../webhook/codes.ts'
import { tooLarge } from '../../webhook/pipeline/body.ts'
import type { BodyBudget } from '../../webhook/receiving/body-budget.ts'
import { noRoom } from '../../webhook/receiving/inflate.ts'

/** Takes chunks until they are too many. */
export interface Collector {
  /** Undefined where the chunk was taken, or why no more can be. */
  add(chunk: Uint8Array): Refusal | undefined
  /** What was gathered so far. */
  readonly bytes: Uint8Array
  /** Lets go of it: what is refused must not be held as long as its request is. */
  clear(): void
}

/**
 * Collects chunks in one buffer that grows by doubling. A list of chunks would cost a hostile sender's one-byte chunks a hundredfold,
 * and a buffer of the declared length would be had by declaring it.
 */
export function collector(maxBytes: number, budget: BodyBudget): Collector {
  let buffer = NOTHING
  let length = 0

  function makeRoomFor(needed: number): boolean {
    if (needed <= buffer.length) return true
    const size = Math.min(maxBytes, Math.max(needed, 2 * buffer.length))
    if (!budget.reserve(size - buffer.length)) return false
    const grown = new Uint8Array(size)
    grown.set(buffer.subarray(0, length))
    buffer = grown
    return true
  }

  return {
    add(chunk) {
      const needed = length + chunk.length
      if (needed > maxBytes) return tooLarge(maxBytes)
      if (length === 0) {
        if (!budget.reserve(chunk.length)) return noRoom()
        buffer = ownMemory(chunk)
      } else {
        if (!makeRoomFor(needed)) return noRoom()
        buffer.set(chunk, length)
      }
      length = needed
      return undefined
    },
    get bytes() {
      return buffer.subarray(0, length)
    },
    clear() {
      buffer = NOTHING
      length = 0
    },
  }
}

const NOTHING: Uint8Array = /* @__PURE__ */ new Uint8Array(0)

/** Most bodies are one chunk, and are then not copied at all; a small piece of something large would keep all of that alive. */
function ownMemory(chunk: Uint8Array): Uint8Array {
  return chunk.buffer.byteLength > 2 * chunk.length ? new Uint8Array(chunk) : chunk
}
