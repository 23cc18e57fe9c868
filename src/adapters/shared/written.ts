// What an application may write to a response, checked where it writes it. Held back, a wrong chunk or status would be found out only when
// the answer is let go, where nobody can catch it. So it is thrown at once, as Node throws it.

import type { ServerResponse } from 'node:http'
import { types } from 'node:util'

/** The arguments of `write` or `end`, each in its place. */
export interface Written {
  readonly chunk?: unknown
  readonly encoding?: unknown
  readonly callback?: Callback | undefined
}

export type Callback = (error?: unknown) => void

/** Sorts what `write` or `end` was given: any argument before the callback may be left out. What the callback throws is told to `onThrown`. */
export function sortWritten(given: readonly unknown[], onThrown: (error: unknown) => void): Written {
  const at = given.findIndex((each) => typeof each === 'function')
  if (at < 0) return { chunk: given[0], encoding: given[1] }
  const [chunk, encoding] = given.slice(0, at)
  const callback = given[at] as Callback
  const guarded = (error?: unknown): void => {
    try {
      callback(error)
    } catch (thrown) {
      onThrown(thrown)
    }
  }
  return { chunk, encoding, callback: guarded }
}

/** The other way round. */
export function argumentsOf({ chunk, encoding, callback }: Written): unknown[] {
  if (callback) return [chunk, encoding, callback]
  return encoding === undefined ? [chunk] : [chunk, encoding]
}

/** @throws {TypeError} what Node's `write` would throw for it */
export function checkChunk({ chunk, encoding }: Written): void {
  if (chunk === null) throw nodeError(TypeError, 'ERR_STREAM_NULL_VALUES', 'May not write null values to stream')
  if (types.isUint8Array(chunk)) return
  if (typeof chunk !== 'string') {
    const message = 'The "chunk" argument must be of type string or an instance of Buffer or Uint8Array.'
    throw nodeError(TypeError, 'ERR_INVALID_ARG_TYPE', message)
  }
  if (encoding && encoding !== 'buffer' && !Buffer.isEncoding(encoding as string))
    throw nodeError(TypeError, 'ERR_UNKNOWN_ENCODING', `Unknown encoding: ${String(encoding)}`)
}

/** @throws {TypeError} what Node's `end` would throw for it; it passes over a chunk that is false */
export function checkLastChunk(written: Written): void {
  if (written.chunk) checkChunk(written)
}

/** @throws {RangeError | TypeError} what Node would throw when it writes the head */
export function checkHead(response: ServerResponse): void {
  checkStatus(response.statusCode)
  // HTTP/2 has no message, and Node warns of one that is asked for.
  if (!isHttp2(response) && ILLEGAL_IN_MESSAGE.test(response.statusMessage ?? ''))
    throw nodeError(TypeError, 'ERR_INVALID_CHAR', 'Invalid character in statusMessage')
}

/** @throws {RangeError} where Node would not write it */
export function checkStatus(status: unknown): void {
  const number = statusNumber(status)
  if (number < 100 || number > 999)
    throw nodeError(RangeError, 'ERR_HTTP_INVALID_STATUS_CODE', `Invalid status code: ${String(status)}`)
}

/** A status as Node reads it: whatever stands there, as a whole number. */
export function statusNumber(status: unknown): number {
  return Number(status) | 0
}

export function isHttp2(response: ServerResponse): boolean {
  return response.req?.httpVersionMajor >= 2 // a made-up response may have no request
}

/** What a late `write` or `end` is told where it asks: the answer is complete. */
export function writeAfterEnd(): Error {
  return nodeError(Error, 'ERR_STREAM_WRITE_AFTER_END', 'write after end')
}

// RFC 9112 section 4: HTAB, SP, VCHAR and obs-text.
const ILLEGAL_IN_MESSAGE = /[^\t\x20-\x7e\x80-\xff]/

function nodeError(kind: new (message: string) => Error, code: string, message: string): Error {
  return Object.assign(new kind(message), { code })
}
