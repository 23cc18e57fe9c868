// Reads the raw bytes of a Node request, within a size and a time limit. If something else has read them already, it says so at once.

import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { types } from 'node:util'
import { type Refusal, refuse } from '../../webhook/codes.ts'
import { tooLarge } from '../../webhook/pipeline/body.ts'
import type { BodyBudget } from '../../webhook/receiving/body-budget.ts'
import { aborted } from '../../webhook/receiving/outcome.ts'
import { collector } from './collector.ts'
import type { BodyLimits } from './options.ts'

/** A Node request, with what body parsers leave on it. */
export type NodeRequest = IncomingMessage & { readonly body?: unknown; readonly rawBody?: unknown }

/** Where to read the body from. */
export interface BodySource {
  readonly request: NodeRequest
  /** The stream to read: the request itself, or the one that a framework put in its place. */
  readonly stream: Readable
  /** Tells the developer how to fix it if the bytes have been read already. */
  readonly alreadyParsed: string
}

/** Reads the body, or says why it cannot be read. Unread bytes stay in the stream: see `drain`. */
export function readNodeBody(
  source: BodySource,
  limits: BodyLimits,
  budget: BodyBudget,
): Promise<Uint8Array | Refusal> {
  const { request, stream } = source
  const declared = declaredLength(request)
  if (declared !== undefined && declared > limits.maxBodyBytes) return Promise.resolve(tooLarge(limits.maxBodyBytes))
  if (!wasRead(stream)) return readStream(source, limits, budget)
  return Promise.resolve(keptBody(request, declared) ?? refuse('body_already_parsed', source.alreadyParsed))
}

function readStream(
  { stream, alreadyParsed }: BodySource,
  { maxBodyBytes, timeoutMs }: BodyLimits,
  budget: BodyBudget,
): Promise<Uint8Array | Refusal> {
  return new Promise((resolve) => {
    const collected = collector(maxBodyBytes, budget)
    const late = refuse('body_timeout', `The body did not arrive within ${timeoutMs / 1000} seconds.`)
    const timer = setTimeout(giveUp, timeoutMs, late)
    function settle(result: Uint8Array | Refusal): void {
      clearTimeout(timer)
      collected.clear() // the stream keeps its listeners, and they would keep the bytes
      resolve(result)
    }
    function giveUp(refusal: Refusal): void {
      // The error listener stays: an error that comes later must not end the process.
      stream.off('data', onData).off('end', onEnd).off('close', onClose)
      stream.pause()
      settle(refusal)
    }
    function add(chunk: unknown): Refusal | undefined {
      if (types.isUint8Array(chunk)) return collected.add(chunk)
      return refuse('body_already_parsed', alreadyParsed) // decoded text, or objects
    }
    function onData(chunk: unknown): void {
      const refusal = add(chunk)
      if (refusal) giveUp(refusal)
    }
    function onEnd(): void {
      stream.off('close', onClose) // every body ends with a close event, too
      settle(collected.bytes)
    }
    function onClose(): void {
      giveUp(aborted())
    }
    stream.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose)
    if (stream.destroyed) onClose()
  })
}

/**
 * Whether a raw-body parser kept the bytes after inflating them, as `express.raw` does: then their length is not the declared one. If it
 * is, or if none was declared, only the bytes themselves can show it.
 */
export function inflatedBefore(request: NodeRequest, stream: Readable): boolean | 'unknown' {
  if (!wasRead(stream)) return false
  const kept = keptBytes(request)
  if (kept === undefined) return false
  const declared = declaredLength(request)
  return declared === undefined || declared === kept.length ? 'unknown' : true
}

/** Whether the bytes are gone: they are, too, if the stream decodes them to text. */
function wasRead(stream: Readable): boolean {
  return Boolean(stream.readableDidRead || stream.readableEnded || stream.readableEncoding)
}

/** The bytes of a body that was read before. Parsers set `body` to an empty object if there is none, but then the bytes are known, too. */
function keptBody(request: NodeRequest, declared: number | undefined): Uint8Array | undefined {
  const kept = keptBytes(request)
  if (kept === undefined && declared === 0) return new Uint8Array(0)
  return kept
}

/** The bytes that a raw-body parser kept. */
function keptBytes({ rawBody, body }: NodeRequest): Uint8Array | undefined {
  if (rawBody instanceof Uint8Array) return rawBody
  if (body instanceof Uint8Array) return body
  return undefined
}

/** Content-Length; 0 if the request has no body, undefined if it does not say how long its body is. */
export function declaredLength(request: IncomingMessage): number | undefined {
  const length = headerOf(request, 'content-length')
  if (length !== undefined) return Number(length)
  // HTTP/1 announces a body by one of two headers (RFC 9112 section 6.3). HTTP/2 need not announce it.
  if (request.httpVersionMajor >= 2 || headerOf(request, 'transfer-encoding') !== undefined) return undefined
  return 0
}

/** A header by its lower-case name. It is read from the raw list: on `request.headers` Node would first build an object of all headers. */
function headerOf(request: IncomingMessage, name: string): string | undefined {
  const { rawHeaders } = request
  if (!rawHeaders?.length) return request.headers[name] as string | undefined // a serverless host made this request up
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const key = rawHeaders[i] as string
    if (key.length === name.length && key.toLowerCase() === name) return rawHeaders[i + 1]
  }
  return undefined
}
