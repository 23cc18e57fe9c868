// Every adapter and framework version behind one interface: a server whose application does what a test tells it to.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import express5 from 'express'
import express4 from 'express4'
import fastify5 from 'fastify'
import fastify4 from 'fastify4'
import { Hono } from 'hono'
import { expressWebhook } from '../../../src/adapters/express.ts'
import { fastifyWebhook } from '../../../src/adapters/fastify.ts'
import { createWebhookRoute } from '../../../src/adapters/fetch.ts'
import { createWebhookListener } from '../../../src/adapters/http.ts'
import type { WebhookAdapterOptions } from '../../../src/adapters/shared/options.ts'
import type { VerifiedDelivery } from '../../../src/webhook/index.ts'
import { bridge } from './bridge.ts'

export interface Setup {
  readonly options: WebhookAdapterOptions
  /** What the application does with a delivery. Its errors go to the framework. */
  readonly run: (delivery: VerifiedDelivery) => unknown
  /** Reads the body before the adapter does. */
  readonly parsedBefore?: boolean
  /** Answers twice. */
  readonly answersTwice?: boolean
}

export interface Target {
  readonly name: string
  /** Whether the application decides by the status that it sends. */
  readonly hasStatus: boolean
  /** Whether the framework logs to the console that a handler has failed. */
  readonly tellsFailures: boolean
  /** Whether the host gives the whole URL of a request. */
  readonly isAbsolute: boolean
  /** What the message of `body_already_parsed` must contain. */
  readonly fix: RegExp
  start(setup: Setup): Promise<{ port: number; server: Server; close(): Promise<void> }>
}

async function listen(server: Server): Promise<{ port: number; server: Server; close(): Promise<void> }> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    server,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const http: Target = {
  name: 'http',
  hasStatus: false,
  tellsFailures: false,
  isAbsolute: false,
  fix: /before any body parser/,
  start({ options, run, parsedBefore, answersTwice }) {
    let last: ServerResponse | undefined
    const listener = createWebhookListener(options, async (delivery) => {
      await run(delivery as VerifiedDelivery)
      if (answersTwice) last?.end('first')
    })
    return listen(
      createServer(async (request, response) => {
        last = response
        if (parsedBefore) for await (const _ of request);
        listener(request, response)
      }),
    )
  },
}

function express(name: string, framework: typeof express5): Target {
  return {
    name,
    hasStatus: true,
    tellsFailures: true,
    isAbsolute: false,
    fix: /above app\.use\(express\.json\(\)\)/,
    start({ options, run, parsedBefore, answersTwice }) {
      const app = framework()
      app.set('env', 'test') // Express prints every error otherwise
      if (parsedBefore) app.use(framework.json())
      app.use('/webhooks', expressWebhook(options), (req, res, next) => {
        const answer = (): void => {
          res.status(200).json({ ok: true, deliveryId: req.webhook.deliveryId })
          if (answersTwice) res.status(500).json({ ok: false })
        }
        const result = run(req.webhook)
        if (result instanceof Promise) result.then(answer).catch(next)
        else answer()
      })
      return listen(createServer(app))
    },
  }
}

function fastify(name: string, framework: typeof fastify5): Target {
  return {
    name,
    hasStatus: true,
    tellsFailures: false,
    isAbsolute: false,
    fix: /scope\.register\(fastifyWebhook/,
    async start({ options, run, parsedBefore, answersTwice }) {
      const app = framework({ logger: false })
      if (parsedBefore) {
        app.addHook('preParsing', async (request) => {
          for await (const _ of request.raw);
        })
      }
      app.register(async (scope) => {
        await scope.register(fastifyWebhook, options)
        scope.all('/webhooks', async (request, reply) => {
          await run(request.webhook)
          const answer = { ok: true, deliveryId: request.webhook.deliveryId }
          if (answersTwice) {
            reply.code(200).send(answer)
            reply.code(500).send({ ok: false })
          } else return answer
        })
      })
      await app.listen({ port: 0, host: '127.0.0.1' })
      return {
        port: (app.server.address() as AddressInfo).port,
        server: app.server,
        async close() {
          app.server.closeAllConnections()
          await app.close()
        },
      }
    },
  }
}

const fetchBridge: Target = {
  name: 'fetch',
  hasStatus: false,
  tellsFailures: false,
  isAbsolute: true,
  fix: /request\.clone\(\)/,
  start({ options, run, parsedBefore }) {
    const route = createWebhookRoute(options, (delivery) => run(delivery as VerifiedDelivery))
    return listen(
      createServer(
        bridge(async (request) => {
          if (parsedBefore) await request.text()
          return route(request)
        }),
      ),
    )
  },
}

const hono: Target = {
  ...fetchBridge,
  name: 'fetch in Hono',
  start({ options, run, parsedBefore }) {
    const route = createWebhookRoute(options, (delivery) => run(delivery as VerifiedDelivery))
    const app = new Hono()
    if (parsedBefore) {
      app.use(async (context, next) => {
        await context.req.text()
        await next()
      })
    }
    app.all('/webhooks', (context) => route(context.req.raw))
    return listen(createServer(bridge(async (request) => app.fetch(request))))
  },
}

export const targets: readonly Target[] = [
  http,
  express('Express 4', express4),
  express('Express 5', express5),
  fastify('Fastify 4', fastify4 as unknown as typeof fastify5),
  fastify('Fastify 5', fastify5),
  fetchBridge,
  hono,
]

export type { IncomingMessage }
