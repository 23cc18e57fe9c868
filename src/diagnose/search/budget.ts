// How much a search may hash. Signatures of short contents cost time too, so each one counts for at least a KiB.

const LEAST_BYTES = 1024

/** Counts the bytes that are hashed, up to a limit. */
export class Budget {
  #used = 0
  #isExceeded = false
  readonly #most: number

  constructor(mostBytes: number) {
    this.#most = mostBytes
  }

  /** Takes the cost of one signature over so many bytes. False if it is not there: then nothing more may be hashed, and the search ends. */
  take(bytes: number): boolean {
    const cost = Math.max(LEAST_BYTES, bytes)
    if (this.#isExceeded || this.#used + cost > this.#most) this.#isExceeded = true
    else this.#used += cost
    return !this.#isExceeded
  }

  get usedBytes(): number {
    return this.#used
  }

  /** Whether something was left untried. */
  get isExceeded(): boolean {
    return this.#isExceeded
  }
}
