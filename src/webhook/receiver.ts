// Receiving a delivery exactly once: verify, claim, handle, then commit or release. Written once, for either MAC engine.

import { checkContent, checkHead, conclude, isRefusal, type Verification, type WebhookBody } from './checks.ts'
import { type Refusal, refuse } from './codes.ts'
import { type Claim, type ClaimResult, customKeys, type DedupeStore, deliveryKeys } from './dedupe.ts'
import type { VerifiedDelivery } from './delivery.ts'
import { invalidOption } from './errors.ts'
import { type HeaderBag, keepHeaders } from './headers.ts'
import { keyRingOf } from './key-ring.ts'
import { Lease } from './lease.ts'
import { all, type MacEngine } from './mac.ts'
import { aborted, duplicate, handled, type Notes, type Outcome, refused, reportOf } from './outcome.ts'
import {
  type ReceiverSettings,
  readReceiverOptions,
  readStore,
  type WebhookReceiverOptions,
} from './receiver-options.ts'
import { timely } from './timely-store.ts'

/** A delivery as it arrives. A `body` that is a function is called only once the headers are in order. */
export interface ReceiveInput {
  /** The request's method. Where it is given, anything but POST is refused before all else. */
  readonly method?: string | undefined
  readonly headers: HeaderBag
  readonly body: WebhookBody | ((maxBodyBytes: number) => Promise<WebhookBody | Refusal>)
}

/** Handles a delivery. It is committed when this resolves, and released when it throws or rejects. */
export type WebhookHandler = (delivery: VerifiedDelivery, context: HandlerContext) => unknown

/** What a handler is given beside the delivery. */
export interface HandlerContext {
  /** Aborted when the claim was lost: another worker may be at this delivery, and the commit will fail. */
  readonly signal: AbortSignal
}

/** What may differ from call to call. */
export interface ReceiveCall {
  /** In the place of the receiver's store, such as one inside the caller's own transaction. */
  readonly dedupe?: DedupeStore | undefined
  /** Aborted when the sender went away: what has not started is given up, a handler that runs is not disturbed. */
  readonly signal?: Abortable | undefined
}

/** An `AbortSignal`, or anything else that can tell. */
export interface Abortable {
  readonly aborted: boolean
}

/** Receives deliveries of one scheme. */
export interface WebhookReceiver {
  /**
   * Resolves to an outcome for anything that a sender can send, and for anything that the handler or the store throws.
   *
   * @throws {WebhookError} `invalid_option` where `handle` is not a function or `dedupe` not a store
   */
  receive(input: ReceiveInput, handle: WebhookHandler, call?: ReceiveCall): Promise<Outcome>
}

