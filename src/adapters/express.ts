// Webhooks in Express 4 and 5: a middleware that lets genuine deliveries through, once each. Express itself is not needed here.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { VerifiedDelivery } from '../webhook/delivery.ts'
import { type HeldAnswer, holdAnswer, withSentStatus } from './shared/held-answer.ts'
import { nodeReceiver, sendAnswer } from './shared/node-receiver.ts'
import type { WebhookAdapterOptions } from './shared/options.ts'
import { setPrototypesAreDear, shareShape } from './shared/shape.ts'

export type { ApplicationDeclined } from './shared/held-answer.ts'
export { type EventDelivery, readPayload, type StandardSchema } from './shared/payload.ts'

/** What the middleware is made of: a receiver's options, and a deadline for the body. */
export type ExpressWebhookOptions = WebhookAdapterOptions

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
    }
  }
}

/**
 * Makes a middleware. Whatever is not a genuine, new delivery is answered right here; the rest goes on with `req.webhook`. The delivery
 * is committed when the application answers with a 2xx, before the last byte of that answer leaves, and released when it answers
 * anything else, calls `next(error)` or breaks off. Always answer, also where the sender has gone: until then the claim is kept.
 *
 * Mount it before any body parser.
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
  const receiver = nodeReceiver(withSentStatus(options), ALREADY_PARSED)
  const paysForShapes = setPrototypesAreDear()

  async function receive(request: IncomingMessage, response: ServerResponse, next: () => void): Promise<void> {
    let answer: HeldAnswer | undefined
    const outcome = await receiver.receive(request, response, (delivery) => {
      const taken = request as IncomingMessage & { webhook: VerifiedDelivery; _body: boolean }
      taken.webhook = delivery
      taken._body = true // how body parsers tell each other that there is nothing left to read
      answer = holdAnswer(response)
      return answer.decideBy(next)
    })
    if (!answer?.letGo()) sendAnswer(receiver, request, response, outcome)
  }

  return (request, response, next) => {
    if (paysForShapes) {
      shareShape(request, 'url')
      shareShape(response, 'req')
    }
    void receive(request, response, next)
  }
}

const ALREADY_PARSED =
  "Something read the body of this request before expressWebhook did, most likely express.json(). Mount the webhook route before it: app.post('/webhooks', expressWebhook(options), handler) above app.use(express.json()). Where that cannot be, keep the bytes: express.raw({ type: '*/*' }) on this path, or express.json({ verify: (req, _res, bytes) => { req.rawBody = bytes } })."
