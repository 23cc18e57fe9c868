// What an application streams is passed on one write late: with the last byte of an answer of known length the sender has it all.

import { argumentsOf, type Written } from './written.ts'

export class LateWrites {
  readonly #pass: (given: unknown[]) => unknown
  #behind: Written | undefined

  constructor(pass: (given: unknown[]) => unknown) {
    this.#pass = pass
  }

  /** Passes on the write before this one. What it says of the room that is left, and when it is done, holds for this one too. */
  add({ chunk, encoding, callback }: Written): unknown {
    const former = this.#behind
    // Whoever is called back may use the chunk's memory again.
    this.#behind = { chunk: callback ? copyOf(chunk) : chunk, encoding }
    if (former) return this.#pass(argumentsOf({ ...former, callback }))
    if (callback) queueMicrotask(callback)
    return true
  }

  /** Passes on the last write. */
  flush(): void {
    const last = this.#behind
    this.#behind = undefined
    if (last) this.#pass(argumentsOf(last))
  }
}

function copyOf(chunk: unknown): unknown {
  return chunk instanceof Uint8Array ? Buffer.from(chunk) : chunk
}
