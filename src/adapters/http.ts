// Webhooks over raw Node http: one listener that reads, verifies, hands over once, and always answers.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { invalidOption } from '../webhook/errors.ts'
import { nodeReceiver, sendAnswer } from './shared/node-receiver.ts'
import type { WebhookAdapterOptions } from './shared/options.ts'
import type { EventDelivery, EventHandler } from './shared/payload.ts'

export { type EventDelivery, type EventHandler, readPayload, type StandardSchema } from './shared/payload.ts'

/** What a listener is made of: a receiver's options, and a deadline for the body. */
export type WebhookListenerOptions = WebhookAdapterOptions

/**
 * Makes a request listener. The delivery is committed when `handle` resolves and released when it throws or rejects; a sender that goes
 * away releases only what has not started. The listener answers every request itself, so it never calls a `next`.
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
  const receiver = nodeReceiver(options, ALREADY_PARSED)
  if (typeof handle !== 'function') throw invalidOption('handle', 'a function')
  return async (request, response) => {
    const outcome = await receiver.receive(request, response, (delivery, context) =>
      handle(delivery as EventDelivery<Events>, context),
    )
    sendAnswer(receiver, request, response, outcome)
  }
}

const ALREADY_PARSED =
  'Something read the body of this request before the webhook listener did. Mount the listener before any body parser; in a Next.js API route export config = { api: { bodyParser: false } }.'
