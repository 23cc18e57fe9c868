// The sender: one attempt at a delivery, signed afresh, behind the address guard. When to try again is in its answer; trying again is the
// dispatcher's work, or any queue's.

import { demandKnownNames, invalidOption, readNumber } from '../shared/webhook-error.ts'
import { toBytes } from '../webhook/pipeline/body.ts'
import { readClock, systemClock } from '../webhook/pipeline/unix-seconds.ts'
import { fluxora } from '../webhook/schemes/fluxora.ts'
import { readScheme, type WebhookScheme } from '../webhook/schemes/scheme.ts'
import { type AddressGuard, addressGuard, type RefusedAddress, type VettedUrl } from './address/guard.ts'
import type { Attempt, AttemptReason, OutgoingDelivery } from './delivery.ts'
import { readEndpointHeaders } from './header-rules.ts'
import { nodeTransport } from './node-transport.ts'
import { readRetryAfter } from './retry-after.ts'
import type { RetrySchedule } from './retry-schedule.ts'
import { retrySchedules } from './retry-schedules.ts'
import { signerCache } from './signer-cache.ts'
import { targetCache } from './target-cache.ts'
import type { Transport, TransportResult } from './transport.ts'

/** The options of a sender. All have defaults. */
export interface WebhookSenderOptions {
  /** The receivers' scheme, `fluxora` by default. */
  readonly scheme?: WebhookScheme | undefined
  /** When to try again; `retrySchedules.fluxora` by default. */
  readonly schedule?: RetrySchedule | undefined
  /** Which addresses may be sent to; by default public ones by https. */
  readonly guard?: AddressGuard | undefined
  /** For the whole attempt: look-up, connection and answer. In milliseconds, 1 to 600,000; 10,000 by default. */
  readonly timeoutMs?: number | undefined
  /** The largest answer in bytes, inclusive; 65,536 by default. */
  readonly maxResponseBytes?: number | undefined
  /** The User-Agent header; `fluxora-verify` by default. */
  readonly userAgent?: string | undefined
  /** The clock, in Unix seconds; the system's clock by default. */
  readonly now?: (() => number) | undefined
  /** A number from 0 up to 1, for the jitter; `Math.random` by default. */
  readonly random?: (() => number) | undefined
  /** Sends the requests; node:http and node:https by default. */
  readonly transport?: Transport | undefined
}

/** Sends deliveries. */
export interface WebhookSender {
  /** How many attempts the schedule has. */
  readonly maxAttempts: number
  /** In milliseconds: how long an attempt may take. */
  readonly timeoutMs: number
  /** Makes one attempt. Never rejects: whatever happens is in the answer. */
  attempt(delivery: OutgoingDelivery): Promise<Attempt>
  /** Waits for the attempts that are running, and ends the connections. Later attempts are answered `own_fault`. */
  close(): Promise<void>
}

/** Larger bodies are refused by receivers that keep to the contract. */
const MAX_BODY_BYTES = 262_144
/** How soon an attempt that was not counted is tried again. */
const OWN_FAULT_DELAY_MS = 5_000

/**
 * Makes a sender.
 *
 * @param options Scheme, schedule, guard and limits; all have defaults.
 * @returns A sender whose `attempt` resolves to what became of it: delivered, to be retried and when, or dead and why.
 * @throws {WebhookError} `invalid_option` or `invalid_scheme` if an option makes no sense.
 *
 * @example
 * ```ts
 * const sender = createWebhookSender()
 * const endpoint = { id: 'ep_1', url: 'https://example.com/hooks', secrets: process.env.ENDPOINT_SECRET }
 * const attempt = await sender.attempt({ endpoint, deliveryId: 'evt_1', body: '{"amount":"1.50"}', attempt: 1 })
 * if (attempt.outcome === 'retry') setTimeout(again, attempt.delayMs)
 * ```
 */
