// Creates a receiver over node:crypto and node:zlib. The adapters that run on Node use it too.

import { nodeEngine, nodeSign } from './proof/node.ts'
import type { WebhookReceiverOptions } from './receiver-options.ts'
import { nodeInflater } from './receiving/inflate-node.ts'
import { type ReceiverOptionsOfAdapter, receiverOver } from './receiving/receiver.ts'
import type { AdapterReceiver, WebhookReceiver } from './receiving/receiver-contract.ts'

/**
 * Creates a receiver. It verifies each delivery, claims it in a store, handles it once, and commits the claim or releases it.
 *
 * @param options The sender's secrets and scheme, the store, and limits; only the secrets are required.
 * @returns A receiver whose `receive` resolves to an outcome for anything that a sender can send.
 * @throws {WebhookError} `invalid_option` or `invalid_scheme` if an option makes no sense, `invalid_secret` if a secret cannot be used.
 *
 * @example
 * ```ts
 * const receiver = createWebhookReceiver({ secrets: process.env.WEBHOOK_SECRET })
 * const outcome = await receiver.receive({ headers, body }, async (delivery) => {
 *   await credit(delivery.json())
 * })
 * response.writeHead(outcome.status, { 'content-type': 'application/json', ...outcome.headers })
 * response.end(JSON.stringify({ ok: outcome.ok, code: outcome.code }))
 * ```
 */
export function createWebhookReceiver(options: WebhookReceiverOptions): WebhookReceiver {
  return receiverOver(ENGINE, options)
}

/** The same for an adapter, which has options of its own beside the receiver's: their names are `optionNames`. */
export function receiverByNode(options: ReceiverOptionsOfAdapter, optionNames: readonly string[]): AdapterReceiver {
  return receiverOver(ENGINE, options, { optionNames, sign: nodeSign })
}

const ENGINE = { proof: nodeEngine, inflater: nodeInflater }
