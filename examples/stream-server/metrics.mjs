// Metrics as Prometheus text. No label holds an id: there would be no end of them.

import { reorgMetrics } from '@fluxora/verify/reorg'
import { Counter, Gauge, Registry } from 'prom-client'
import { readTracker } from './ledgers.mjs'

/** @param {import('./storage/open.mjs').Storage} storage */
export function createMetrics(storage) {
  const registry = new Registry()
  const registers = [registry]
  if (storage.pool) poolMetrics(registry, storage.pool)
  return {
    registry,
    requests: new Counter({
      name: 'fluxora_http_requests_total',
      help: 'Requests answered, by route and status.',
      labelNames: ['method', 'route', 'status'],
      registers,
    }),
    received: new Counter({
      name: 'fluxora_webhook_deliveries_total',
      help: 'Deliveries received, by scheme and code.',
      labelNames: ['scheme', 'code'],
      registers,
    }),
    attempts: new Counter({
      name: 'fluxora_delivery_attempts_total',
      help: 'Attempts at outgoing deliveries, by outcome and reason.',
      labelNames: ['outcome', 'reason'],
      registers,
    }),
  }
}

/**
 * @param {import('fastify').FastifyInstance} app
 * @param {import('./context.mjs').Context} context
 */
export function metricRoutes(app, { storage, metrics }) {
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions } = request
    metrics.requests.inc({ method, route: routeOptions.url ?? 'none', status: reply.statusCode })
  })
  app.get('/metrics', async (_request, reply) => {
    // The tracker's gauges are read at each scrape. While the storage is away there are none, and the rest is served all the same.
    const chain = await readTracker(storage).then(
      ({ state }) => chainMetrics(state),
      () => '',
    )
    return reply.type(metrics.registry.contentType).send((await metrics.registry.metrics()) + chain)
  })
}

/** @param {import('@fluxora/verify/reorg').ReorgState} state */
function chainMetrics(state) {
  return reorgMetrics(state)
    .map(({ name, kind, help, value }) => {
      const full = name.startsWith('fluxora_') ? name : `fluxora_${name}`
      return `\n# HELP ${full} ${help}\n# TYPE ${full} ${kind}\n${full} ${value}\n`
    })
    .join('')
}

/**
 * @param {Registry} registry
 * @param {NonNullable<import('./storage/open.mjs').Storage['pool']>} pool
 */
function poolMetrics(registry, pool) {
  /** @type {[name: string, help: string, read: () => number][]} */
  const gauges = [
    ['pg_pool_total_connections', 'Connections in the pool.', () => pool.totalCount],
    ['pg_pool_idle_connections', 'Connections that nobody uses.', () => pool.idleCount],
    ['pg_pool_waiting_requests', 'Requests that wait for a connection.', () => pool.waitingCount],
    [
      'pg_pool_utilization_percent',
      'Connections in use, of those that the pool may open.',
      () => ((pool.totalCount - pool.idleCount) / pool.options.max) * 100,
    ],
  ]
  for (const [name, help, read] of gauges) {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read())
      },
    })
  }
}