export function createWebhookSender(options: WebhookSenderOptions = {}): WebhookSender {
  const settings = readOptions(options)
  const running = new Set<Promise<Attempt>>()
  let isClosed = false
  return Object.freeze({
    maxAttempts: settings.schedule.maxAttempts,
    timeoutMs: settings.timeoutMs,
    attempt(delivery: OutgoingDelivery): Promise<Attempt> {
      const attempt = makeAttempt(settings, delivery, isClosed)
      running.add(attempt)
      return attempt.finally(() => running.delete(attempt))
    },
    async close(): Promise<void> {
      isClosed = true
      await Promise.allSettled(running)
      settings.transport.close()
    },
  })
}

interface Settings {
  readonly scheme: WebhookScheme
  readonly schedule: RetrySchedule
  readonly guard: AddressGuard
  readonly timeoutMs: number
  readonly maxResponseBytes: number
  readonly userAgent: string
  readonly random: () => number
  readonly nowMs: () => number
  readonly transport: Transport
  readonly signerFor: ReturnType<typeof signerCache>
  readonly checkUrl: (url: string) => VettedUrl | RefusedAddress
}

const NAMES: Record<keyof WebhookSenderOptions, true> = {
  scheme: true,
  schedule: true,
  guard: true,
  timeoutMs: true,
  maxResponseBytes: true,
  userAgent: true,
  now: true,
  random: true,
  transport: true,
}

function readOptions(options: WebhookSenderOptions): Settings {
  if (typeof options !== 'object' || options === null) throw invalidOption('options', 'an object')
  demandKnownNames(options, Object.keys(NAMES))
  const { schedule = retrySchedules.fluxora, guard = addressGuard(), transport = nodeTransport() } = options
  const { now = systemClock, random = Math.random, userAgent = 'fluxora-verify' } = options
  const scheme = readScheme(options.scheme ?? fluxora)
  if (typeof schedule?.next !== 'function') throw invalidOption('schedule', 'a schedule made by defineRetrySchedule')
  if (typeof guard?.checkUrl !== 'function') throw invalidOption('guard', 'a guard made by addressGuard')
  if (typeof transport?.send !== 'function') throw invalidOption('transport', 'an object with send and close')
  if (typeof now !== 'function') throw invalidOption('now', 'a function that returns Unix seconds')
  if (typeof random !== 'function') throw invalidOption('random', 'a function that returns a number from 0 up to 1')
  if (typeof userAgent !== 'string' || !/^[!-~](?:[ -~]{0,254}[!-~])?$/.test(userAgent)) {
    throw invalidOption('userAgent', 'visible ASCII of at most 256 characters')
  }
  return {
    scheme,
    schedule,
    guard,
    transport,
    random,
    userAgent,
    nowMs: () => 1000 * readClock(now()),
    timeoutMs: readNumber('timeoutMs', options.timeoutMs, 10_000, 1, 600_000),
    maxResponseBytes: readNumber('maxResponseBytes', options.maxResponseBytes, 65_536, 0, 2 ** 30),
    signerFor: signerCache(scheme, now),
    checkUrl: targetCache(guard),
  }
}

/** An attempt that can be sent, or how it ended without. */
type Prepared =
  | {
      readonly ok: true
      readonly target: VettedUrl
      readonly headers: Record<string, string>
      readonly body: Uint8Array
    }
  | { readonly ok: false; readonly reason: AttemptReason }

async function makeAttempt(settings: Settings, delivery: OutgoingDelivery, isClosed: boolean): Promise<Attempt> {
  const startedAt = performance.now()
  const ended = (ending: Ending, answer?: TransportResult): Attempt =>
    attemptOf(ending, answer, numberOf(delivery), performance.now() - startedAt)
  try {
    const prepared: Prepared = isClosed ? refused('own_fault') : prepare(settings, delivery)
    if (!prepared.ok) return ended(endingOf(prepared.reason))
    const { target, headers, body } = prepared
    const { transport, guard, timeoutMs, maxResponseBytes } = settings
    const result = await transport.send({ target, headers, body, guard, timeoutMs, maxResponseBytes })
    return ended(judge(settings, delivery.attempt, result), result)
  } catch {
    // A delivery that throws when it is read, a clock that is none, a transport that rejects.
    return ended(endingOf('own_fault'))
  }
}

