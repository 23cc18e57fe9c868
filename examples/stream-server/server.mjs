// The whole server: storage, routes and the worker for outgoing deliveries, put together. It listens when its caller says so.

import { randomUUID } from 'node:crypto'
import fastify, { LogController } from 'fastify'
import { demoRoutes } from './demo.mjs'
import { ApiError, answerUnreadable, errorAnswers } from './errors.mjs'
import { createEvents } from './events.mjs'
import { healthRoutes } from './health.mjs'
import { ledgerRoutes } from './ledgers.mjs'
import { createMetrics, metricRoutes } from './metrics.mjs'
import { createOutgoing, outgoingRoutes } from './outgoing.mjs'
import { pageRoutes } from './page.mjs'
import { openStorage } from './storage/open.mjs'
import { streamRoutes } from './streams.mjs'
import { webhookRoutes } from './webhooks.mjs'

/**
 * @param {import('./settings.mjs').Settings} settings
 * @param {{ now?: () => number }} [options] the clock, in Unix seconds
 */
export async function createServer(settings, { now = () => Date.now() / 1000 } = {}) {
  const app = fastify({
    logger: {
      level: settings.logLevel,
      serializers: { err: describeError },
      // Nobody should send a seed, but people do: as a key, as an id, as a hash. None stays in the log.
      hooks: { streamWrite: (line) => line.replace(/S[A-Z2-7]{55}/g, '[seed]') },
    },
    bodyLimit: 256 * 1024,
    // For a whole request, its body included; looked at every few seconds.
    requestTimeout: 15_000,
    http: { headersTimeout: 10_000, connectionsCheckingInterval: 3_000, requireHostHeader: false },
    clientErrorHandler: answerUnreadable,
    forceCloseConnections: 'idle',
    logController: new LogController({ disableRequestLogging: true }),
    requestIdHeader: false,
    genReqId: (request) => acceptableId(request.headers['x-request-id']) ?? randomUUID(),
    // As long as an address can be: whatever it is, there is no stream of that name.
    routerOptions: { maxParamLength: 20_000 },
    frameworkErrors: (_error, request, /** @type {any} */ reply) => {
      reply.raw.setHeader('x-request-id', request.id)
      reply.code(400).send({ error: { code: 'INVALID_REQUEST', message: 'The address cannot be read.' } })
    },
  })
  const storage = await openStorage(settings, app.log)
  const publish = createEvents(app)
  const metrics = createMetrics(storage)
  const outage = { isOn: false }
  const shared = { settings, storage, now, metrics, publish, outage }
  const outbox = createOutgoing(shared, app.log)
  const context = { ...shared, outbox }

  app.addHook('onRequest', async (request, reply) => {
    // On the raw answer, so that answers which the webhook plugin writes have it too.
    reply.raw.setHeader('x-request-id', request.id)
    // Node would refuse this too, but without the id.
    if (!request.headers.host && request.raw.httpVersion === '1.1')
      throw new ApiError(400, 'INVALID_REQUEST', 'The request has no Host header.')
  })
  app.addHook('onResponse', async ({ log, method, routeOptions }, reply) => {
    // The pattern of the route, not the address: whoever mistakes a seed for an id sends it in the address.
    log.info({ method, route: routeOptions.url ?? 'none', status: reply.statusCode, ms: reply.elapsedTime }, 'answered')
  })
  app.removeContentTypeParser('text/plain')
  errorAnswers(app)
  for (const routes of [
    metricRoutes,
    healthRoutes,
    streamRoutes,
    ledgerRoutes,
    webhookRoutes,
    outgoingRoutes,
    pageRoutes,
    demoRoutes,
  ]) {
    routes(app, context)
  }
  app.addHook('onReady', async () => outbox.start())
  app.addHook('onClose', async () => {
    await outbox.stop()
    await storage.close()
  })
  return { app, storage, outage }
}

/** @param {unknown} id */
const acceptableId = (id) => (typeof id === 'string' && /^[A-Za-z0-9._-]{1,128}$/.test(id) ? id : undefined)

/**
 * What a log may say about an error. A driver's `detail` may quote a row, so it stays out.
 *
 * @param {any} error
 * @returns {any}
 */
function describeError(error) {
  if (!(error instanceof Error)) return { message: 'Something that is not an Error was thrown.' }
  const { name, message, stack } = error
  const code = /** @type {{ code?: unknown }} */ (error).code
  return { type: name, code, message, stack, ...(error.cause ? { cause: describeError(error.cause) } : {}) }
}
