// What a receiver is given and what it gives: the names that its steps, its options and the adapters speak in.

import type { DedupeStore } from '../../stores/contract.ts'
import type { Refusal } from '../codes.ts'
import type { WebhookBody } from '../pipeline/body.ts'
import type { HeaderBag } from '../pipeline/headers.ts'
import type { VerifiedDelivery } from '../verified-delivery.ts'
import type { BodyBudget } from './body-budget.ts'
import type { Outcome, OutcomeReport } from './outcome.ts'

/** A delivery as it arrives. */
export interface ReceiveInput {
  /** The request's method. Where it is given, anything but POST is refused before all else. */
  readonly method?: string | undefined
  /** The request's URL as the host gives it; handed to `tenant`. */
  readonly url?: string | undefined
  readonly headers: HeaderBag
  /**
   * The body, or a function that reads it. Such a function is called only once the headers and the timestamp are in order and the
   * secrets are found. It is given the limit, and the budget that it must reserve from before its buffer grows; it answers with the bytes,
   * or with the refusal that says why they cannot be had.
   */
  readonly body: WebhookBody | ((maxBodyBytes: number, budget: BodyBudget) => Promise<WebhookBody | Refusal>)
  /**
   * Whether somebody has inflated the body already: with `inflate` on it is then taken as it is, whatever its Content-Encoding. `'unknown'`
   * for bytes that a parser kept: they are inflated if they can be, and taken as they are if not.
   */
  readonly isInflated?: boolean | 'unknown' | undefined
}

/** Handles a delivery. It is committed when this resolves, and released when it throws or rejects. */
export type WebhookHandler = (delivery: VerifiedDelivery, context: HandlerContext) => unknown

/** What a handler is given beside the delivery. */
export interface HandlerContext {
  /** Aborted as soon as the claim can no longer be counted on: another worker may be at this delivery from then on. */
  readonly signal: AbortSignal
  /** What the `transaction` option gave to `run` beside the store: the client to write through, say. */
  readonly transaction?: unknown
}

/** Runs claim, handler and commit with a store inside a transaction. Resolves to the outcome once all three are done; never rejects for them. */
export type RunInTransaction = (dedupe: DedupeStore, transaction?: unknown) => Promise<Outcome>

/** What may differ from call to call. */
export interface ReceiveCall {
  /** In the place of the receiver's store, such as one inside the caller's own transaction. */
  readonly dedupe?: DedupeStore | undefined
  /** Aborted when the sender went away: what has not started is given up, a handler that runs is not disturbed. */
  readonly signal?: Abortable | undefined
  /** Where to say what is the application's to mend, as long as there is no `onOutcome`; `console.error` by default. */
  readonly log?: ((message: string, report: OutcomeReport) => void) | undefined
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
