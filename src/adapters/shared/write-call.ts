// A call of `response.write` or `response.end`. An answer that is held back is written later, when the application can no longer catch an
// error. So a chunk that cannot be sent throws when the application writes it, with the error that Node would throw.

import { types } from 'node:util'

/** The arguments of a call, sorted. */
export interface WriteCall {
  readonly chunk?: unknown
  readonly encoding?: unknown
  readonly callback?: WriteCallback | undefined
}

export type WriteCallback = (error?: unknown) => void

/** Sorts the arguments: any before the callback may be missing. Errors that the callback throws go to `onCallbackError`. */
export function readWriteCall(args: readonly unknown[], onCallbackError: (error: unknown) => void): WriteCall {
  const at = args.findIndex((arg) => typeof arg === 'function')
  if (at < 0) return { chunk: args[0], encoding: args[1] }
  const [chunk, encoding] = args.slice(0, at)
  const original = args[at] as WriteCallback
  const callback = (error?: unknown): void => {
    try {
      original(error)
    } catch (thrown) {
      onCallbackError(thrown)
    }
  }
  return { chunk, encoding, callback }
}

/** The arguments to pass on to Node. */
export function argumentsOf({ chunk, encoding, callback }: WriteCall): unknown[] {
  if (callback) return [chunk, encoding, callback]
  if (encoding !== undefined) return [chunk, encoding]
  return [chunk]
}

/** @throws {TypeError} What Node's `write` would throw. */
export function checkChunk({ chunk, encoding }: WriteCall): void {
  if (chunk === null) throw nodeError(TypeError, 'ERR_STREAM_NULL_VALUES', 'May not write null values to stream')
  if (types.isUint8Array(chunk)) return
  if (typeof chunk !== 'string') {
    const message = 'The "chunk" argument must be of type string or an instance of Buffer or Uint8Array.'
    throw nodeError(TypeError, 'ERR_INVALID_ARG_TYPE', message)
  }
  if (!encoding || encoding === 'buffer') return
  if (typeof encoding !== 'string' || !Buffer.isEncoding(encoding))
    throw nodeError(TypeError, 'ERR_UNKNOWN_ENCODING', `Unknown encoding: ${String(encoding)}`)
}

/** @throws {TypeError} What Node's `end` would throw; it ignores a chunk that is falsy. */
export function checkLastChunk(call: WriteCall): void {
  if (call.chunk) checkChunk(call)
}

/** The error that Node passes to the callback of a write after the end. */
export function writeAfterEnd(): Error {
  return nodeError(Error, 'ERR_STREAM_WRITE_AFTER_END', 'write after end')
}

/** An error that looks like one of Node's. */
export function nodeError(kind: new (message: string) => Error, code: string, message: string): Error {
  return Object.assign(new kind(message), { code })
}
