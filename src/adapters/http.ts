// Webhooks over raw Node http: one listener that reads, verifies, hands over once, and always answers.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { invalidOption } from '../shared/webhook-error.ts'
import { withSentStatus } from './shared/declined.ts'
import { readHandlerAnswer } from './shared/handler-answer.ts'
import { type NodeAdapter, nodeReceiver, sendAnswer } from './shared/node-receiver.ts'
import { ADAPTER_OPTIONS, type WebhookAdapterOptions } from './shared/options.ts'
import { answering } from './shared/own-answer.ts'
import type { EventDelivery, EventHandler } from './shared/payload.ts'

export type { ApplicationDeclined } from './shared/declined.ts'
export type { HandlerAnswer } from './shared/handler-answer.ts'
export { type EventDelivery, type EventHandler, readPayload, type StandardSchema } from './shared/payload.ts'

/** What a listener is made of: a receiver's options, and a deadline for the body. */
export type WebhookListenerOptions = WebhookAdapterOptions

/**
 * Makes a request listener. The delivery is committed when `handle` resolves and released when it throws or rejects; a sender that goes
 * away releases only what has not started. A `HandlerAnswer` that it resolves to is sent in the place of the usual answer: a 2xx commits,
 * anything else releases. The listener answers every request itself, so it never calls a `next`.
 *
 * It reads the headers as they were received (`rawHeaders`): what a middleware has changed in `request.headers` is not seen. Where it must
 * be, use `createWebhookReceiver` with headers of your own.
 *
 * @returns a listener whose promise resolves once the request is answered, for hosts that wait for it; it never rejects
 * @throws {WebhookError} `invalid_secret`, `invalid_option` or `invalid_scheme`
 * @example
 * const listener = createWebhookListener({ secrets: process.env.WEBHOOK_SECRET }, async (delivery) => {
 *   await credit(delivery.json())
 * })
 * createServer((request, response) => {
 *   if (request.url === '/webhooks') return listener(request, response)
 *   response.writeHead(404).end()
 * }).listen(3000)
 */
export function createWebhookListener<Events extends object = Record<string, unknown>>(
  options: WebhookListenerOptions,
  handle: EventHandler<Events>,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const receiver = nodeReceiver(withSentStatus(options), ADAPTER)
  if (typeof handle !== 'function') throw invalidOption('handle', 'a function')
  return async (request, response) => {
    const exchange = { request, response }
    const { handle: watched, answerTo } = answering(
      (delivery, context) => handle(delivery as EventDelivery<Events>, context),
      readHandlerAnswer,
    )
    const outcome = await receiver.receive(exchange, watched)
    sendAnswer(receiver, exchange, outcome, answerTo(outcome))
  }
}

const ADAPTER: NodeAdapter = {
  name: 'http',
  optionNames: ADAPTER_OPTIONS,
  alreadyParsed:
    'Something read the body of this request before the webhook listener did. Mount the listener before any body parser; in a Next.js API route export config = { api: { bodyParser: false } }.',
}
