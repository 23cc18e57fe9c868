/**
 * Webhooks over Node's own http, and wherever a request is answered by `(request, response)`: a listener that verifies each delivery, hands
 * it to your code once, and always answers.
 *
 * @module
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 * import { createWebhookListener } from '@fluxora/verify/http'
 *
 * const listener = createWebhookListener({ secrets: process.env.WEBHOOK_SECRET }, async (delivery) => {
 *   console.log(delivery.event, delivery.json())
 * })
 * createServer(listener).listen(3000)
 * ```
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { invalidOption } from '../shared/webhook-error.ts'
import { withSentStatus } from './shared/decision.ts'
import { keepAnswer } from './shared/handler-answer.ts'
import { readHandlerAnswer } from './shared/http-answer.ts'
import { type NodeAdapter, nodeReceiver, sendAnswer } from './shared/node-receiver.ts'
import { ADAPTER_OPTIONS, type WebhookAdapterOptions } from './shared/options.ts'
import type { EventDelivery, EventHandler } from './shared/payload.ts'

export type { ApplicationDeclined } from './shared/decision.ts'
export { type DiagnosisInput, type ExplainedRefusal, type ExplainOptions, explainWith } from './shared/explain.ts'
export type { WebhookExplainer } from './shared/explainer.ts'
export type { HandlerAnswer } from './shared/http-answer.ts'
export { type EventDelivery, type EventHandler, readPayload, type StandardSchema } from './shared/payload.ts'

/** The options of the listener: a receiver's, and a deadline for the body. */
export interface WebhookListenerOptions extends WebhookAdapterOptions {}

/**
 * Makes a request listener. The delivery is committed when `handle` resolves, and released when it throws or rejects. If the sender
 * disconnects, a handler that is already running is not interrupted. If `handle` resolves to a `HandlerAnswer`, that answer is sent instead
 * of the usual one: a 2xx commits the delivery, anything else releases it.
 *
 * The listener answers every request itself, so it never calls a `next`. It reads the headers as they were received (`rawHeaders`), so
 * changes that a middleware makes to `request.headers` have no effect. If you need them, use `createWebhookReceiver`, and pass it the
 * headers.
 *
 * @param options Only `secrets` (or `tenant`) is required.
 * @param handle Handles one delivery.
 * @returns A listener. Its promise resolves when the request is answered, for hosts that wait for it, and never rejects.
 * @throws {WebhookError} `invalid_secret`, `invalid_option` or `invalid_scheme` if the options make no sense.
 *
 * @example
 * ```ts
 * const listener = createWebhookListener({ secrets: process.env.WEBHOOK_SECRET }, async (delivery) => {
 *   await credit(delivery.json())
 * })
 * createServer((request, response) => {
 *   if (request.url === '/webhooks') return listener(request, response)
 *   response.writeHead(404).end()
 * }).listen(3000)
 * ```
 */
export function createWebhookListener<Events extends object = Record<string, unknown>>(
  options: WebhookListenerOptions,
  handle: EventHandler<Events>,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const receiver = nodeReceiver(withSentStatus(options), ADAPTER)
  if (typeof handle !== 'function') throw invalidOption('handle', 'a function')
  return async (request, response) => {
    const exchange = { request, response }
    const answering = keepAnswer(
      (delivery, context) => handle(delivery as EventDelivery<Events>, context),
      readHandlerAnswer,
    )
    const outcome = await receiver.receive(exchange, answering.handle)
    sendAnswer(receiver, exchange, outcome, answering.answerFor(outcome))
  }
}

const ADAPTER: NodeAdapter = {
  name: 'http',
  optionNames: ADAPTER_OPTIONS,
  alreadyParsed:
    'Something read the body of this request before the webhook listener did. Mount the listener before any body parser. In a Next.js API route, export config = { api: { bodyParser: false } }.',
}
