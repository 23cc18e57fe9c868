// Webhooks in Fastify 4 and 5: a plugin that gives its scope's routes genuine deliveries, once each. Fastify itself is not needed here.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { VerifiedDelivery } from '../webhook/verified-delivery.ts'
import type { Answer } from './shared/answer.ts'
import { withSentStatus } from './shared/declined.ts'
import { HeldAnswer } from './shared/held-answer.ts'
import { logOf } from './shared/log.ts'
import { type NodeAdapter, type NodeReceiver, nodeReceiver } from './shared/node-receiver.ts'
import { HELD_ADAPTER_OPTIONS, type HeldAdapterOptions, readAbandonedMs } from './shared/options.ts'
import { isResponse } from './shared/own-response.ts'

export type { ApplicationDeclined } from './shared/declined.ts'
export { type EventDelivery, readPayload, type StandardSchema } from './shared/payload.ts'

/**
 * What the plugin is made of: a receiver's options, and deadlines for the body and for an application whose sender has gone. Fastify's own
 * register options may stand beside them.
 */
export interface FastifyWebhookOptions extends HeldAdapterOptions {
  readonly prefix?: string | undefined
  readonly logLevel?: string | undefined
  readonly logSerializers?: object | undefined
}

/** As much of a Fastify instance as `register` has to hand over. */
export interface FastifyScope {
  readonly addHook: (...given: never[]) => unknown
  readonly decorateRequest: (...given: never[]) => unknown
  readonly hasRequestDecorator: (...given: never[]) => boolean
  readonly removeAllContentTypeParsers: (...given: never[]) => unknown
  readonly addContentTypeParser: (...given: never[]) => unknown
}

/** A plugin, as Fastify 4 and 5 take it. */
export type FastifyWebhookPlugin = (
  scope: FastifyScope,
  options: FastifyWebhookOptions,
  done: (error?: Error) => void,
) => void

// biome-ignore lint/suspicious/noTsIgnore: it must hold with Fastify's types and without them
/** @ts-ignore: without Fastify's types there is nothing to add to */
declare module 'fastify' {
  interface FastifyRequest {
    /** The verified delivery, on routes in a scope that `fastifyWebhook` is registered in. */
    webhook: VerifiedDelivery
    /** What the `transaction` option gave to `run` beside the store. */
    webhookTransaction: unknown
  }
}

/**
 * The plugin. Registered in a scope, it makes every route of that scope a webhook: whatever is not a genuine, new delivery is answered
 * before the handler, the rest goes on with `request.webhook`, and with the raw bytes as `request.body`, of whatever content type. The
 * delivery is committed when the route answers with a 2xx, before the last byte of that answer leaves, and released when it answers
 * anything else or fails. An application that says nothing once its sender has gone keeps its claim for `abandonedSeconds`.
 *
 * It reads the headers as they were received (`request.raw.rawHeaders`): what a hook has changed in `request.headers` is not seen. Where it
 * must be, use `createWebhookReceiver` with headers of your own.
 *
 * @throws {WebhookError} from `register`: `invalid_secret`, `invalid_option` or `invalid_scheme`
 * @example
 * app.register(async (scope) => {
 *   await scope.register(fastifyWebhook, { secrets: process.env.WEBHOOK_SECRET })
 *   scope.post('/webhooks', async (request) => {
 *     await credit(request.webhook.json())
 *     return { ok: true }
 *   })
 * })
 */
export const fastifyWebhook: FastifyWebhookPlugin = /* @__PURE__ */ asScopedPlugin((instance, options, done) => {
  try {
    plug(instance as unknown as Scope, options)
  } catch (error) {
    return done(error as Error) // thrown, it would be waited out as a plugin that never loads
  }
  done()
})

/** The answers of the deliveries that routes are at, by Node's request. */
type Answers = WeakMap<object, HeldAnswer>

function plug(scope: Scope, given: FastifyWebhookOptions): void {
  const options = withoutRegisterOptions(given)
  const receiver = nodeReceiver(withSentStatus(options), ADAPTER)
  const answers: Answers = new WeakMap()
  for (const name of ['webhook', 'webhookTransaction'])
    if (!scope.hasRequestDecorator(name)) scope.decorateRequest(name, null)
  receiveBodies(scope, receiver, answers, readAbandonedMs(options))
  if (options.onOutcome === undefined) tellOfFailures(scope, receiver, answers)
  watchStreams(scope, answers)
  watchRoutes(scope, answers)
}

function receiveBodies(scope: Scope, receiver: NodeReceiver, answers: Answers, abandonedMs: number): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (request, _payload, parsed) => parsed(null, request.webhook?.body))
  // After the scope's own onRequest hooks, such as a rate limit, and before anything reads the body.
  scope.addHook('preParsing', (request, reply, payload, next) => {
    const { raw } = request
    const exchange = { request: withKept(raw, request), response: reply.raw, stream: payload, bearer: request }
    const received = receiver.receive(exchange, (delivery, { transaction }) => {
      request.webhook = delivery
      request.webhookTransaction = transaction
      mendContentType(raw)
      const log = (message: string, error: unknown): void => receiver.complain(exchange, message, error)
      const answer = new HeldAnswer(reply.raw, { abandonedMs, log })
      answers.set(raw, answer)
      // A parser that was added to the scope later reads what was verified.
      return answer.decideBy(() => next(null, streamOf(delivery.body)))
    })
    void received.then((outcome) => {
      const answer = answers.get(raw)
      if (answer?.letGo(outcome) || (!answer && (reply.sent || reply.raw.destroyed))) return
      const written = receiver.answer(raw, outcome)
      if (answer) answer.answerInstead(written)
      else reply.code(written.status).headers(written.headers).send(written.body)
    })
  })
}

