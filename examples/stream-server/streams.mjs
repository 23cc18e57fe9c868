// The streams: created, listed, looked at and cancelled. What a change announces is written in the same transaction as the change.

import { randomUUID } from 'node:crypto'
import { ApiError } from './errors.mjs'
import { checkStream, completionTime, viewStream } from './stream-terms.mjs'

/** @typedef {import('./context.mjs').Context} Context */

/**
 * @param {import('fastify').FastifyInstance} app
 * @param {Context} context
 */
export function streamRoutes(app, { storage, now, outbox, publish }) {
  app.get('/api/streams', async (request) => {
    const rows = await storage.rows('SELECT * FROM streams ORDER BY number DESC LIMIT ?', readLimit(request.query))
    return { streams: rows.map((row) => viewStream(row, now())) }
  })

  app.get('/api/streams/:id', async (request) => {
    const id = readId(request.params)
    const [row] = await storage.rows('SELECT * FROM streams WHERE id = ?', id)
    return viewStream(row ?? notFound(), now())
  })

  app.post('/api/streams', async (request, reply) => {
    const checked = checkStream(request.body)
    if (!checked.ok) throw new ApiError(400, 'VALIDATION_ERROR', 'Some fields are not valid.', checked.fields)
    const { sender, recipient, deposit, rate, startTime } = checked.stream
    const stream = await storage.transaction(async (statements) => {
      const [row] = await statements.rows(
        `INSERT INTO streams (id, sender, recipient, deposit, rate, start_time, completes_at)
         VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING *`,
        ...[randomUUID(), sender, recipient, String(deposit), String(rate)],
        ...[startTime, completionTime(checked.stream)],
      )
      const created = viewStream(/** @type {import('./storage/open.mjs').Row} */ (row), now())
      await outbox.announce(statements, 'stream.created', created)
      return created
    })
    outbox.wake()
    publish('stream', stream)
    return reply.code(201).header('location', `/api/streams/${stream.id}`).send(stream)
  })

  app.post('/api/streams/:id/cancel', async (request) => {
    const id = readId(request.params)
    const stream = await storage.transaction((statements) => cancel(statements, id))
    outbox.wake()
    publish('stream', stream)
    return stream
  })

  /**
   * @param {import('./storage/open.mjs').Statements} statements
   * @param {string} id
   */
  async function cancel(statements, id) {
    // The update comes first: it takes the lock, so that of two cancellations at once only one finds the stream uncancelled.
    const second = Math.floor(now())
    const [changed] = await statements.rows(
      `UPDATE streams SET cancelled_at = ? WHERE id = ? AND cancelled_at IS NULL
       AND (completes_at IS NULL OR completes_at > ?) RETURNING *`,
      ...[second, id, second],
    )
    if (changed) {
      const cancelled = viewStream(changed, second)
      await outbox.announce(statements, 'stream.cancelled', cancelled)
      return cancelled
    }
    const [row] = await statements.rows('SELECT * FROM streams WHERE id = ?', id)
    const { status } = viewStream(row ?? notFound(), second)
    throw new ApiError(409, 'CONFLICT', `The stream is already ${status}.`)
  }
}

/** @returns {never} */
function notFound() {
  throw new ApiError(404, 'NOT_FOUND', 'There is no such stream.')
}

/**
 * The id in the address. None of ours has a NUL in it, and Postgres refuses to look for one.
 *
 * @param {unknown} params
 */
export function readId(params) {
  const { id } = /** @type {{ id: string }} */ (params)
  return id.replaceAll('\0', '?')
}

/**
 * `?limit=`, from 1 to 1,000; 100 by default.
 *
 * @param {unknown} query
 */
export function readLimit(query) {
  const { limit = '100' } = /** @type {{ limit?: unknown }} */ (Object(query))
  const value = Number(limit)
  if (typeof limit === 'string' && /^\d{1,4}$/.test(limit) && value >= 1 && value <= 1000) return value
  throw new ApiError(400, 'VALIDATION_ERROR', 'Some fields are not valid.', {
    limit: { code: 'INVALID_LIMIT', message: 'limit must be a whole number from 1 to 1000.' },
  })
}
