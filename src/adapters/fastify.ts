/**
 * Webhooks in Fastify 4 and 5: a plugin that gives the routes of its scope only genuine deliveries, each one once. It does not need
 * Fastify itself.
 *
 * @module
 *
 * @example
 * ```ts
 * import fastify from 'fastify'
 * import { fastifyWebhook } from '@fluxora/verify/fastify'
 *
 * const app = fastify({ logger: true })
 * app.register(async (scope) => {
 *   await scope.register(fastifyWebhook, { secrets: process.env.WEBHOOK_SECRET })
 *   scope.post('/webhooks', async (request) => {
 *     request.log.info({ event: request.webhook.event }, 'delivery')
 *     return { ok: true }
 *   })
 * })
 * await app.listen({ port: 3000 })
 * ```
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { VerifiedDelivery } from '../webhook/verified-delivery.ts'
import type { Answer } from './shared/answer.ts'
import { withSentStatus } from './shared/decision.ts'
import { isResponse } from './shared/handler-answer.ts'
import { HeldAnswer } from './shared/held-answer.ts'
import { logOf, type NodeAdapter, type NodeReceiver, nodeReceiver } from './shared/node-receiver.ts'
import { HELD_ANSWER_OPTIONS, type HeldAnswerOptions, readAbandonedMs } from './shared/options.ts'

export type { ApplicationDeclined } from './shared/decision.ts'
export { type DiagnosisInput, type ExplainedRefusal, type ExplainOptions, explainWith } from './shared/explain.ts'
export type { WebhookExplainer } from './shared/explainer.ts'
export { type EventDelivery, readPayload, type StandardSchema } from './shared/payload.ts'

/**
 * The options of the plugin: a receiver's, a deadline for the body, a deadline for answers after the sender has disconnected, and Fastify's
 * own register options.
 */
export interface FastifyWebhookOptions extends HeldAnswerOptions {
  /** Fastify's own, which the plugin ignores: a path before those of the routes. */
  readonly prefix?: string | undefined
  /** Fastify's own, which the plugin ignores: the least level that is logged. */
  readonly logLevel?: string | undefined
  /** Fastify's own, which the plugin ignores: how values are written to the log. */
  readonly logSerializers?: object | undefined
}

/** The part of a Fastify instance that the plugin uses. */
export interface FastifyScope {
  readonly addHook: (...args: never[]) => unknown
  readonly decorateRequest: (...args: never[]) => unknown
  readonly hasRequestDecorator: (...args: never[]) => boolean
  readonly removeAllContentTypeParsers: (...args: never[]) => unknown
  readonly addContentTypeParser: (...args: never[]) => unknown
}

/** A plugin, as Fastify 4 and 5 take it. */
export type FastifyWebhookPlugin = (
  scope: FastifyScope,
  options: FastifyWebhookOptions,
  done: (error?: Error) => void,
) => void

// biome-ignore lint/suspicious/noTsIgnore: it must compile with Fastify's types and without them
/** @ts-ignore: without Fastify's types there is nothing to add to */
declare module 'fastify' {
  interface FastifyRequest {
    /** The verified delivery, on routes of a scope in which `fastifyWebhook` is registered. */
    webhook: VerifiedDelivery
    /** What the `transaction` option passed to `run` beside the store. */
    webhookTransaction: unknown
  }
}

/**
 * The plugin. Every route of the scope that you register it in becomes a webhook. The plugin answers everything that is not a genuine, new
 * delivery itself. The route's handler gets the rest, with `request.webhook`, and with the raw bytes as `request.body`, whatever the
 * content type. If the route answers with a 2xx, the delivery is committed before the last byte of that answer is sent. If it answers
 * anything else or fails, the delivery is released.
 *
 * Always answer, even if the sender has disconnected: an application that never does keeps its claim for `abandonedSeconds`.
 *
 * The plugin reads the headers as they were received (`request.raw.rawHeaders`), so changes that a hook makes to `request.headers` have no
 * effect. If you need them, use `createWebhookReceiver`, and pass it the headers.
 *
 * @throws {WebhookError} `invalid_secret`, `invalid_option` or `invalid_scheme` from `register`, if the options make no sense.
 *
 * @example
 * ```ts
 * app.register(async (scope) => {
 *   await scope.register(fastifyWebhook, { secrets: process.env.WEBHOOK_SECRET })
 *   scope.post('/webhooks', async (request) => {
 *     await credit(request.webhook.json())
 *     return { ok: true }
 *   })
 * })
 * ```
 */
