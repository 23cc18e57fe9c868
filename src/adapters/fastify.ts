// Webhooks in Fastify 4 and 5: a plugin that gives its scope's routes genuine deliveries, once each. Fastify itself is not needed here.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { VerifiedDelivery } from '../webhook/delivery.ts'
import { type HeldAnswer, holdAnswer, withSentStatus } from './shared/held-answer.ts'
import { nodeReceiver } from './shared/node-receiver.ts'
import type { WebhookAdapterOptions } from './shared/options.ts'

export type { ApplicationDeclined } from './shared/held-answer.ts'
export { type EventDelivery, readPayload, type StandardSchema } from './shared/payload.ts'

/** What the plugin is made of: a receiver's options, and a deadline for the body. */
export type FastifyWebhookOptions = WebhookAdapterOptions

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
  }
}

/**
 * The plugin. Registered in a scope, it makes every route of that scope a webhook: whatever is not a genuine, new delivery is answered
 * before the handler, the rest goes on with `request.webhook`, and with the raw bytes as `request.body`, of whatever content type. The
 * delivery is committed when the route answers with a 2xx, before the last byte of that answer leaves, and released when it answers
 * anything else or fails.
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

function plug(scope: Scope, options: FastifyWebhookOptions): void {
  const receiver = nodeReceiver(withSentStatus(options), ALREADY_PARSED)
  const answers = new WeakMap<object, HeldAnswer>()

  if (!scope.hasRequestDecorator('webhook')) scope.decorateRequest('webhook', null)
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (request, _payload, parsed) => parsed(null, request.webhook?.body))

  // After the scope's own onRequest hooks, such as a rate limit, and before anything reads the body.
  scope.addHook('preParsing', (request, reply, payload, next) => {
    const { raw } = request
    let answer: HeldAnswer | undefined
    const received = receiver.receive(
      withKept(raw, request),
      reply.raw,
      (delivery) => {
        request.webhook = delivery
        answer = holdAnswer(reply.raw)
        answers.set(raw, answer)
        // A parser that was added to the scope later reads what was verified.
        return answer.decideBy(() => next(null, streamOf(delivery.body)))
      },
      payload,
    )
    void received.then((outcome) => {
      if (answer?.letGo() || reply.sent || reply.raw.destroyed) return
      const { status, headers, body } = receiver.answer(raw, outcome)
      reply.code(status).headers(headers).send(body)
    })
  })

  // A handler that returns nothing when the sender has gone is not answered for by Fastify: that it returned is its answer.
  scope.addHook('onRoute', (route) => {
    const { handler } = route
    route.handler = function (this: unknown, request, reply) {
      const result = handler.call(this, request, reply)
      if (result instanceof Promise) {
        const settled = (): void => {
          if (reply.raw.destroyed && !reply.sent) answers.get(request.raw)?.decide(reply.raw.statusCode)
        }
        result.then(
          (value) => value === undefined && settled(),
          () => {},
        )
      }
      return result
    }
  })
}

const ALREADY_PARSED =
  "Something read the body of this request before fastifyWebhook did, most likely a preParsing or onRequest hook. Register the plugin in a scope of its own, outside of that hook's: app.register(async (scope) => { await scope.register(fastifyWebhook, options); scope.post('/webhooks', handler) })."

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
  rawBody?: unknown
}

interface Reply {
  readonly raw: ServerResponse
  readonly sent: boolean
  code(status: number): Reply
  headers(headers: Readonly<Record<string, string>>): Reply
  send(body: string): Reply
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
  addHook(name: 'onRoute', hook: (route: { handler: Handler }) => void): void
}
