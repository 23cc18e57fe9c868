// Webhooks in Express 4 and 5: a middleware that lets genuine deliveries through, once each. Express itself is not needed here.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { VerifiedDelivery } from '../webhook/verified-delivery.ts'
import { withSentStatus } from './shared/declined.ts'
import { HeldAnswer } from './shared/held-answer.ts'
import { type NodeAdapter, nodeReceiver, sendAnswer } from './shared/node-receiver.ts'
import { HELD_ADAPTER_OPTIONS, type HeldAdapterOptions, readAbandonedMs } from './shared/options.ts'
import { setPrototypesAreDear, shareShape } from './shared/shape.ts'

export type { ApplicationDeclined } from './shared/declined.ts'
export { type EventDelivery, readPayload, type StandardSchema } from './shared/payload.ts'

/** What the middleware is made of: a receiver's options, and deadlines for the body and for an application whose sender has gone. */
export type ExpressWebhookOptions = HeldAdapterOptions

/** A middleware, as Express 4 and 5 and whatever is built like them take it. */
export type ExpressWebhookHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void

declare global {
  // The types of Express are open for this; where they are not installed, it is a name that nobody uses.
  namespace Express {
    interface Request {
      /** The verified delivery, on routes behind `expressWebhook`. */
      webhook: VerifiedDelivery
      /** What the `transaction` option gave to `run` beside the store. */
      webhookTransaction?: unknown
    }
  }
}

/**
 * Makes a middleware. Whatever is not a genuine, new delivery is answered right here; the rest goes on with `req.webhook`. The delivery
 * is committed when the application answers with a 2xx, before the last byte of that answer leaves, and released when it answers
 * anything else, calls `next(error)` or breaks off. Always answer, also where the sender has gone: an application that then says nothing
 * keeps its claim for `abandonedSeconds`.
 *
 * Mount it before any body parser. It reads the headers as they were received (`req.rawHeaders`): what a middleware has changed in
 * `req.headers` is not seen. Where it must be, use `createWebhookReceiver` with headers of your own.
 *
 * @throws {WebhookError} `invalid_secret`, `invalid_option` or `invalid_scheme`
 * @example
 * app.post('/webhooks', expressWebhook({ secrets: process.env.WEBHOOK_SECRET }), async (req, res) => {
 *   await credit(req.webhook.json())
 *   res.json({ ok: true })
 * })
 * app.use(express.json())
 */
export function expressWebhook(options: ExpressWebhookOptions): ExpressWebhookHandler {
  const receiver = nodeReceiver(withSentStatus(options), ADAPTER)
  const abandonedMs = readAbandonedMs(options)
  const paysForShapes = setPrototypesAreDear()

  async function receive(request: IncomingMessage, response: ServerResponse, next: () => void): Promise<void> {
    const exchange = { request, response }
    let answer: HeldAnswer | undefined
    const outcome = await receiver.receive(exchange, (delivery, { transaction }) => {
      const taken = request as Taken
      taken.webhook = delivery
      if (transaction !== undefined) taken.webhookTransaction = transaction
      taken._body = true // how body parsers tell each other that there is nothing left to read
      const log = (message: string, error: unknown): void => receiver.complain(exchange, message, error)
      answer = new HeldAnswer(response, { abandonedMs, log })
      return answer.decideBy(next)
    })
    if (!answer) sendAnswer(receiver, exchange, outcome)
    else if (!answer.letGo(outcome)) answer.answerInstead(receiver.answer(request, outcome))
  }

  return (request, response, next) => {
    if (paysForShapes) {
      shareShape(request, 'url')
      shareShape(response, 'req')
    }
    void receive(request, response, next)
  }
}

type Taken = IncomingMessage & { webhook: VerifiedDelivery; webhookTransaction: unknown; _body: boolean }

const ADAPTER: NodeAdapter = {
  name: 'express',
  optionNames: HELD_ADAPTER_OPTIONS,
  alreadyParsed:
    "Something read the body of this request before expressWebhook did, most likely express.json(). Mount the webhook route before it: app.post('/webhooks', expressWebhook(options), handler) above app.use(express.json()). Where that cannot be, keep the bytes: express.raw({ type: '*/*' }) on this path, or express.json({ verify: (req, _res, bytes) => { req.rawBody = bytes } }). In NestJS, create the application with { rawBody: true }.",
}
