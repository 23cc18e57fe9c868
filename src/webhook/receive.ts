// The receiver over node:crypto.

import { nodeMac } from './proof/node.ts'
import type { WebhookReceiverOptions } from './receiver-options.ts'
import { nodeInflater } from './receiving/inflate-node.ts'
import { receiverOver, type WebhookReceiver } from './receiving/receiver.ts'

/**
 * Makes a receiver: each delivery is verified, claimed, handled once, and committed or released.
 *
 * @throws {WebhookError} `invalid_secret`, `invalid_option` or `invalid_scheme`
 * @example
 * const receiver = createWebhookReceiver({ secrets: process.env.WEBHOOK_SECRET })
 * const outcome = await receiver.receive({ headers, body }, async (delivery) => {
 *   await credit(delivery.json())
 * })
 * response.writeHead(outcome.status, { 'content-type': 'application/json', ...outcome.headers })
 * response.end(JSON.stringify({ ok: outcome.ok, code: outcome.code }))
 */
export function createWebhookReceiver(options: WebhookReceiverOptions): WebhookReceiver {
  return receiverByNode(options, [])
}

/** The same for an adapter, which reads options of its own beside the receiver's: their names are `extraNames`. */
export function receiverByNode(options: WebhookReceiverOptions, extraNames: readonly string[]): WebhookReceiver {
  return receiverOver({ mac: nodeMac, inflater: nodeInflater }, options, extraNames)
}
