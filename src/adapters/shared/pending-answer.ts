// The part of an application's answer that is held back: its head, its last write, and its end.

import type { ServerResponse } from 'node:http'
import {
  checkHead,
  copyHead,
  type Head,
  isHeadWritten,
  pretendHeadersSent,
  restoreHead,
  setHead,
  statusNumber,
} from './response-head.ts'
import { argumentsOf, checkChunk, checkLastChunk, type WriteCall } from './write-call.ts'

export type ResponseMethod = (this: unknown, ...args: unknown[]) => unknown

/** The response's methods before ours replaced them. They may be another middleware's wrappers, so those are what gets called. */
export type ResponseMethods = Record<
  'write' | 'end' | 'writeHead' | 'flushHeaders' | 'destroy' | 'emit',
  ResponseMethod
>

export class PendingAnswer {
  readonly #response: ServerResponse
  readonly #original: ResponseMethods
  readonly #writes: DelayedWrites
  /** The head as it was when the application wrote it. Not written yet: then it could not be taken back. */
  #head: Head | undefined
  /** The status that the sender gets: once the head is written, changes to `statusCode` have no effect. */
  #sentStatus: number | undefined
  #end: WriteCall | undefined
  #mayHeadHaveChanged = false

  constructor(response: ServerResponse, original: ResponseMethods) {
    this.#response = response
    this.#original = original
    this.#writes = new DelayedWrites((args) => {
      this.#restoreHead()
      return original.write.apply(response, args)
    })
  }

  /** Whether the head is final: later changes have no effect. */
  get hasHead(): boolean {
    return this.#head !== undefined || isHeadWritten(this.#response)
  }

  get status(): number {
    return this.#sentStatus ?? statusNumber(this.#response.statusCode)
  }

  /** @throws {Error} What Node would throw for a chunk, or a head, that cannot be sent. */
  write(call: WriteCall): unknown {
    checkChunk(call)
    if (!this.hasHead) {
      this.#copyHead()
      this.#sentStatus = this.status
      this.#mayHeadHaveChanged = true // Node would refuse to set headers from here on, but the head is not written yet
      pretendHeadersSent(this.#response)
    }
    return this.#writes.add(call)
  }

  /** @throws {Error} What Node would throw for a chunk, or a head, that cannot be sent. */
  end(call: WriteCall): void {
    checkLastChunk(call)
    if (!this.hasHead) this.#copyHead()
    this.#end = call
  }

  /** @throws {Error} What Node's `writeHead` would throw. */
  writeHead(args: unknown[]): void {
    if (this.#head !== undefined) this.noteChangedHead()
    else if (!setHead(this.#response, args)) {
      this.#original.writeHead.apply(this.#response, args)
      this.#sentStatus ??= statusNumber(this.#response.statusCode)
    }
  }

  /** @throws {Error} What Node would throw for a head that cannot be sent. */
  flushHeaders(): void {
    if (!this.hasHead) checkHead(this.#response)
    this.#restoreHead()
    this.#original.flushHeaders.call(this.#response)
  }

  /** Notes that somebody writes a second answer, whose head may overwrite this one's. */
  noteChangedHead(): void {
    this.#mayHeadHaveChanged = true
  }

  /** Sends what was held back. Throws what another middleware's wrapper throws. */
  send(): void {
    this.#restoreHead()
    this.#writes.flush()
    this.#original.end.apply(this.#response, argumentsOf(this.#end ?? {}))
  }

  #copyHead(): void {
    checkHead(this.#response)
    this.#head = copyHead(this.#response)
  }

  #restoreHead(): void {
    const head = this.#head
    if (!head) return
    this.#head = undefined
    restoreHead(this.#response, head, this.#mayHeadHaveChanged)
  }
}

/** Passes each write on when the next one comes. If the answer has a known length, its last byte completes it, and must be held back. */
class DelayedWrites {
  readonly #pass: (args: unknown[]) => unknown
  #last: WriteCall | undefined

  constructor(pass: (args: unknown[]) => unknown) {
    this.#pass = pass
  }

  /** Passes on the previous write. Its return value and its callback serve for this one, too. */
  add({ chunk, encoding, callback }: WriteCall): unknown {
    const previous = this.#last
    this.#last = { chunk: callback ? copyOf(chunk) : chunk, encoding } // after the callback the application may reuse the chunk's memory
    if (previous) return this.#pass(argumentsOf({ ...previous, callback }))
    if (callback) queueMicrotask(callback)
    return true
  }

  /** Passes on the last write. */
  flush(): void {
    const last = this.#last
    this.#last = undefined
    if (last) this.#pass(argumentsOf(last))
  }
}

function copyOf(chunk: unknown): unknown {
  return chunk instanceof Uint8Array ? Buffer.from(chunk) : chunk
}
