// Sending over node:http and node:https. Not over fetch: only here is the address that was vetted the one that is connected to, on Node, Bun
// and Deno alike; redirects are never followed, and headers have a limit.

import * as http from 'node:http'
import * as https from 'node:https'
import type { LookupFunction, Socket } from 'node:net'
import type { AddressGuard, RefusedAddress } from './address/guard.ts'
import type { AttemptReason, AttemptResponse } from './delivery.ts'
import type { Transport, TransportRequest, TransportResult } from './transport.ts'

const MAX_HEADER_BYTES = 16_384
/** A kept connection that dies so soon was closed by the other side while it was idle. */
const STALE_WITHIN_MS = 1_000

/** Has agents of its own: a connection that one guard allowed must never be used under another. */
export function nodeTransport(): Transport {
  const options = { keepAlive: true, maxSockets: 64, scheduling: 'lifo' } as const
  const agents = { 'http:': new http.Agent(options), 'https:': new https.Agent(options) }
  return {
    async send(request: TransportRequest): Promise<TransportResult> {
      const agent = request.target.url.protocol === 'http:' ? agents['http:'] : agents['https:']
      const deadline = Date.now() + request.timeoutMs
      const first = await sendOnce(request, agent, request.timeoutMs)
      if (!first.wasStale) return first.result
      // The request did not reach anybody, so this is still the same attempt.
      return (await sendOnce(request, agent, deadline - Date.now())).result
    },
    close(): void {
      agents['http:'].destroy()
      agents['https:'].destroy()
    },
  }
}

/** What came of one request, and whether it died on a connection that was kept from an earlier one. */
interface Sent {
  readonly result: TransportResult
  readonly wasStale: boolean
}

/** What happens to one request. */
interface Exchange {
  readonly startedAt: number
  statusCode: number | undefined
  response: AttemptResponse | undefined
  /** Why we ended it ourselves. */
  ended: AttemptReason | undefined
}

function sendOnce(request: TransportRequest, agent: http.Agent, timeoutMs: number): Promise<Sent> {
  return new Promise((resolve) => {
    const exchange: Exchange = { startedAt: Date.now(), statusCode: undefined, response: undefined, ended: undefined }
    let sent: http.ClientRequest | undefined
    const settle = (result: TransportResult, wasStale = false): void => {
      clearTimeout(timer)
      resolve({ result, wasStale })
    }
    const end = (reason: AttemptReason): void => {
      exchange.ended ??= reason
      sent?.destroy()
      settle(failure(exchange, exchange.ended))
    }
    const timer = setTimeout(end, Math.max(timeoutMs, 0), 'timeout')
    const fail = (error: NodeJS.ErrnoException): void => {
      settle(failure(exchange, reasonOf(error, exchange)), isStale(sent, exchange, error))
    }
    try {
      sent = open(request, agent)
    } catch (error) {
      settle({ ok: false, reason: isHeaderFault(error) ? 'header_refused' : 'own_fault' })
      return
    }
    sent.on('socket', (socket) => vetSocket(socket, request.guard, end))
    sent.on('error', fail)
    sent.on('response', (answer) => readAnswer(answer, exchange, request.maxResponseBytes, settle, end))
    sent.end(request.body)
  })
}

function open({ target, headers, body, guard }: TransportRequest, agent: http.Agent): http.ClientRequest {
  const { url, hostname } = target
  const { request } = url.protocol === 'http:' ? http : https
  return request({
    agent,
    method: 'POST',
    protocol: url.protocol,
    host: hostname,
    port: url.port === '' ? undefined : url.port,
    path: url.pathname + url.search,
    headers: Object.assign({}, headers, { host: url.host, 'content-length': body.length }), // spreading takes ten times as long
    lookup: vettedLookup(guard),
    maxHeaderSize: MAX_HEADER_BYTES,
  })
}

/** Gives the connection the vetted addresses, and no others. */
function vettedLookup(guard: AddressGuard): LookupFunction {
  return (hostname, options, callback) => {
    guard.resolve(hostname).then(
      (answer) => {
        const [first] = answer.ok ? answer.addresses : []
        if (!answer.ok || !first) callback(new RefusedError(answer), [])
        else if (options.all) callback(null, [...answer.addresses])
        else callback(null, first.address, first.family)
      },
      () => callback(new RefusedError({ ok: false, reason: 'own_fault', message: '' }), []),
    )
  }
}