/** Where Fastify's own logger is off, nobody else would tell of a route that fails. */
function tellOfFailures(scope: Scope, receiver: NodeReceiver, answers: Answers): void {
  scope.addHook('onError', (request, reply, error, next) => {
    const exchange = { request: request.raw, response: reply.raw, bearer: request }
    if (answers.has(request.raw) && !logOf(request)) receiver.complain(exchange, 'The route failed.', error)
    next()
  })
}

/**
 * Fastify gives up a stream of the web without a sound where the sender has gone. Gone before, nothing is sent in its place, so that the
 * status still comes to the response; gone later, the answer was under way.
 */
function watchStreams(scope: Scope, answers: Answers): void {
  scope.addHook('onSend', (request, reply, payload, next) => {
    const answer = answers.get(request.raw)
    const stream = webStreamOf(payload)
    if (!answer || !stream) return next(null, payload)
    if (isResponse(payload)) reply.code(payload.status)
    if (answer.isGone) {
      stream.cancel().catch(() => {})
      return next(null, '')
    }
    answer.begin()
    next(null, payload)
  })
}

/** A handler that returns nothing when the sender has gone is not answered for by Fastify: that it returned is its answer. */
function watchRoutes(scope: Scope, answers: Answers): void {
  scope.addHook('onRoute', (route) => {
    const { handler } = route
    route.handler = function (this: unknown, request, reply) {
      const result = handler.call(this, request, reply)
      const decide = (value: unknown): void => {
        const answer = answers.get(request.raw)
        if (value === undefined && answer?.isGone && !reply.sent) answer.decide(reply.raw.statusCode)
      }
      if (result instanceof Promise) result.then(decide, () => {})
      return result
    }
  })
}

/** Fastify 5 refuses a Content-Type that is none before it asks a parser. The header is not signed, and the delivery is genuine. */
function mendContentType({ headers }: IncomingMessage): void {
  const type = headers['content-type']
  if (type !== undefined && !MEDIA_TYPE.test(type)) headers['content-type'] = 'application/octet-stream'
}

// RFC 9110 section 8.3.1.
const MEDIA_TYPE = /^\s*[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(?:;|$)/

const ADAPTER: NodeAdapter = {
  name: 'fastify',
  optionNames: HELD_ADAPTER_OPTIONS,
  alreadyParsed:
    "Something read the body of this request before fastifyWebhook did, most likely a preParsing or onRequest hook. Register the plugin in a scope of its own, outside of that hook's: app.register(async (scope) => { await scope.register(fastifyWebhook, options); scope.post('/webhooks', handler) }).",
}

function withoutRegisterOptions(options: FastifyWebhookOptions): HeldAdapterOptions {
  const { prefix: _prefix, logLevel: _logLevel, logSerializers: _logSerializers, ...own } = options
  return own
}

function webStreamOf(payload: unknown): ReadableStream | undefined {
  if (payload instanceof ReadableStream) return payload
  return isResponse(payload) ? (payload.body ?? undefined) : undefined
}

/** Fastify runs such a plugin in the scope that it is registered in, not in one below it. */
function asScopedPlugin(plugin: FastifyWebhookPlugin): FastifyWebhookPlugin {
  return Object.assign(plugin, {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: '@fluxora/verify',
  })
}

/** Raw-body plugins keep the bytes on Fastify's request, serverless hosts on Node's. */
function withKept(raw: IncomingMessage, request: { rawBody?: unknown }): IncomingMessage {
  return request.rawBody instanceof Uint8Array ? Object.assign(raw, { rawBody: request.rawBody }) : raw
}

function streamOf(bytes: Uint8Array): Readable {
  return new Readable({
    read() {
      this.push(bytes)
      this.push(null)
    },
  })
}

interface Request {
  readonly raw: IncomingMessage
  webhook: VerifiedDelivery | null
  webhookTransaction: unknown
  rawBody?: unknown
}

interface Reply {
  readonly raw: ServerResponse
  readonly sent: boolean
  code(status: number): Reply
  headers(headers: Answer['headers']): Reply
  send(body: Answer['body']): Reply
}

type Handler = (this: unknown, request: Request, reply: Reply) => unknown

interface Scope {
  hasRequestDecorator(name: string): boolean
  decorateRequest(name: string, value: null): void
  removeAllContentTypeParsers(): void
  addContentTypeParser(
    type: string,
    parser: (request: Request, payload: Readable, parsed: (error: null, body: unknown) => void) => void,
  ): void
  addHook(
    name: 'preParsing',
    hook: (
      request: Request,
      reply: Reply,
      payload: Readable,
      next: (error: Error | null, payload?: Readable) => void,
    ) => void,
  ): void
  addHook(name: 'onError', hook: (request: Request, reply: Reply, error: unknown, next: () => void) => void): void
  addHook(
    name: 'onSend',
    hook: (
      request: Request,
      reply: Reply,
      payload: unknown,
      next: (error: Error | null, payload?: unknown) => void,
    ) => void,
  ): void
  addHook(name: 'onRoute', hook: (route: { handler: Handler }) => void): void
}
