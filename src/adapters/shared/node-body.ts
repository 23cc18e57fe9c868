// Taking the raw bytes of a Node request: within a limit, within a time, and at once where somebody else has taken them before.

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

/** Where the bytes of a request are to be had. */
export interface BodySource {
  readonly request: NodeRequest
  /** The stream to read: the request itself, or what a framework put in its place. */
  readonly stream: Readable
  /** What to say to whoever set the server up, where the bytes are gone. */
  readonly alreadyParsed: string
}

/** Reads the body, or says why it cannot be had. What is left unread stays in the stream: see `drain`. */
export function readNodeBody(
  source: BodySource,
  limits: BodyLimits,
  budget: BodyBudget,
): Promise<Uint8Array | Refusal> {
  const { request, stream } = source
  const { maxBodyBytes, timeoutMs } = limits
  const declared = declaredLength(request)
  if (declared !== undefined && declared > maxBodyBytes) return Promise.resolve(tooLarge(maxBodyBytes))
  if (wasRead(stream)) {
    return Promise.resolve(keptBody(request, declared) ?? refuse('body_already_parsed', source.alreadyParsed))
  }
  return new Promise((resolve) => {
    const gathered = collector(maxBodyBytes, budget)
    const late = refuse('body_timeout', `The body did not arrive within ${timeoutMs / 1000} seconds.`)
    const timer = setTimeout(giveUp, timeoutMs, late)
    function settle(result: Uint8Array | Refusal): void {
      clearTimeout(timer)
      gathered.clear() // the stream holds on to its listeners, and they to this
      resolve(result)
    }
    function giveUp(refusal: Refusal): void {
      // Listeners of errors stay: what a stream says after its last word must not end the process.
      stream.off('data', onData).off('end', onEnd).off('close', onClose)
      stream.pause()
      settle(refusal)
    }
    function onData(chunk: unknown): void {
      const refusal = types.isUint8Array(chunk)
        ? gathered.add(chunk)
        : refuse('body_already_parsed', source.alreadyParsed)
      if (refusal) giveUp(refusal)
    }
    function onEnd(): void {
      stream.off('close', onClose) // it comes after every body, and then it says nothing
      settle(gathered.bytes)
    }
    function onClose(): void {
      giveUp(aborted())
    }
    stream.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose)
    if (stream.destroyed) onClose()
  })
}

/**
 * Whether a raw-body parser kept the bytes, and inflated them first, as express.raw does: then their length is not the one that was
 * declared. Where it is, or none was declared, the bytes themselves must tell.
 */
export function inflatedBefore(request: NodeRequest, stream: Readable): boolean | 'unknown' {
  const kept = wasRead(stream) ? keptBytes(request) : undefined
  if (kept === undefined) return false
  const declared = declaredLength(request)
  return declared === undefined || declared === kept.length ? 'unknown' : true
}

/** A stream that was told to decode text has lost the bytes as well. */
function wasRead(stream: Readable): boolean {
  return Boolean(stream.readableDidRead || stream.readableEnded || stream.readableEncoding)
}

function keptBody(request: NodeRequest, declared: number | undefined): Uint8Array | undefined {
  // Parsers put an empty object where there was no body at all; then the bytes are known all the same.
  return keptBytes(request) ?? (declared === 0 ? new Uint8Array(0) : undefined)
}

/** The bytes that a raw-body parser kept. */
function keptBytes({ rawBody, body }: NodeRequest): Uint8Array | undefined {
  if (rawBody instanceof Uint8Array) return rawBody
  return body instanceof Uint8Array ? body : undefined
}

/** Content-Length; 0 where the request has no body; undefined where its length is not told. */
export function declaredLength(request: IncomingMessage): number | undefined {
  const length = headerOf(request, 'content-length')
  if (length !== undefined) return Number(length)
  // HTTP/1 announces a body by one of two headers (RFC 9112 section 6.3), HTTP/2 need not announce it.
  return headerOf(request, 'transfer-encoding') === undefined && !(request.httpVersionMajor >= 2) ? 0 : undefined
}

/** A header by its lower-case name. Found in the raw list, it spares a request the object that Node makes of all its headers when asked. */
function headerOf(request: IncomingMessage, name: string): string | undefined {
  const { rawHeaders } = request
  if (!rawHeaders?.length) return request.headers[name] as string | undefined // made up by a serverless shim
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const key = rawHeaders[i] as string
    if (key.length === name.length && key.toLowerCase() === name) return rawHeaders[i + 1]
  }
  return undefined
}