class RefusedError extends Error {
  readonly reason: AttemptReason

  constructor(answer: RefusedAddress | { readonly ok: true }) {
    super('The address is refused.')
    this.reason = answer.ok ? 'dns_error' : answer.reason
  }
}

/** A second belt, for a runtime that ignores the look-up: the address at the other end, once there is one. */
function vetSocket(socket: Socket, guard: AddressGuard, end: (reason: AttemptReason) => void): void {
  if (!socket.connecting) return
  socket.once('connect', () => {
    if (!guard.allowsAddress(socket.remoteAddress)) end('address_refused')
  })
}

function readAnswer(
  answer: http.IncomingMessage,
  exchange: Exchange,
  maxBytes: number,
  settle: (result: TransportResult) => void,
  end: (reason: AttemptReason) => void,
): void {
  const statusCode = answer.statusCode ?? 0
  const headers = headersOf(answer)
  const chunks: Uint8Array[] = []
  let length = 0
  const soFar = (): AttemptResponse => ({ headers, body: Buffer.concat(chunks) })
  exchange.statusCode = statusCode
  answer.on('data', (chunk: Uint8Array) => {
    length += chunk.length
    if (length > maxBytes) {
      exchange.response = soFar()
      end('response_too_large')
    } else chunks.push(chunk)
  })
  answer.on('end', () => {
    if (answer.complete) settle({ ok: true, statusCode, response: soFar() })
  })
  answer.on('error', () => {}) // 'close' follows
  answer.on('close', () => {
    if (answer.complete) return
    exchange.response = soFar()
    end('response_incomplete')
  })
}

function headersOf({ headers }: http.IncomingMessage): Readonly<Record<string, string>> {
  const read: Record<string, string> = Object.create(null)
  for (const name in headers) {
    const value = headers[name] ?? ''
    read[name] = typeof value === 'string' ? value : value.join(', ')
  }
  return read
}

function failure({ statusCode, response }: Exchange, reason: AttemptReason): TransportResult {
  return { ok: false, reason, ...(statusCode !== undefined && { statusCode }), ...(response && { response }) }
}

function isStale(
  sent: http.ClientRequest | undefined,
  exchange: Exchange,
  { code = '' }: NodeJS.ErrnoException,
): boolean {
  const isEarly = exchange.statusCode === undefined && Date.now() - exchange.startedAt < STALE_WITHIN_MS
  return isEarly && sent?.reusedSocket === true && (code === 'ECONNRESET' || code === 'EPIPE')
}

const REASONS: Readonly<Record<string, AttemptReason>> = {
  ECONNREFUSED: 'connection_refused',
  ECONNRESET: 'connection_reset',
  EPIPE: 'connection_reset',
  ENETUNREACH: 'network_unreachable',
  EHOSTUNREACH: 'network_unreachable',
  ENOTFOUND: 'dns_error',
  ETIMEDOUT: 'timeout',
  HPE_HEADER_OVERFLOW: 'response_too_large',
  EMFILE: 'own_fault',
  ENFILE: 'own_fault',
  ENOBUFS: 'own_fault',
  EADDRNOTAVAIL: 'own_fault',
}

function reasonOf(error: NodeJS.ErrnoException, { ended, statusCode }: Exchange): AttemptReason {
  if (ended) return ended
  if (error instanceof RefusedError) return error.reason
  const { code = '' } = firstOf(error)
  const known = Object.hasOwn(REASONS, code) ? REASONS[code] : undefined
  if (known === 'response_too_large') return known
  if (statusCode !== undefined || code.startsWith('HPE_')) return 'response_incomplete'
  if (known) return known
  // What is left comes from TLS: CERT_HAS_EXPIRED, ERR_TLS_CERT_ALTNAME_INVALID, EPROTO and many more.
  return 'tls_error'
}

/** Trying several addresses ends with one error for each: an AggregateError. */
function firstOf(error: NodeJS.ErrnoException): NodeJS.ErrnoException {
  return error instanceof AggregateError ? (error.errors[0] ?? error) : error
}

function isHeaderFault(error: unknown): boolean {
  return (
    error instanceof TypeError &&
    'code' in error &&
    /^ERR_(INVALID_CHAR|HTTP_INVALID_HEADER_VALUE|INVALID_HTTP_TOKEN)$/.test(String(error.code))
  )
}
