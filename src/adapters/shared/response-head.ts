// The head of an answer that is held back: checked and copied when the application writes it, and restored before it is sent, in case
// somebody has changed it since.

import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { nodeError } from './write-call.ts'

export interface Head {
  readonly status: number
  readonly statusMessage: string | undefined
  readonly headers: OutgoingHttpHeaders
}

/**
 * Applies `writeHead(status, headers)` to the response without writing it: a head that was written could not be taken back if the commit
 * of the claim fails. Returns false for any other form of the call. One with the status alone may come from Node itself, and must write
 * the head.
 *
 * @throws {Error} What Node's `writeHead` would throw.
 */
export function setHead(response: ServerResponse, args: readonly unknown[]): boolean {
  const [status, ...rest] = args
  const headers = rest.at(-1)
  if (isHeadWritten(response) || typeof headers !== 'object' || headers === null || Array.isArray(headers)) return false
  const [statusMessage] = rest
  checkStatus(status)
  setStatus(response, statusNumber(status))
  if (typeof statusMessage === 'string') setStatusMessage(response, statusMessage)
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  return true
}

/** Copies the head as it would be written now. */
export function copyHead(response: ServerResponse): Head {
  const statusMessage = isHttp2(response) ? undefined : response.statusMessage
  return { status: statusNumber(response.statusCode), statusMessage, headers: response.getHeaders() }
}

/** Restores a copied head. Its headers need that only if somebody may have changed them since. */
export function restoreHead(response: ServerResponse, head: Head, mayHaveChanged: boolean): void {
  restoreHeadersSent(response)
  if (isHeadWritten(response)) return
  setStatus(response, head.status)
  restoreStatusMessage(response, head.statusMessage)
  if (!mayHaveChanged) return
  clearHeaders(response)
  for (const [name, value] of Object.entries(head.headers)) if (value !== undefined) response.setHeader(name, value)
}

/** Makes room for the head of another answer. */
export function clearHead(response: ServerResponse): void {
  restoreHeadersSent(response)
  setStatus(response, 200)
  setStatusMessage(response, '')
  clearHeaders(response)
}

/** Whether the head was really written, whatever `pretendHeadersSent` makes the response say. */
export function isHeadWritten(response: ServerResponse): boolean {
  return Reflect.get(Object.getPrototypeOf(response), 'headersSent', response) === true
}

/** Makes `response.headersSent` true: the application has written its head, although it is still held back. */
export function pretendHeadersSent(response: ServerResponse): void {
  Object.defineProperty(response, 'headersSent', { value: true, configurable: true })
}

/** Undoes that before anything is written: some runtimes rely on `headersSent` themselves. */
function restoreHeadersSent(response: ServerResponse): void {
  Reflect.deleteProperty(response, 'headersSent')
}

function setStatus(response: ServerResponse, status: number): void {
  if (response.statusCode !== status) response.statusCode = status
}

/** HTTP/2 has no status message. Node's HTTP/1 responses get the property when it is first set, which costs more than reading it. */
function setStatusMessage(response: ServerResponse, message: string): void {
  if (!isHttp2(response) && response.statusMessage !== message) response.statusMessage = message
}

/** One that was set only after the copy is taken back: Node reads an empty message as none. */
function restoreStatusMessage(response: ServerResponse, message: string | undefined): void {
  if (isHttp2(response) || response.statusMessage === message) return
  response.statusMessage = message ?? ''
}

function clearHeaders(response: ServerResponse): void {
  for (const name of response.getHeaderNames()) response.removeHeader(name)
}

/** @throws {RangeError | TypeError} What Node would throw when it writes the head. */
export function checkHead(response: ServerResponse): void {
  checkStatus(response.statusCode)
  // Node prints a warning if the status message of an HTTP/2 response is read.
  if (!isHttp2(response) && ILLEGAL_IN_MESSAGE.test(response.statusMessage ?? ''))
    throw nodeError(TypeError, 'ERR_INVALID_CHAR', 'Invalid character in statusMessage')
}

// RFC 9112 section 4: HTAB, SP, VCHAR and obs-text.
const ILLEGAL_IN_MESSAGE = /[^\t\x20-\x7e\x80-\xff]/

function checkStatus(status: unknown): void {
  const number = statusNumber(status)
  if (number < 100 || number > 999)
    throw nodeError(RangeError, 'ERR_HTTP_INVALID_STATUS_CODE', `Invalid status code: ${String(status)}`)
}

/** A status as Node reads it: any value becomes a 32-bit integer. */
export function statusNumber(status: unknown): number {
  return Number(status) | 0
}

export function isHttp2(response: ServerResponse): boolean {
  return response.req?.httpVersionMajor >= 2 // a host's own response may have no request
}
