// What an application has written of its answer, as long as it is kept here: its head, its last write, its end.

import type { ServerResponse } from 'node:http'
import { type Head, isHeadWritten, noteHead, pretendHead, putHead, takeHead } from './head.ts'
import { LateWrites } from './late-writes.ts'
import { argumentsOf, checkChunk, checkHead, checkLastChunk, statusNumber, type Written } from './written.ts'

export type Method = (this: unknown, ...given: unknown[]) => unknown

/** What stood on the response before, which may be another middleware's own wrapper: each is called as found. */
export type Methods = Record<'write' | 'end' | 'writeHead' | 'flushHeaders' | 'destroy' | 'emit', Method>

export class PendingAnswer {
  readonly #response: ServerResponse
  readonly #found: Methods
  readonly #writes: LateWrites
  #head: Head | undefined // as it stood when it was due, and not written yet: written, it could not be taken back
  #sentStatus: number | undefined // what is said once the head was written changes nothing for the sender
  #end: Written | undefined
  #isContested = false

  constructor(response: ServerResponse, found: Methods) {
    this.#response = response
    this.#found = found
    this.#writes = new LateWrites((given) => {
      this.#putHead()
      return found.write.apply(response, given)
    })
  }

  /** Whether its head stands, so that nothing changes it any more. */
  get isHeaded(): boolean {
    return this.#head !== undefined || isHeadWritten(this.#response)
  }

  get status(): number {
    return this.#sentStatus ?? statusNumber(this.#response.statusCode)
  }

  /** @throws {Error} what Node would throw for a chunk, or a head, that cannot be sent */
  write(written: Written): unknown {
    checkChunk(written)
    if (!this.isHeaded) {
      this.#takeHead()
      this.#sentStatus = this.status
      this.#isContested = true // headers can still be set, as they could not be had the head been written
      pretendHead(this.#response)
    }
    return this.#writes.add(written)
  }

  /** @throws {Error} what Node would throw for a chunk, or a head, that cannot be sent */
  end(written: Written): void {
    checkLastChunk(written)
    if (!this.isHeaded) this.#takeHead()
    this.#end = written
  }

  /** @throws {Error} what Node's `writeHead` would throw */
  writeHead(given: unknown[]): void {
    if (this.#head !== undefined) this.contest()
    else if (!noteHead(this.#response, given)) {
      this.#found.writeHead.apply(this.#response, given)
      this.#sentStatus ??= statusNumber(this.#response.statusCode)
    }
  }

  /** @throws {Error} what Node would throw for a head that cannot be sent */
  flushHeaders(): void {
    if (!this.isHeaded) checkHead(this.#response)
    this.#putHead()
    this.#found.flushHeaders.call(this.#response)
  }

  /** Notes that somebody writes a second answer over the one that stands. */
  contest(): void {
    this.#isContested = true
  }

  /** Writes what is left of it. Whatever a wrapper throws comes out here. */
  send(): void {
    this.#putHead()
    this.#writes.flush()
    this.#found.end.apply(this.#response, argumentsOf(this.#end ?? {}))
  }

  #takeHead(): void {
    checkHead(this.#response)
    this.#head = takeHead(this.#response)
  }

  #putHead(): void {
    const head = this.#head
    if (!head) return
    this.#head = undefined
    putHead(this.#response, head, this.#isContested)
  }
}
