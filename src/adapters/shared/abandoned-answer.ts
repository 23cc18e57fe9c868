// Waits for an application that has not begun its answer when the sender disconnects. From then on, the application may never touch the
// response: it may return early because of `req.destroyed`. So this listens for `destroy()`, and stops waiting after a while.

import type { ServerResponse } from 'node:http'
import { setUnrefTimeout } from './unref-timeout.ts'

export interface AbandonedEvents {
  /** The application destroyed the response, the request or the socket. */
  readonly onDestroy: () => void
  /** The application did nothing for `abandonedMs`. */
  readonly onTimeout: () => void
}

/** Begins to wait. Returns a function that stops the timer. */
export function awaitAbandoned(
  response: ServerResponse,
  abandonedMs: number,
  { onDestroy, onTimeout }: AbandonedEvents,
): () => void {
  listenForDestroy(response, onDestroy)
  const { req: request } = response // a host's own response may have no request
  if (request) listenForDestroy(request, onDestroy)
  if (request?.socket) listenForDestroy(request.socket, onDestroy)
  const timer = setUnrefTimeout(onTimeout, abandonedMs)
  return () => clearTimeout(timer)
}

/**
 * The connection is closed, and the server's timeouts ended with it, so only the application has a reason to call `destroy()` now. The
 * exception is code that cleans up when the connection closes. It runs at once, so calls before the next turn of the event loop do not
 * count.
 */
function listenForDestroy(stream: { destroy(error?: Error): unknown }, onDestroy: () => void): void {
  const { destroy } = stream
  let isCleaningUp = true
  setImmediate(() => {
    isCleaningUp = false
  })
  stream.destroy = (...args) => {
    if (!isCleaningUp) onDestroy()
    return destroy.apply(stream, args)
  }
}
