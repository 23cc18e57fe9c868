// What happens to the rest of a request that was answered early: it is read for a moment, then cut off. On HTTP/1 that closes the
// connection, because nothing else can follow on it. On HTTP/2 it closes the stream alone: other requests share the connection.

import type { IncomingMessage } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import { declaredLength } from './node-body.ts'
import { setUnrefTimeout } from './unref-timeout.ts'

/**
 * Call it before an early answer. It reads on for a moment, so that an honest sender can finish, read the answer and keep its connection.
 * After `maxBytes` or a second it cuts the request off.
 */
export function drain(request: IncomingMessage, maxBytes: number): void {
  if (request.readableEnded || request.destroyed) return
  let left = maxBytes
  const timer = setTimeout(close, 1000)
  function stop(): void {
    clearTimeout(timer)
    request.off('data', onData).off('end', stop).off('close', stop).off('error', stop)
  }
  function close(): void {
    stop()
    cutOff(request)
  }
  function onData(chunk: Uint8Array): void {
    left -= chunk.length
    if (left < 0) close()
  }
  // With a listener in place before the answer is written, Node does not drain the request itself, which it would do without a limit.
  request.on('data', onData).on('end', stop).on('close', stop).on('error', stop).resume()
}

/** Whether the request declares more than `drain` will read, so the answer can announce that the connection will be closed. */
export function isTooMuchToDrain(request: IncomingMessage, maxBytes: number): boolean {
  return !request.readableEnded && (declaredLength(request) ?? 0) > maxBytes
}

function cutOff(request: IncomingMessage): void {
  const stream = http2StreamOf(request)
  if (stream) cutOffStream(request, stream)
  else request.socket?.destroySoon()
}

function cutOffStream(request: IncomingMessage, stream: ServerHttp2Stream): void {
  request.pause() // what is left unread fills this stream's own flow-control window, and slows nobody else down
  const close = (): void => stream.close(NO_ERROR)
  if (stream.writableFinished) close()
  else stream.once('finish', close)
  const timer = setUnrefTimeout(() => stream.close(CANCEL), 1000)
  stream.once('close', () => clearTimeout(timer))
}

// RFC 9113 sections 7 and 8.1: after a complete answer a server tells the client with NO_ERROR that it needs no more of the request.
const NO_ERROR = 0
const CANCEL = 8

/** The stream of an HTTP/2 request. The request's `socket` is the whole connection. */
function http2StreamOf(request: IncomingMessage & { stream?: ServerHttp2Stream }): ServerHttp2Stream | undefined {
  return request.httpVersionMajor >= 2 ? request.stream : undefined
}
