// A request as JSON: our own form, an entry of a HAR file (HTTP Archive 1.2), an event of AWS API Gateway, and lines that `listen --save` wrote.

import { decodeBase64Loosely } from '../../shared/encoding.ts'
import { type CapturedRequest, encodeText, found, notReadable, type ReadRequests } from './captured-request.ts'
import { methodOfEvent, urlOfEvent } from './function-event.ts'

/** Reads JSON: one request, a list of them, or a HAR file. */
export function readJson(text: string): ReadRequests {
  const value = parse(text)
  if (value !== undefined) return readValue(value)
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  const requests: CapturedRequest[] = []
  for (const [index, line] of lines.entries()) {
    const read = readValue(parse(line))
    if (!read.ok) return notReadable(`Line ${index + 1}: ${read.message}`)
    requests.push(...read.requests)
  }
  return found(...requests)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function readValue(value: unknown): ReadRequests {
  if (Array.isArray(value)) return readAll(value)
  if (!isRecord(value)) return notReadable('It is not JSON of a request.')
  if (isRecord(value.log) && Array.isArray(value.log.entries)) return readAll(value.log.entries)
  if (isRecord(value.request)) return readHarRequest(value.request)
  return readRequest(value)
}

function readAll(values: readonly unknown[]): ReadRequests {
  if (values.length === 0) return notReadable('There is no request in it.')
  const all = values.map(readValue)
  const requests = all.flatMap((read) => (read.ok ? read.requests : []))
  return all.find((read) => !read.ok) ?? found(...requests)
}

/** `{ method, url, headers, body }`, and the names that API Gateway has for the same things. */
function readRequest(value: Readonly<Record<string, unknown>>): ReadRequests {
  const headers = readHeaders(value.multiValueHeaders) ?? readHeaders(value.headers)
  if (!headers) return notReadable('It has no headers: write { "method", "url", "headers", "body" }.')
  const body = readBody(value)
  if (!body.ok) return notReadable('Its body says that it is base64, and is not.')
  return found({
    method: textOf(value.method) ?? methodOfEvent(value),
    url: textOf(value.url) ?? urlOfEvent(value),
    headers,
    body: body.value,
    receivedAt: typeof value.receivedAt === 'number' ? value.receivedAt : undefined,
  })
}

/** Text stands for its UTF-8 bytes. An object is kept: it is what a parser made of the bytes, which are gone. */
function readBody(value: Readonly<Record<string, unknown>>): { ok: true; value: unknown } | { ok: false } {
  const { body, bodyBase64 } = value
  if (typeof bodyBase64 === 'string') return readBase64(bodyBase64)
  if (typeof body === 'string' && value.isBase64Encoded === true) return readBase64(body)
  if (typeof body === 'string') return { ok: true, value: encodeText(body) }
  return { ok: true, value: body ?? new Uint8Array() }
}

function readBase64(text: string): { ok: true; value: Uint8Array } | { ok: false } {
  const value = decodeBase64Loosely(text)
  return value ? { ok: true, value } : { ok: false }
}

function readHarRequest(request: Readonly<Record<string, unknown>>): ReadRequests {
  const headers = readHeaders(request.headers)
  if (!headers) return notReadable('A HAR entry has no headers.')
  const post = isRecord(request.postData) ? request.postData : {}
  const body = readBody({
    body: post.text ?? formOf(post.params),
    isBase64Encoded: post.encoding === 'base64' || post._encoding === 'base64',
  })
  if (!body.ok) return notReadable('The body of a HAR entry says that it is base64, and is not.')
  return found({ method: textOf(request.method), url: textOf(request.url), headers, body: body.value })
}

/** Some tools write a form's fields in place of its text. */
function formOf(params: unknown): string | undefined {
  if (!Array.isArray(params)) return undefined
  const pairs = params.filter(isRecord).map(({ name, value }) => [String(name), String(value ?? '')])
  return new URLSearchParams(pairs).toString()
}

/** Headers as an object, as pairs, or as `{ name, value }`. Pseudo-headers of HTTP/2 are left out. */
function readHeaders(value: unknown): [string, string][] | undefined {
  if (Array.isArray(value)) return value.flatMap(readPair).filter(isHeader)
  if (!isRecord(value)) return undefined
  const pairs = Object.entries(value).flatMap(([name, one]) => [one].flat().map((text) => [name, text] as const))
  return pairs.flatMap(([name, text]) => readPair([name, text])).filter(isHeader)
}

function readPair(entry: unknown): [string, string][] {
  const [name, value] = Array.isArray(entry) ? entry : isRecord(entry) ? [entry.name, entry.value] : []
  if (typeof name !== 'string') return []
  if (typeof value === 'string' || typeof value === 'number') return [[name, String(value)]]
  return []
}

function isHeader([name]: readonly [string, string]): boolean {
  return !name.startsWith(':')
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return undefined
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
