// Webhooks wherever a Request is answered by a Response: Hono, Next.js, Workers, Bun, Deno, service workers. WebCrypto, nothing of Node.

import { invalidOption } from '../shared/webhook-error.ts'
import { webMac } from '../webhook/proof/web.ts'
import { webInflater } from '../webhook/receiving/inflate-web.ts'
import { type ReceiveInput, receiverOver } from '../webhook/receiving/receiver.ts'
import { answerOf } from './shared/answer.ts'
import { withSentStatus } from './shared/declined.ts'
import { readFetchBody } from './shared/fetch-body.ts'
import { ADAPTER_OPTIONS, readBodyLimits, type WebhookAdapterOptions } from './shared/options.ts'
import { answering } from './shared/own-answer.ts'
import { readOwnResponse } from './shared/own-response.ts'
import type { EventDelivery, EventHandler } from './shared/payload.ts'

export { FluxoraError } from '../shared/fluxora-error.ts'
export { isWebhookError, WebhookError } from '../shared/webhook-error.ts'
export type { DedupeStore } from '../stores/contract.ts'
export { memoryDedupeStore } from '../stores/memory/store.ts'
export type { WebhookCode } from '../webhook/codes.ts'
export type { WebhookBody } from '../webhook/pipeline/body.ts'
export type { Verification } from '../webhook/pipeline/verdict.ts'
export type { OutcomeReport } from '../webhook/receiving/outcome.ts'
export type { HandlerContext } from '../webhook/receiving/receiver.ts'
export { previousSecret, type WebhookSecret } from '../webhook/secrets.ts'
export type { VerifiedDelivery } from '../webhook/verified-delivery.ts'
export type { WebhookVerifierOptions } from '../webhook/verify.ts'
export { type AsyncWebhookVerifier, createAsyncWebhookVerifier } from '../webhook/verify-async.ts'
export type { ApplicationDeclined } from './shared/declined.ts'
export { type EventDelivery, type EventHandler, readPayload, type StandardSchema } from './shared/payload.ts'

/** What a route is made of: a receiver's options, and a deadline for the body. */
export type WebhookRouteOptions = WebhookAdapterOptions

/**
 * Makes a route. The delivery is committed when `handle` resolves and released when it throws or rejects. A `Response` that it resolves to
 * is sent in the place of the usual answer: a 2xx commits, anything else releases. The route answers every request, and its promise never
 * rejects.
 *
 * It sees the headers of the `Request` that it is given: what a middleware has to change there, it passes on in a Request of its own.
 * The default dedupe store lives in this process; where requests reach one isolate or another, give it a shared one.
 *
 * @throws {WebhookError} `invalid_secret`, `invalid_option` or `invalid_scheme`
 * @example
 * const route = createWebhookRoute({ secrets: env.WEBHOOK_SECRET }, async (delivery) => {
 *   await credit(delivery.json())
 * })
 * export const POST = route                                // Next.js, app/webhooks/route.ts
 * app.all('/webhooks', (context) => route(context.req.raw)) // Hono
 * Deno.serve(route)
 */
export function createWebhookRoute<Events extends object = Record<string, unknown>>(
  options: WebhookRouteOptions,
  handle: EventHandler<Events>,
): (request: Request) => Promise<Response> {
  const receiver = receiverOver({ mac: webMac, inflater: webInflater }, withSentStatus(options), ADAPTER_OPTIONS)
  const limits = readBodyLimits(options)
  if (typeof handle !== 'function') throw invalidOption('handle', 'a function')
  return async (request) => {
    const { method, url, headers, signal } = request
    const input: ReceiveInput = {
      method,
      url,
      headers,
      body: (_most, budget) => readFetchBody(request, limits, budget),
    }
    const { handle: watched, answerTo } = answering(
      (delivery, context) => handle(delivery as EventDelivery<Events>, context),
      readOwnResponse,
    )
    const outcome = await receiver.receive(input, watched, { signal })
    const { status, headers: written, body } = answerOf(outcome)
    return answerTo(outcome) ?? new Response(body, { status, headers: written })
  }
}
