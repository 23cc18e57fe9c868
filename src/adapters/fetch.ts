/**
 * Webhooks wherever a `Request` is answered by a `Response`: Hono, Next.js, Workers, Bun, Deno, service workers. It uses WebCrypto, and
 * nothing of Node.
 *
 * @module
 *
 * @example
 * ```ts
 * import { createWebhookRoute } from '@fluxora/verify/fetch'
 *
 * // Next.js, app/webhooks/route.ts
 * export const POST = createWebhookRoute({ secrets: process.env.WEBHOOK_SECRET }, async (delivery) => {
 *   console.log(delivery.event, delivery.json())
 * })
 * ```
 */

import { invalidOption } from '../shared/webhook-error.ts'
import { webEngine, webSign } from '../webhook/proof/web.ts'
import { webInflater } from '../webhook/receiving/inflate-web.ts'
import { receiverOver } from '../webhook/receiving/receiver.ts'
import type { ReceiveInput } from '../webhook/receiving/receiver-contract.ts'
import { answerOf, type TextAnswer } from './shared/answer.ts'
import { withSentStatus } from './shared/decision.ts'
import { withExplainer } from './shared/explainer.ts'
import { readFetchBody } from './shared/fetch-body.ts'
import { keepAnswer, readOwnResponse } from './shared/handler-answer.ts'
import { ADAPTER_OPTIONS, readBodyLimits, type WebhookAdapterOptions } from './shared/options.ts'
import type { EventDelivery, EventHandler } from './shared/payload.ts'

export { FluxoraError } from '../shared/fluxora-error.ts'
export { isWebhookError, WebhookError } from '../shared/webhook-error.ts'
export type { DedupeStore } from '../stores/contract.ts'
export { memoryDedupeStore } from '../stores/memory/store.ts'
export type { WebhookCode } from '../webhook/codes.ts'
export type { WebhookBody } from '../webhook/pipeline/body.ts'
export type { Verification } from '../webhook/pipeline/verdict.ts'
export type { OutcomeReport } from '../webhook/receiving/outcome.ts'
export type { HandlerContext } from '../webhook/receiving/receiver-contract.ts'
export { previousSecret, type WebhookSecret } from '../webhook/secrets.ts'
export { type AsyncWebhookSigner, createAsyncWebhookSigner } from '../webhook/sign-async.ts'
export type { SignInput, WebhookSignerOptions } from '../webhook/signer-options.ts'
export type { VerifiedDelivery } from '../webhook/verified-delivery.ts'
export type { WebhookVerifierOptions } from '../webhook/verify.ts'
export { type AsyncWebhookVerifier, createAsyncWebhookVerifier } from '../webhook/verify-async.ts'
export type { ApplicationDeclined } from './shared/decision.ts'
export { type DiagnosisInput, type ExplainedRefusal, type ExplainOptions, explainWith } from './shared/explain.ts'
export type { WebhookExplainer } from './shared/explainer.ts'
export { type EventDelivery, type EventHandler, readPayload, type StandardSchema } from './shared/payload.ts'

/** The options of the route: a receiver's, and a deadline for the body. */
export interface WebhookRouteOptions extends WebhookAdapterOptions {}

/**
 * Makes a route. The delivery is committed when `handle` resolves, and released when it throws or rejects. If `handle` resolves to a
 * `Response`, that is sent instead of the usual answer: a 2xx commits the delivery, anything else releases it.
 *
 * The route sees the headers of the `Request` that you pass it, so a middleware that changes them must pass on a new `Request`. The default
 * dedupe store lives in this process. If several processes or isolates serve the route, give it a store that they share.
 *
 * @param options Only `secrets` (or `tenant`) is required.
 * @param handle Handles one delivery.
 * @returns A route that answers every request. Its promise never rejects.
 * @throws {WebhookError} `invalid_secret`, `invalid_option` or `invalid_scheme` if the options make no sense.
 *
 * @example
 * ```ts
 * const route = createWebhookRoute({ secrets: env.WEBHOOK_SECRET }, async (delivery) => {
 *   await credit(delivery.json())
 * })
 * export const POST = route                                // Next.js, app/webhooks/route.ts
 * app.all('/webhooks', (context) => route(context.req.raw)) // Hono
 * Deno.serve(route)
 * ```
 */
export function createWebhookRoute<Events extends object = Record<string, unknown>>(
  options: WebhookRouteOptions,
  handle: EventHandler<Events>,
): (request: Request) => Promise<Response> {
  const receiver = withExplainer(receiverOver(ENGINE, withSentStatus(options), TERMS), options)
  const limits = readBodyLimits(options)
  if (typeof handle !== 'function') throw invalidOption('handle', 'a function')
  return async (request) => {
    const { method, url, headers, signal } = request
    const input: ReceiveInput = {
      method,
      url,
      headers,
      body: (_maxBytes, budget) => readFetchBody(request, limits, budget),
    }
    const answering = keepAnswer(
      (delivery, context) => handle(delivery as EventDelivery<Events>, context),
      readOwnResponse,
    )
    const outcome = await receiver.receive(input, answering.handle, { signal })
    return answering.answerFor(outcome) ?? responseTo(answerOf(outcome, options.handshake))
  }
}

const ENGINE = { proof: webEngine, inflater: webInflater }
const TERMS = { optionNames: ADAPTER_OPTIONS, sign: webSign }

function responseTo({ status, headers, body }: TextAnswer): Response {
  return new Response(body === '' ? null : body, { status, headers }) // with a text, even an empty one, comes a content type
}
