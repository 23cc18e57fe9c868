// A request as it travels in HTTP/1.1 (RFC 9112): a request line, header lines, an empty line, and the body's bytes.

import { type CapturedRequest, found, notReadable, type ReadRequests } from './captured-request.ts'

const REQUEST_LINE = /^([A-Z]+) (\S+) HTTP\/\d(?:\.\d)?$/
const HEADER_LINE = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/
/** HTTP/2 captures write the method and the path so. */
const PSEUDO_HEADER_LINE = /^:(method|path|scheme|authority|status):[ \t]*(.*?)[ \t]*$/

/** Reads raw HTTP. The request line may be missing, and lines may end in LF alone, as in a text that was pasted. */
export function readRawHttp(bytes: Uint8Array): ReadRequests {
  const { head, body } = split(bytes)
  const lines = head.split(/\r?\n/)
  const request = REQUEST_LINE.exec(lines[0] ?? '')
  if (request) lines.shift()
  const headers: [string, string][] = []
  const pseudo = new Map<string, string>()
  for (const [index, line] of lines.entries()) {
    const header = HEADER_LINE.exec(line)
    const extra = PSEUDO_HEADER_LINE.exec(line)
    if (header?.[1] !== undefined) headers.push([header[1], header[2] ?? ''])
    else if (extra?.[1] !== undefined) pseudo.set(extra[1], extra[2] ?? '')
    else return notReadable(`Line ${index + (request ? 2 : 1)} of the head is not a header (name: value).`)
  }
  if (headers.length === 0) return notReadable('There is no header in it.')
  const captured: CapturedRequest = {
    method: request?.[1] ?? pseudo.get('method'),
    url: request?.[2] ?? pseudo.get('path'),
    headers,
    body: unframe(body, headers),
  }
  return found(captured)
}

/** The head as text, and the body's bytes, parted at the first empty line. */
function split(bytes: Uint8Array): { head: string; body: Uint8Array } {
  const start = startOf(bytes)
  let lineStart = start
  for (let at = start; at < bytes.length; at++) {
    if (bytes[at] !== LF) continue
    const lineEnd = bytes[at - 1] === CR ? at - 1 : at
    if (lineEnd === lineStart) return { head: headText(bytes.subarray(start, lineStart)), body: bytes.subarray(at + 1) }
    lineStart = at + 1
  }
  return { head: headText(bytes.subarray(start)), body: new Uint8Array() }
}

const LF = 10
const CR = 13

/** Past a byte order mark and empty lines, which RFC 9112 section 2.2 lets a reader ignore. */
function startOf(bytes: Uint8Array): number {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  while (bytes[at] === LF || bytes[at] === CR) at++
  return at
}

function headText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).replace(/\r?\n$/, '')
}

/** Takes away what belongs to the transport: chunks, and the line break that an editor puts at the end of a file. */
function unframe(body: Uint8Array, headers: readonly (readonly [string, string])[]): Uint8Array {
  const headerOf = (wanted: string) => headers.find(([name]) => name.toLowerCase() === wanted)?.[1]
  if (/\bchunked$/i.test(headerOf('transfer-encoding') ?? '')) return joinChunks(body) ?? body
  const length = Number(headerOf('content-length') ?? Number.NaN)
  const rest = new TextDecoder().decode(body.subarray(length))
  return rest === '\n' || rest === '\r\n' ? body.subarray(0, length) : body
}

/** The bytes inside chunks (RFC 9112 section 7.1); undefined if these are no chunks, since many tools show a body already joined. */
function joinChunks(body: Uint8Array): Uint8Array | undefined {
  const joined: number[] = []
  let at = 0
  for (;;) {
    const end = body.indexOf(LF, at)
    if (end < 0) return undefined
    const size = /^([0-9a-f]{1,8})(?:[ \t;].*)?\r?$/i.exec(new TextDecoder().decode(body.subarray(at, end)))?.[1]
    if (size === undefined) return undefined
    const length = Number.parseInt(size, 16)
    if (length === 0) return Uint8Array.from(joined)
    if (end + 1 + length > body.length) return undefined
    for (const byte of body.subarray(end + 1, end + 1 + length)) joined.push(byte)
    at = end + 1 + length
    if (body[at] === CR) at++
    if (body[at] === LF) at++
  }
}

/** Whether a text may begin raw HTTP: tried after every other form. */
export function looksLikeHttp(text: string): boolean {
  const [first = ''] = text.trimStart().split(/\r?\n/, 1)
  return REQUEST_LINE.test(first) || HEADER_LINE.test(first) || PSEUDO_HEADER_LINE.test(first)
}
