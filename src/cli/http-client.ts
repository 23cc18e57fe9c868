// Sending the very bytes of a capture to an address that the user named. `send` goes through ./sender, which guards addresses; this does not.

import * as http from 'node:http'
import * as https from 'node:https'

/** A request to send. */
export interface OutgoingRequest {
  readonly url: URL
  readonly method: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Uint8Array
}

/** The answer, or why there is none. */
export type Answer =
  | {
      readonly ok: true
      readonly status: number
      readonly headers: http.IncomingHttpHeaders
      readonly body: Uint8Array
    }
  | { readonly ok: false; readonly message: string }

const TIMEOUT_MS = 30_000
const MAX_ANSWER_BYTES = 2 ** 20

/** Sends once, follows nothing, and reads at most a MiB of the answer. */
export function sendOnce({ url, method, headers, body }: OutgoingRequest): Promise<Answer> {
  const { request } = url.protocol === 'https:' ? https : http
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const fail = (error: Error) => resolve({ ok: false, message: describeFailure(error, signal) })
    try {
      const raw = [...headers.filter(isEndToEnd).flat(), 'content-length', String(body.length), 'host', url.host]
      const sent = request(url, { method, headers: raw, signal, agent: false }, (answer) => {
        const chunks: Uint8Array[] = []
        let length = 0
        answer.on('data', (chunk: Uint8Array) => {
          length += chunk.length
          if (length <= MAX_ANSWER_BYTES) chunks.push(chunk)
          else answer.destroy(new Error('The answer is larger than a MiB.'))
        })
        answer.on('error', fail)
        answer.on('end', () => {
          resolve({ ok: true, status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) })
        })
      })
      sent.on('error', fail)
      sent.end(body)
    } catch (error) {
      fail(error instanceof Error ? error : new Error('The request cannot be sent.')) // a header that HTTP forbids
    }
  })
}

function describeFailure(error: Error, signal: AbortSignal): string {
  if (signal.aborted) return `No answer within ${TIMEOUT_MS / 1_000} seconds.`
  const code = 'code' in error ? String(error.code) : ''
  return code === 'ECONNREFUSED'
    ? 'Nothing listens there (ECONNREFUSED).'
    : `The request failed${code && ` (${code})`}.`
}

/** Headers that belong to one connection (RFC 9110 section 7.6.1), and those that are written anew. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
])

/** Whether a header travels from end to end, and so is sent on. */
export function isEndToEnd([name]: readonly [string, string]): boolean {
  return !HOP_BY_HOP.has(name.toLowerCase())
}
