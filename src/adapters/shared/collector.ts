// Collects a body from its chunks, within its own limit and within the budget that all bodies share.

import type { Refusal } from '../../webhook/codes.ts'
import { tooLarge } from '../../webhook/pipeline/body.ts'
import type { BodyBudget } from '../../webhook/receiving/body-budget.ts'
import { noRoom } from '../../webhook/receiving/inflate.ts'

export interface Collector {
  /** Takes a chunk. Returns undefined, or the refusal that says why the body cannot be collected. */
  add(chunk: Uint8Array): Refusal | undefined
  /** What was collected so far. */
  readonly bytes: Uint8Array
  /** Drops what was collected: a refused body must not be kept in memory as long as its request. */
  clear(): void
}

/**
 * Collects chunks in one buffer that doubles when it is full. With a list of chunks a sender could use a hundred times the memory by
 * sending one byte at a time; with a buffer of the declared length a sender could reserve memory just by declaring it.
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

/** Most bodies are one chunk, which is not copied, unless it is a small part of a large buffer that it would keep in memory. */
function ownMemory(chunk: Uint8Array): Uint8Array {
  return chunk.buffer.byteLength > 2 * chunk.length ? new Uint8Array(chunk) : chunk
}
