// What becomes of the rest of a request that was answered early: read on for a moment, then cut off. On HTTP/1 the connection is cut, for
// nothing else can follow on it. On HTTP/2 the stream alone is: its connection carries other requests, and they are none of its business.

import type { IncomingMessage } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import { later } from './later.ts'
import { declaredLength } from './node-body.ts'

/**
 * After an early answer: reads on for a moment, so that an honest sender can finish, read the answer and keep its connection. Beyond
 * `maxBytes` or a second the request is cut off, whatever is still on its way.
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
  // Listening before the answer is written also keeps Node from draining without bound on its own.
  request.on('data', onData).on('end', stop).on('close', stop).on('error', stop).resume()
}

/** Whether more is on its way than `drain` will wait for, so that the answer can say that the connection will be closed. */
export function isBeyondDraining(request: IncomingMessage, maxBytes: number): boolean {
  return !request.readableEnded && (declaredLength(request) ?? 0) > maxBytes
}

function cutOff(request: IncomingMessage): void {
  const stream = streamOf(request)
  if (stream) cutOffStream(request, stream)
  else request.socket?.destroySoon()
}

function cutOffStream(request: IncomingMessage, stream: ServerHttp2Stream): void {
  request.pause() // what is left unread holds this sender back by its own window, and nobody else
  const close = (): void => stream.close(NO_ERROR)
  if (stream.writableFinished) close()
  else stream.once('finish', close)
  const impatient = later(() => stream.close(CANCEL), 1000)
  stream.once('close', () => clearTimeout(impatient))
}

// RFC 9113 sections 7 and 8.1: a server that has answered in full asks for no more of the request by NO_ERROR.
const NO_ERROR = 0
const CANCEL = 8

/** The stream of an HTTP/2 request; its `socket` stands for the whole connection. */
function streamOf(request: IncomingMessage): ServerHttp2Stream | undefined {
  return request.httpVersionMajor >= 2 ? (request as { stream?: ServerHttp2Stream }).stream : undefined
}