export const fastifyWebhook: FastifyWebhookPlugin = /* @__PURE__ */ asScopedPlugin((instance, options, done) => {
  try {
    install(instance as unknown as Scope, options)
  } catch (error) {
    return done(error as Error) // if it were thrown, Fastify would wait for the plugin until a timeout
  }
  done()
})

/** The answers of the deliveries that were handed to routes, by Node's request. */
type Answers = WeakMap<object, HeldAnswer>

function install(scope: Scope, given: FastifyWebhookOptions): void {
  const { prefix: _prefix, logLevel: _logLevel, logSerializers: _logSerializers, ...options } = given
  const receiver = nodeReceiver(withSentStatus(options), ADAPTER)
  const answers: Answers = new WeakMap()
  for (const name of ['webhook', 'webhookTransaction'])
    if (!scope.hasRequestDecorator(name)) scope.decorateRequest(name, null)
  receiveDeliveries(scope, receiver, answers, readAbandonedMs(options))
  if (options.onOutcome === undefined) logFailedRoutes(scope, receiver, answers)
  decideByWebStreams(scope, answers)
  decideByReturning(scope, answers)
}

const ADAPTER: NodeAdapter = {
  name: 'fastify',
  optionNames: HELD_ANSWER_OPTIONS,
  alreadyParsed:
    "Something read the body of this request before fastifyWebhook did, most likely a preParsing or onRequest hook. Register the plugin in a scope of its own, outside the scope of that hook: app.register(async (scope) => { await scope.register(fastifyWebhook, options); scope.post('/webhooks', handler) }).",
}

/** Reads and verifies each request in a preParsing hook: after the scope's onRequest hooks, such as a rate limit, and before a parser. */
function receiveDeliveries(scope: Scope, receiver: NodeReceiver, answers: Answers, abandonedMs: number): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (request, _payload, parsed) => parsed(null, request.webhook?.body))
  scope.addHook('preParsing', (request, reply, payload, next) => {
    const raw = withRawBody(request.raw, request)
    const exchange = { request: raw, response: reply.raw, stream: payload, frameworkRequest: request }
    const received = receiver.receive(exchange, (delivery, { transaction }) => {
      request.webhook = delivery
      request.webhookTransaction = transaction
      replaceInvalidContentType(raw)
      const log = (message: string, error: unknown): void => receiver.logMistake(exchange, message, error)
      const answer = new HeldAnswer(reply.raw, { abandonedMs, log })
      answers.set(raw, answer)
      // A parser that is added to the scope later gets the verified bytes.
      return answer.decideBy(() => next(null, streamOf(delivery.body)))
    })
    void received.then((outcome) => {
      const answer = answers.get(raw)
      if (answer) return answer.settle(outcome, () => receiver.prepareAnswer(raw, outcome))
      if (reply.sent || reply.raw.destroyed) return
      const { status, headers, body } = receiver.prepareAnswer(raw, outcome)
      reply.code(status).headers(headers).send(body)
    })
  })
}

/** If Fastify's own logger is switched off, nobody else would log that a route failed. */
function logFailedRoutes(scope: Scope, receiver: NodeReceiver, answers: Answers): void {
  scope.addHook('onError', (request, reply, error, next) => {
    const exchange = { request: request.raw, response: reply.raw, frameworkRequest: request }
    if (answers.has(request.raw) && !logOf(request)) receiver.logMistake(exchange, 'The route handler failed.', error)
    next()
  })
}

/**
 * Fastify silently drops a web stream if the sender has disconnected, so the response would not show the route's decision. If the sender
 * left before the answer, an empty body is sent instead, with the route's status. If it leaves later, the answer has begun.
 */
