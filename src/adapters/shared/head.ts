// The head of an answer that is held back: noted when the application writes it, kept while others write over it, and put back.

import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { checkStatus, isHttp2, statusNumber } from './written.ts'

export interface Head {
  readonly status: number
  readonly statusMessage: string | undefined
  readonly headers: OutgoingHttpHeaders
}

/** Whether the head was written, whatever an own `headersSent` of the response says. */
export function isHeadWritten(response: ServerResponse): boolean {
  return Reflect.get(Object.getPrototypeOf(response), 'headersSent', response) === true
}

/** Has a response say that its head was written, for from here on nothing changes it. */
export function pretendHead(response: ServerResponse): void {
  Object.defineProperty(response, 'headersSent', { value: true, configurable: true })
}

/** Before something is written: there are runtimes that go by it themselves. */
function stopPretending(response: ServerResponse): void {
  Reflect.deleteProperty(response, 'headersSent')
}

/**
 * What `writeHead(status, headers)` asks for, set on the response and not written. Written, it could not be taken back where the claim's
 * commit fails. False for any other call: one with the status alone may be Node's own, which must have its head.
 *
 * @throws {Error} what Node's `writeHead` would throw
 */
export function noteHead(response: ServerResponse, given: readonly unknown[]): boolean {
  const [status, ...rest] = given
  const headers = rest.at(-1)
  if (isHeadWritten(response) || typeof headers !== 'object' || headers === null || Array.isArray(headers)) return false
  checkStatus(status)
  setStatus(response, statusNumber(status), typeof rest[0] === 'string' ? rest[0] : undefined)
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  return true
}

/** The head as it would be written now. */
export function takeHead(response: ServerResponse): Head {
  const statusMessage = isHttp2(response) ? undefined : response.statusMessage
  return { status: statusNumber(response.statusCode), statusMessage, headers: response.getHeaders() }
}

/** Puts a head back that was taken. Its headers need it only where somebody may have written over them. */
export function putHead(response: ServerResponse, head: Head, isContested: boolean): void {
  stopPretending(response)
  if (isHeadWritten(response)) return
  setStatus(response, head.status, head.statusMessage)
  if (!isContested) return
  clearHeaders(response)
  for (const [name, value] of Object.entries(head.headers)) response.setHeader(name, value as string)
}

/** Makes room for another answer's head. */
export function clearHead(response: ServerResponse): void {
  stopPretending(response)
  setStatus(response, 200, '')
  clearHeaders(response)
}

function setStatus(response: ServerResponse, status: number, message: string | undefined): void {
  // Node's responses have no message of their own until one is set, and setting one costs more than looking. HTTP/2 has none at all.
  if (response.statusCode !== status) response.statusCode = status
  if (message !== undefined && !isHttp2(response) && response.statusMessage !== message)
    response.statusMessage = message
}

function clearHeaders(response: ServerResponse): void {
  for (const name of response.getHeaderNames()) response.removeHeader(name)
}
