// Taking the raw bytes of a Node request: within a limit, within a time, and at once where somebody else has taken them before.

import type { IncomingMessage } from 'node:http'
import { tooLarge } from '../../webhook/checks.ts'
import { type Refusal, refuse } from '../../webhook/codes.ts'
import { aborted } from '../../webhook/outcome.ts'

/** A Node request, with what body parsers leave on it. */
export type NodeRequest = IncomingMessage & { readonly body?: unknown; readonly rawBody?: unknown }

/** Reads the body, or says why it cannot be had. What is left unread stays in the stream: see `drain`. */
export function readNodeBody(
  request: NodeRequest,
  maxBodyBytes: number,
  timeoutMs: number,
  alreadyParsed: string,
): Promise<Uint8Array | Refusal> {
  const declared = declaredLength(request)
  if (declared !== undefined && declared > maxBodyBytes) return Promise.resolve(tooLarge(maxBodyBytes))
  if (request.readableDidRead || request.readableEnded) {
    return Promise.resolve(keptBody(request, declared) ?? refuse('body_already_parsed', alreadyParsed))
  }
  return new Promise((resolve) => {
    const bytes = collector(maxBodyBytes)
    const timer = setTimeout(
      settle,
      timeoutMs,
      refuse('body_timeout', `The body did not arrive within ${timeoutMs} ms.`),
    )
    function settle(result: Uint8Array | Refusal): void {
      clearTimeout(timer)
      request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose)
      request.pause()
      resolve(result)
    }
    function onData(chunk: Uint8Array): void {
      if (!bytes.add(chunk)) settle(tooLarge(maxBodyBytes))
    }
    function onEnd(): void {
      settle(bytes.take())
    }
    function onClose(): void {
      settle(aborted())
    }
    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose)
    if (request.destroyed) onClose()
  })
}

/**
 * After an early answer: reads on for a moment, so that an honest sender can finish, read the answer and keep its connection. Beyond
 * `maxBytes` or a second the connection is closed, whatever is still on its way.
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
    request.socket?.destroySoon()
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
  return request.httpVersionMajor === 1 && !request.readableEnded && (declaredLength(request) ?? 0) > maxBytes
}

/** The bytes that a raw-body parser kept. An inflated body never gets here: its Content-Encoding was refused. */
function keptBody(request: NodeRequest, declared: number | undefined): Uint8Array | undefined {
  if (request.rawBody instanceof Uint8Array) return request.rawBody
  if (request.body instanceof Uint8Array) return request.body
  // Parsers put an empty object where there was no body at all; then the bytes are known all the same.
  return declared === 0 ? new Uint8Array(0) : undefined
}

/** Content-Length; 0 where the request has no body; undefined where it is chunked. */
function declaredLength({ headers }: IncomingMessage): number | undefined {
  const length = headers['content-length']
  if (length !== undefined) return Number(length)
  return headers['transfer-encoding'] === undefined ? 0 : undefined
}

/**
 * Collects chunks in one buffer that grows by doubling. A list of chunks would cost a hostile sender's one-byte chunks a hundredfold,
 * and a buffer of the declared length would be had by declaring it.
 */
function collector(maxBytes: number): { add(chunk: Uint8Array): boolean; take(): Uint8Array } {
  let buffer: Uint8Array = new Uint8Array(0)
  let length = 0
  return {
    add(chunk) {
      const needed = length + chunk.length
      if (needed > maxBytes) return false
      if (length === 0)
        buffer = chunk // most bodies are one chunk, and are then not copied at all
      else {
        if (needed > buffer.length) {
          const grown = new Uint8Array(Math.min(maxBytes, Math.max(needed, 2 * buffer.length)))
          grown.set(buffer.subarray(0, length))
          buffer = grown
        }
        buffer.set(chunk, length)
      }
      length = needed
      return true
    },
    take: () => buffer.subarray(0, length),
  }
}