function decideByWebStreams(scope: Scope, answers: Answers): void {
  scope.addHook('onSend', (request, reply, payload, next) => {
    const answer = answers.get(request.raw)
    const stream = webStreamOf(payload)
    if (!answer || !stream) return next(null, payload)
    if (isResponse(payload)) reply.code(payload.status)
    if (answer.isSenderGone) {
      stream.cancel().catch(() => {})
      return next(null, '')
    }
    answer.begin()
    next(null, payload)
  })
}

/** Fastify sends nothing for a handler that resolves to undefined after the sender has disconnected. That it resolved is its decision. */
function decideByReturning(scope: Scope, answers: Answers): void {
  scope.addHook('onRoute', (route) => {
    const { handler } = route
    route.handler = function (this: unknown, request, reply) {
      const result = handler.call(this, request, reply)
      const decide = (value: unknown): void => {
        const answer = answers.get(request.raw)
        if (value === undefined && answer?.isSenderGone && !reply.sent) answer.decide(reply.raw.statusCode)
      }
      if (result instanceof Promise) result.then(decide, () => {})
      return result
    }
  })
}

/** Fastify 5 refuses an invalid Content-Type before it asks a parser. The header is not signed, and the delivery is genuine. */
function replaceInvalidContentType({ headers }: IncomingMessage): void {
  const type = headers['content-type']
  if (type !== undefined && !MEDIA_TYPE.test(type)) headers['content-type'] = 'application/octet-stream'
}

// RFC 9110 section 8.3.1.
const MEDIA_TYPE = /^\s*[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(?:;|$)/

function webStreamOf(payload: unknown): ReadableStream | undefined {
  if (payload instanceof ReadableStream) return payload
  if (isResponse(payload)) return payload.body ?? undefined
  return undefined
}

/** Raw-body plugins keep the bytes on Fastify's request, serverless hosts on Node's. */
function withRawBody(raw: IncomingMessage, { rawBody }: FastifyRequest): IncomingMessage {
  return rawBody instanceof Uint8Array ? Object.assign(raw, { rawBody }) : raw
}

function streamOf(bytes: Uint8Array): Readable {
  return new Readable({
    read() {
      this.push(bytes)
      this.push(null)
    },
  })
}

/** Makes Fastify run the plugin in the scope that it is registered in, not in a new one below it. */
function asScopedPlugin(plugin: FastifyWebhookPlugin): FastifyWebhookPlugin {
  return Object.assign(plugin, {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: '@fluxora/verify',
  })
}

// As much of Fastify's types as is used here. They are structural, so that the package needs no Fastify.

interface FastifyRequest {
  readonly raw: IncomingMessage
  webhook: VerifiedDelivery | null
  webhookTransaction: unknown
  rawBody?: unknown
}

interface FastifyReply {
  readonly raw: ServerResponse
  readonly sent: boolean
  code(status: number): FastifyReply
  headers(headers: Answer['headers']): FastifyReply
  send(body: Answer['body']): FastifyReply
}

type Next<Result> = (error: Error | null, result?: Result) => void
type ParsingHook = (request: FastifyRequest, reply: FastifyReply, payload: Readable, next: Next<Readable>) => void
type SendingHook = (request: FastifyRequest, reply: FastifyReply, payload: unknown, next: Next<unknown>) => void
type ErrorHook = (request: FastifyRequest, reply: FastifyReply, error: unknown, next: () => void) => void
type RouteHandler = (this: unknown, request: FastifyRequest, reply: FastifyReply) => unknown

interface Scope {
  hasRequestDecorator(name: string): boolean
  decorateRequest(name: string, value: null): void
  removeAllContentTypeParsers(): void
  addContentTypeParser(
    type: string,
    parser: (request: FastifyRequest, payload: Readable, parsed: (error: null, body: unknown) => void) => void,
  ): void
  addHook(name: 'preParsing', hook: ParsingHook): void
  addHook(name: 'onError', hook: ErrorHook): void
  addHook(name: 'onSend', hook: SendingHook): void
  addHook(name: 'onRoute', hook: (route: { handler: RouteHandler }) => void): void
}