export function receiverOver<ImportedKey>(
  engine: MacEngine<ImportedKey>,
  options: WebhookReceiverOptions,
): WebhookReceiver {
  const settings = readReceiverOptions(options)
  const { checks, maxConcurrent, onOutcome } = settings
  const findKeys = keyRingOf(engine, options.secrets, checks.scheme)
  // The default store lives in this process and answers at once; any other one may hang.
  const usualStore =
    options.dedupe === undefined ? settings.store : timely(settings.store, settings.storeTimeoutMs, true)
  let active = 0

  async function verify(input: ReceiveInput, notes: Notes, signal: Abortable | undefined): Promise<Verification> {
    if (input.method !== undefined && input.method !== 'POST')
      return refuse('method_not_allowed', 'Deliveries are sent by POST.')
    const headers = keepHeaders(input.headers)
    const found = findKeys(headers, notes)
    const ring = found instanceof Promise ? await found : found
    if (!ring) return refuse('missing_secret', 'No webhook secret is configured for this delivery.')
    const head = checkHead(checks, headers)
    if (!head.ok) return head
    let body: unknown = input.body
    if (typeof input.body === 'function') {
      body = await readBody(input.body, checks.maxBodyBytes, notes)
      // Only here: a parsed body that was passed in may be anything, also what looks like a refusal.
      if (isRefusal(body)) return body
    }
    if (signal?.aborted) return aborted()
    const unproven = checkContent(checks, head, body)
    if (!unproven.ok) return unproven
    const { before, after } = unproven
    const matches = ring.imported.map((key) => engine.matches(key, before, unproven.body, after, head.candidates))
    return conclude(checks.scheme, unproven, ring.keys, await all(matches))
  }

  async function handleOnce(
    delivery: VerifiedDelivery,
    handle: WebhookHandler,
    notes: Notes,
    store: DedupeStore,
    signal: Abortable | undefined,
  ): Promise<Outcome> {
    const answer = await claim(engine, settings, store, delivery, notes)
    if ('code' in answer) {
      if (answer.code !== 'store_unavailable' || !settings.acceptUnclaimed) return refused(answer, delivery)
      return handleUnclaimed(delivery, handle, notes, signal)
    }
    if (answer.status === 'duplicate') return duplicate(settings.duplicateStatus, delivery)
    if (answer.status === 'in_progress') {
      const refusal = refuse('delivery_in_progress', 'The delivery is being handled; its outcome is not known yet.')
      return refused(refusal, delivery, answer.retryAfterMs)
    }
    if (answer.status === 'conflict') {
      return refused(
        refuse('delivery_id_conflict', 'The delivery id is known with another body, or the body with another id.'),
        delivery,
      )
    }
    if (signal?.aborted) {
      await release(store, answer.claim, notes)
      return refused(aborted(), delivery)
    }
    try {
      await Lease.run(store, answer.claim, settings.leaseMs, (lease) => handle(delivery, lease))
    } catch (error) {
      notes.error = error
      await release(store, answer.claim, notes)
      return refused(refuse('handler_failed', FAILED), delivery)
    }
    await commit(store, answer.claim, settings.retentionMs, notes)
    return handled(delivery)
  }

  /** The store cannot be asked, and the application would rather handle a delivery twice than late. */
  async function handleUnclaimed(
    delivery: VerifiedDelivery,
    handle: WebhookHandler,
    notes: Notes,
    signal: Abortable | undefined,
  ): Promise<Outcome> {
    if (signal?.aborted) return refused(aborted(), delivery)
    notes.problem = 'unclaimed'
    try {
      await handle(delivery, { signal: new AbortController().signal })
    } catch (error) {
      notes.error = error
      return refused(refuse('handler_failed', FAILED), delivery)
    }
    return handled(delivery)
  }

  async function admit(
    delivery: VerifiedDelivery,
    handle: WebhookHandler,
    notes: Notes,
    { dedupe, signal }: ReceiveCall,
  ): Promise<Outcome> {
    if (active >= maxConcurrent)
      return refused(refuse('overloaded', 'Too many deliveries are being handled.'), delivery, 1000)
    active++
    try {
      const store = dedupe ? timely(dedupe, settings.storeTimeoutMs, false) : usualStore
      return await handleOnce(delivery, handle, notes, store, signal)
    } finally {
      active--
    }
  }

  return Object.freeze({
    async receive(input: ReceiveInput, handle: WebhookHandler, call: ReceiveCall = {}): Promise<Outcome> {
      if (typeof handle !== 'function') throw invalidOption('handle', 'a function')
      if (call.dedupe) readStore(call.dedupe)
      const startedAt = performance.now()
      const notes: Notes = {}
      const verdict = await verify(input, notes, call.signal).catch((error: unknown) => {
        notes.error = error // a clock that is no clock, say: the receiver is at fault, not the sender
        return refuse('handler_failed', FAILED)
      })
      const outcome = verdict.ok ? await admit(verdict.delivery, handle, notes, call) : refused(verdict)
      if (onOutcome) tell(() => onOutcome(reportOf(outcome, checks.scheme.name, startedAt, notes)))
      return outcome
    },
  })
}

const FAILED = 'The delivery could not be handled; it may be sent again.'

async function readBody(
  read: (maxBodyBytes: number) => Promise<WebhookBody | Refusal>,
  maxBodyBytes: number,
  notes: Notes,
): Promise<WebhookBody | Refusal> {
  try {
    return await read(maxBodyBytes)
  } catch (error) {
    notes.error = error
    return aborted()
  }
}

async function claim(
  engine: Pick<MacEngine<unknown>, 'digest'>,
  settings: ReceiverSettings,
  store: DedupeStore,
  delivery: VerifiedDelivery,
  notes: Notes,
): Promise<ClaimResult | Refusal> {
  const { checks, namespace, dedupeKey, leaseMs, bindMs } = settings
  let code: 'handler_failed' | 'store_unavailable' = 'handler_failed'
  try {
    const keys = dedupeKey
      ? await customKeys(namespace, dedupeKey(delivery), engine.digest)
      : await deliveryKeys(checks.scheme, namespace, delivery, engine.digest)
    code = 'store_unavailable'
    const answer = await store.claim({ keys, leaseMs, bindMs })
    if (CLAIM_STATUSES.includes(answer.status)) return answer
  } catch (error) {
    notes.error = error
  }
  return refuse(code, 'Whether the delivery was handled before could not be found out; it may be sent again.')
}

const CLAIM_STATUSES: readonly string[] = ['claimed', 'duplicate', 'in_progress', 'conflict']

async function commit(store: DedupeStore, held: Claim, retentionMs: number, notes: Notes): Promise<void> {
  try {
    if ((await store.commit(held, retentionMs)) === false) notes.problem = 'claim_lost'
  } catch (error) {
    notes.problem = 'commit_failed'
    notes.error = error
  }
}

/** A failed release costs the sender the rest of the lease, nothing more. It must not hide the handler's own error. */
async function release(store: DedupeStore, held: Claim, notes: Notes): Promise<void> {
  try {
    await store.release(held)
  } catch (error) {
    notes.problem = 'release_failed'
    notes.error ??= error
  }
}

/** A logger that fails, or takes its time, must not turn a handled delivery into a failed one. */
function tell(call: () => unknown): void {
  try {
    const told = call()
    if (told instanceof Promise) told.catch(() => {})
  } catch {}
}