function numberOf(delivery: OutgoingDelivery): number {
  const attempt: unknown = Object(delivery).attempt
  return typeof attempt === 'number' ? attempt : 0
}

function prepare({ scheme, schedule, checkUrl, userAgent, signerFor }: Settings, delivery: OutgoingDelivery): Prepared {
  const { endpoint, deliveryId, event, attempt } = delivery
  if (!Number.isSafeInteger(attempt) || attempt < 1) return refused('own_fault')
  if (attempt > schedule.maxAttempts) return refused('exhausted')
  const body = toBytes(delivery.body)
  if (!body) return refused('own_fault')
  if (body.length > MAX_BODY_BYTES) return refused('payload_too_large')
  const target = checkUrl(endpoint.url)
  if (!target.ok) return refused(target.reason)
  const own = readEndpointHeaders(endpoint.headers, scheme)
  if (!own) return refused('header_refused')
  // Throws for secrets that cannot sign: the caller's mistake, which a mended configuration cures.
  const signed = signerFor(endpoint.secrets).sign({ body, deliveryId, event, method: 'POST', url: target.url.href })
  const headers = { 'content-type': 'application/json', 'accept-encoding': 'identity', 'user-agent': userAgent }
  return { ok: true, target, body, headers: Object.assign(headers, own, signed) }
}

function refused(reason: AttemptReason): Prepared {
  return { ok: false, reason }
}

/** How an attempt ended. */
type Ending = Pick<Attempt, 'outcome' | 'reason' | 'delayMs'>

/** How an attempt ends that nothing was sent for, or whose fault is ours. */
function endingOf(reason: AttemptReason): Ending {
  if (reason === 'own_fault') return { outcome: 'not_counted', reason, delayMs: OWN_FAULT_DELAY_MS }
  return { outcome: 'dead', reason }
}

function judge({ schedule, random, nowMs }: Settings, attempt: number, result: TransportResult): Ending {
  const reason = reasonOf(result)
  if (reason === 'ok') return { outcome: 'delivered', reason }
  if (FINAL.has(reason)) return endingOf(reason)
  const statusCode = result.ok ? result.statusCode : undefined
  const retryAfterMs = readRetryAfter(result.response?.headers['retry-after'], nowMs())
  const isTimeout = reason === 'timeout'
  const decision = schedule.next({ attempt, statusCode, retryAfterMs, isTimeout, random: random() })
  if (decision.retry) return { outcome: 'retry', reason, delayMs: decision.delayMs }
  return { outcome: 'dead', reason: decision.reason === 'gone' ? 'gone' : reason }
}

/** Reasons that no schedule is asked about. */
const FINAL: ReadonlySet<AttemptReason> = /* @__PURE__ */ new Set<AttemptReason>([
  'address_refused',
  'url_refused',
  'header_refused',
  'own_fault',
])

function reasonOf(result: TransportResult): AttemptReason {
  if (!result.ok) return result.reason
  if (result.statusCode >= 200 && result.statusCode < 300) return 'ok'
  if (result.statusCode >= 300 && result.statusCode < 400) return 'redirect_refused'
  return 'http_status'
}

/** What is not known is left out. Written member by member, because spreading several objects takes longer than signing does. */
function attemptOf(
  { outcome, reason, delayMs }: Ending,
  answer: TransportResult | undefined,
  attempt: number,
  durationMs: number,
): Attempt {
  const made: { -readonly [Name in keyof Attempt]: Attempt[Name] } = { outcome, reason, durationMs, attempt }
  if (delayMs !== undefined) made.delayMs = delayMs
  if (answer?.statusCode !== undefined) made.statusCode = answer.statusCode
  if (answer?.response) made.response = answer.response
  return made
}
