// What a receiver takes and gives: the types that its steps, its options and the adapters share.

import type { DedupeStore } from '../../stores/contract.ts'
import type { Refusal } from '../codes.ts'
import type { WebhookBody } from '../pipeline/body.ts'
import type { HeaderBag } from '../pipeline/headers.ts'
import type { VerifiedDelivery } from '../verified-delivery.ts'
import type { BodyBudget } from './body-budget.ts'
import type { AdapterOutcome, Outcome, OutcomeReport } from './outcome.ts'

/** Receives deliveries of one scheme, or of one scheme for each of many tenants. */
export interface WebhookReceiver {
  /**
   * Verifies a delivery and handles it once.
   *
   * @param input The request.
   * @param handle Called for a genuine delivery that has not been handled yet.
   * @param call What is different for this call; nothing by default.
   * @returns The outcome, whatever the sender sends and whatever the handler or the store throws.
   * @throws {WebhookError} `invalid_option` if `handle` is not a function, `dedupe` is not a store, or `call` has an unknown member.
   */
  receive(input: ReceiveInput, handle: WebhookHandler, call?: ReceiveCall): Promise<Outcome>
}

/** A receiver as an adapter sees it: it answers handshakes, too. */
export interface AdapterReceiver {
  receive(input: ReceiveInput, handle: WebhookHandler, call?: ReceiveCall): Promise<AdapterOutcome>
}

/** A request, as it arrives. */
export interface ReceiveInput {
  /** The request's method. If it is given, anything but POST is refused before all else. */
  readonly method?: string | undefined
  /** The request's URL as the host gives it; passed on to `tenant`. */
  readonly url?: string | undefined
  /** The request's headers, in any form that a host uses. */
  readonly headers: HeaderBag
  /**
   * The body, or a function that reads it. The function is called only once the headers and the timestamp are in order and the secrets are
   * found. It must keep to the limit, and reserve from the budget before its buffer grows. It resolves to the bytes, or to a refusal if they
   * cannot be read.
   */
  readonly body: WebhookBody | ((maxBodyBytes: number, budget: BodyBudget) => Promise<WebhookBody | Refusal>)
  /**
   * Whether the body has been inflated already; false by default. With `inflate` on, such a body is used as it is, whatever its
   * Content-Encoding. `'unknown'` is for bytes that a parser kept: they are inflated if possible, and else used as they are.
   */
  readonly isInflated?: boolean | 'unknown' | undefined
}

/** Handles a delivery. The delivery is committed when this resolves, and released when it throws or rejects. */
export type WebhookHandler = (delivery: VerifiedDelivery, context: HandlerContext) => unknown

/** What a handler gets beside the delivery. */
export interface HandlerContext {
  /** Aborted as soon as the claim can no longer be relied on: from then on, another worker may be handling this delivery. */
  readonly signal: AbortSignal
  /** What the `transaction` option passed to `run` beside the store: the client to write through, say. */
  readonly transaction?: unknown
}

/** Runs claim, handler and commit with a store in a transaction. Resolves to the outcome once all three are done, even if they fail. */
export type RunInTransaction = (dedupe: DedupeStore, transaction?: unknown) => Promise<Outcome>

/** What may be different for one call. */
export interface ReceiveCall {
  /** Used in place of the receiver's store, such as one in the caller's own transaction. */
  readonly dedupe?: DedupeStore | undefined
  /** Aborted when the sender went away: work that has not started is dropped, a handler that runs is left alone. */
  readonly signal?: Abortable | undefined
  /** Where to log problems that the application must fix, if there is no `onOutcome`; `console.error` by default. */
  readonly log?: ((message: string, report: OutcomeReport) => void) | undefined
}

/** An `AbortSignal`, or anything else that knows whether the sender went away. */
export interface Abortable {
  readonly aborted: boolean
}
