/**
 * Webhooks in Express 4 and 5, and in other frameworks with `(req, res, next)`: a middleware that lets through only genuine deliveries,
 * each one once. It does not need Express itself.
 *
 * @module
 *
 * @example
 * ```ts
 * import express from 'express'
 * import { expressWebhook } from '@fluxora/verify/express'
 *
 * const app = express()
 * app.post('/webhooks', expressWebhook({ secrets: process.env.WEBHOOK_SECRET }), (req, res) => {
 *   console.log(req.webhook.event, req.webhook.json())
 *   res.json({ ok: true })
 * })
 * app.use(express.json()) // after the webhook route, which needs the raw body
 * app.listen(3000)
 * ```
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { VerifiedDelivery } from '../webhook/verified-delivery.ts'
import { withSentStatus } from './shared/decision.ts'
import { HeldAnswer } from './shared/held-answer.ts'
import { isSetPrototypeSlow, shareHiddenClass } from './shared/hidden-class.ts'
import { type NodeAdapter, nodeReceiver, sendAnswer } from './shared/node-receiver.ts'
import { HELD_ANSWER_OPTIONS, type HeldAnswerOptions, readAbandonedMs } from './shared/options.ts'

export type { ApplicationDeclined } from './shared/decision.ts'
export { type DiagnosisInput, type ExplainedRefusal, type ExplainOptions, explainWith } from './shared/explain.ts'
export type { WebhookExplainer } from './shared/explainer.ts'
export { type EventDelivery, readPayload, type StandardSchema } from './shared/payload.ts'

/** The options of the middleware: a receiver's, a deadline for the body, and a deadline for answers after the sender has disconnected. */
export interface ExpressWebhookOptions extends HeldAnswerOptions {}

/** A middleware, as Express 4, Express 5 and similar frameworks take it. */
export type ExpressWebhookHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void

declare global {
  // The types of Express can be extended here. Without them it is a name that nobody uses.
  namespace Express {
    interface Request {
      /** The verified delivery, on routes behind `expressWebhook`. */
      webhook: VerifiedDelivery
      /** What the `transaction` option passed to `run` beside the store. */
      webhookTransaction?: unknown
    }
  }
}

/**
 * Makes a middleware. It answers everything that is not a genuine, new delivery itself, and calls `next` with `req.webhook` for the rest.
 * If the application answers with a 2xx, the delivery is committed before the last byte of that answer is sent. If it answers anything
 * else, calls `next(error)` or destroys the response, the delivery is released.
 *
 * Always answer, even if the sender has disconnected: an application that never does keeps its claim for `abandonedSeconds`.
 *
 * Mount it before any body parser. If a body parser already ran, the error says how to reorder the middleware. It reads the headers as
 * they were received (`req.rawHeaders`), so changes that a middleware makes to `req.headers` have no effect. If you need them, use
 * `createWebhookReceiver`, and pass it the headers.
 *
 * @param options Only `secrets` (or `tenant`) is required.
 * @returns The middleware, for one route or for all below a path.
 * @throws {WebhookError} `invalid_secret`, `invalid_option` or `invalid_scheme` if the options make no sense.
 *
 * @example
 * ```ts
 * app.post('/webhooks', expressWebhook({ secrets: process.env.WEBHOOK_SECRET }), async (req, res) => {
 *   await credit(req.webhook.json())
 *   res.json({ ok: true })
 * })
 * app.use(express.json())
 * ```
 */
export function expressWebhook(options: ExpressWebhookOptions): ExpressWebhookHandler {
  const receiver = nodeReceiver(withSentStatus(options), ADAPTER)
  const abandonedMs = readAbandonedMs(options)
  const needsSharedClasses = isSetPrototypeSlow()

  async function receive(request: IncomingMessage, response: ServerResponse, next: () => void): Promise<void> {
    const exchange = { request, response }
    let answer: HeldAnswer | undefined
    const outcome = await receiver.receive(exchange, (delivery, { transaction }) => {
      const accepted = request as AcceptedRequest
      accepted.webhook = delivery
      if (transaction !== undefined) accepted.webhookTransaction = transaction
      accepted._body = true // tells body parsers that the body has been read
      const log = (message: string, error: unknown): void => receiver.logMistake(exchange, message, error)
      answer = new HeldAnswer(response, { abandonedMs, log })
      return answer.decideBy(next)
    })
    if (answer) answer.settle(outcome, () => receiver.prepareAnswer(request, outcome))
    else sendAnswer(receiver, exchange, outcome)
  }

  return (request, response, next) => {
    if (needsSharedClasses) {
      shareHiddenClass(request, 'url')
      shareHiddenClass(response, 'req')
    }
    void receive(request, response, next)
  }
}

type AcceptedRequest = IncomingMessage & { webhook: VerifiedDelivery; webhookTransaction: unknown; _body: boolean }

const ADAPTER: NodeAdapter = {
  name: 'express',
  optionNames: HELD_ANSWER_OPTIONS,
  alreadyParsed:
    "Something read the body of this request before expressWebhook did, most likely express.json(). Mount the webhook route first: put app.post('/webhooks', expressWebhook(options), handler) above app.use(express.json()). If you cannot, keep the raw bytes: use express.raw({ type: '*/*' }) on this path, or express.json({ verify: (req, _res, bytes) => { req.rawBody = bytes } }). In NestJS, create the application with { rawBody: true }.",
}
