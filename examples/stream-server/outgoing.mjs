// Webhooks out: who wants to be told, and the sender that tells them. The sender signs each attempt afresh, refuses addresses inside our
// own network, and says when to try again; the outbox keeps what is to be sent.

import { randomUUID } from 'node:crypto'
import { BlockList, isIP } from 'node:net'
import { addressGuard, createWebhookSender } from '@fluxora/verify/sender'
import { ApiError } from './errors.mjs'
import { createOutbox } from './outbox.mjs'
import { readId, readLimit } from './streams.mjs'

const EVENTS = ['stream.created', 'stream.updated', 'stream.cancelled']

/**
 * @param {import('./context.mjs').Shared} shared
 * @param {import('fastify').FastifyBaseLogger} log
 */
export function createOutgoing({ settings, storage, now, metrics, publish }, log) {
  const guard = addressGuard({ allow: settings.endpointAllow, allowHttp: settings.endpointAllow.length > 0 })
  // An attempt ends well within its lease, so that no other server begins the same one meanwhile.
  const sender = createWebhookSender({ guard, now, timeoutMs: Math.min(10_000, settings.leaseSeconds * 750) })
  const outbox = createOutbox({
    storage,
    now,
    log,
    leaseSeconds: settings.leaseSeconds,
    async attempt({ endpoint_id, delivery_id, event, body, attempt }) {
      const [endpoint] = await storage.rows('SELECT url, secret FROM endpoints WHERE id = ?', endpoint_id)
      // An endpoint that was deleted since wants nothing more.
      if (!endpoint) return { outcome: 'dead', reason: 'gone', attempt, durationMs: 0 }
      const { url, secret: secrets } = endpoint
      return sender.attempt({
        endpoint: { id: endpoint_id, url, secrets },
        deliveryId: delivery_id,
        event,
        body,
        attempt,
      })
    },
    onAttempt(
      { endpoint_id: endpointId, delivery_id: deliveryId, event },
      { outcome, reason, statusCode, attempt, delayMs, nextAt },
    ) {
      metrics.attempts.inc({ outcome, reason })
      log.info({ endpointId, deliveryId, event, attempt, outcome, reason, statusCode, delayMs }, 'attempt')
      publish('attempt', {
        at: now() * 1000,
        endpointId,
        deliveryId,
        event,
        attempt,
        outcome,
        reason,
        statusCode,
        delayMs,
        nextAt,
      })
    },
  })
  return {
    ...outbox,
    checkUrl: (/** @type {string} */ url) => checkUrl(url, guard, settings.endpointAllow),
    async stop() {
      await outbox.stop()
      await sender.close()
    },
  }
}

/**
 * @param {import('fastify').FastifyInstance} app
 * @param {import('./context.mjs').Context} context
 */
export function outgoingRoutes(app, { storage, outbox }) {
  app.get('/api/endpoints', async () => {
    const rows = await storage.rows('SELECT id, url, events FROM endpoints ORDER BY number')
    return { endpoints: rows.map(viewEndpoint) }
  })

  app.post('/api/endpoints', async (request, reply) => {
    const { url, secret, events } = await readEndpoint(request.body, outbox.checkUrl)
    const sql = 'INSERT INTO endpoints (id, url, secret, events) VALUES (?, ?, ?, ?) RETURNING id, url, events'
    const [row] = await storage.rows(sql, randomUUID(), url, secret, JSON.stringify(events))
    return reply.code(201).send(viewEndpoint(/** @type {import('./storage/open.mjs').Row} */ (row)))
  })

  app.delete('/api/endpoints/:id', async (request, reply) => {
    const id = readId(request.params)
    const deleted = await storage.rows('DELETE FROM endpoints WHERE id = ? RETURNING id', id)
    if (deleted.length === 0) throw new ApiError(404, 'NOT_FOUND', 'There is no such endpoint.')
    return reply.code(204).send()
  })

  app.get('/api/deliveries', async (request) => {
    const rows = await storage.rows('SELECT * FROM attempts ORDER BY number DESC LIMIT ?', readLimit(request.query))
    return { deliveries: rows.map(viewAttempt) }
  })
}

/** The secret never comes back. @param {import('./storage/open.mjs').Row} row */
const viewEndpoint = ({ id, url, events }) => ({ id, url, events: JSON.parse(events) })

/** @param {import('./storage/open.mjs').Row} row */
const viewAttempt = (row) => ({
  endpoint: row.endpoint_id,
  deliveryId: row.delivery_id,
  event: row.event,
  attempt: row.attempt,
  outcome: row.outcome,
  reason: row.reason,
  statusCode: row.status_code,
  at: new Date(Number(row.at)).toISOString(),
  next: row.next_at === null ? null : new Date(Number(row.next_at)).toISOString(),
})

/**
 * Why a URL may not be sent to, or undefined. Within ENDPOINT_ALLOW plain http is allowed too; outside it only https.
 *
 * @param {string} text
 * @param {import('@fluxora/verify/sender').AddressGuard} guard
 * @param {readonly string[]} allow
 */
async function checkUrl(text, guard, allow) {
  const check = guard.checkUrl(text)
  if (!check.ok) return check.reason
  const { url, hostname, isAddress } = check
  const found = isAddress ? { ok: true, addresses: [{ address: hostname }] } : await guard.resolve(hostname)
  if (!('addresses' in found)) {
    // A name that nobody knows yet may be known by the time of the first delivery, and is judged again then.
    return found.reason === 'address_refused' || url.protocol === 'http:' ? found.reason : undefined
  }
  const list = new BlockList()
  for (const [address = '', bits] of allow.map((cidr) => cidr.split('/'))) {
    list.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4')
  }
  const isWithin = found.addresses.every(({ address }) => list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4'))
  return url.protocol === 'http:' && !isWithin ? 'url_refused' : undefined
}

/**
 * Text without control characters and halves of characters, which no storage keeps as they are.
 *
 * @param {unknown} value
 * @param {number} maxLength
 * @returns {value is string}
 */
const isText = (value, maxLength) =>
  typeof value === 'string' && value !== '' && value.length <= maxLength && !/[\p{Cc}\p{Cs}]/u.test(value)

/**
 * @param {unknown} body
 * @param {(url: string) => Promise<string | undefined>} judge
 */
async function readEndpoint(body, judge) {
  const { url, secret, events = [] } = /** @type {Record<string, unknown>} */ (Object(body))
  /** @type {Record<string, { code: string, message: string }>} */
  const fields = {}
  const refusal = isText(url, 2048) ? await judge(url) : 'invalid_url'
  if (refusal) {
    const message = 'url must be an https address on the public internet, or one that ENDPOINT_ALLOW names.'
    fields.url = { code: refusal.toUpperCase(), message }
  }
  if (!isText(secret, 256) || secret !== secret.trim()) {
    const message =
      'secret must be text of 1 to 256 characters, without control characters, or white space at its ends.'
    fields.secret = { code: 'INVALID_SECRET', message }
  }
  if (!Array.isArray(events) || !events.every((event) => EVENTS.includes(event))) {
    fields.events = { code: 'INVALID_EVENTS', message: `events must be a list of ${EVENTS.join(', ')}; empty for all.` }
  }
  if (Object.keys(fields).length > 0) {
    throw new ApiError(400, 'VALIDATION_ERROR', 'Some fields are not valid.', fields)
  }
  return { url, secret, events: [...new Set(/** @type {string[]} */ (events))] }
}
