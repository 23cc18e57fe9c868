// An endpoint that is not there: for tests of what a program sends. No socket is opened.

import type { AttemptReason } from '../sender/delivery.ts'
import type { Transport, TransportRequest, TransportResult } from '../sender/transport.ts'
import { invalidOption } from '../shared/webhook-error.ts'

/** What the endpoint does with one request: a status, an answer, or a failure of the network. */
export type FakeAnswer =
  | number
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | { readonly reason: Exclude<AttemptReason, 'ok' | 'gone' | 'exhausted' | 'http_status' | 'redirect_refused'> }

/** A request that the endpoint got. */
export interface FakeRequest {
  readonly url: string
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  text(): string
}

/** An endpoint that answers by a script and keeps what it got. */
export interface FakeEndpoint {
  /** A public https address, which the guard allows. */
  readonly url: string
  /** For the `transport` option of `createWebhookSender`. */
  readonly transport: Transport
  /** What it got so far, in order. */
  readonly requests: readonly FakeRequest[]
}

/**
 * Makes an endpoint for tests of a sender.
 *
 * @param script What it does with the first request, with the second, and so on; the last for ever. By default it answers 200.
 * @returns The endpoint, whose `transport` takes the network's place.
 * @throws {WebhookError} `invalid_option` for a script that makes no sense.
 *
 * @example
 * ```ts
 * const endpoint = fakeEndpoint([500, { reason: 'timeout' }, 200])
 * const sender = createWebhookSender({ transport: endpoint.transport })
 * await sender.attempt({ endpoint: { id: 'ep', url: endpoint.url, secrets: 's' }, deliveryId: 'd', body: '{}', attempt: 1 })
 * expect(endpoint.requests[0].text()).toBe('{}')
 * ```
 */
export function fakeEndpoint(script: readonly FakeAnswer[] = [200]): FakeEndpoint {
  if (!Array.isArray(script) || script.length === 0 || !script.every(isAnswer)) {
    throw invalidOption('script', 'a list of statuses, { status } or { reason }')
  }
  const requests: FakeRequest[] = []
  const send = async ({ target, headers, body }: TransportRequest): Promise<TransportResult> => {
    requests.push({ url: target.url.href, headers, body, text: () => new TextDecoder().decode(body) })
    return toResult(script[Math.min(requests.length, script.length) - 1] ?? 200)
  }
  return Object.freeze({ url: 'https://endpoint.example.com/hooks', transport: { send, close: () => {} }, requests })
}

function isAnswer(answer: unknown): answer is FakeAnswer {
  if (typeof answer === 'object' && answer !== null && 'reason' in answer) return typeof answer.reason === 'string'
  const status: unknown = typeof answer === 'number' ? answer : Object(answer).status
  return Number.isInteger(status) && Number(status) >= 200 && Number(status) <= 599
}

function toResult(answer: FakeAnswer): TransportResult {
  if (typeof answer === 'number') return toResult({ status: answer })
  if ('reason' in answer) return { ok: false, reason: answer.reason }
  const { status, headers = {}, body = '' } = answer
  return { ok: true, statusCode: status, response: { headers, body: new TextEncoder().encode(body) } }
}
