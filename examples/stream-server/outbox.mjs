// What is to be sent, and what became of it. An event is written in the transaction of the change that it tells of; from then on it
// survives any crash. A worker claims what is due for the time of a lease, attempts it, and writes down how that went.

import { randomUUID } from 'node:crypto'
import { viewStream } from './stream-terms.mjs'

const POLL_MS = 500
const AT_ONCE = 10

/**
 * @typedef {import('./storage/open.mjs').Row} Row
 * @typedef {import('@fluxora/verify/sender').Attempt} Attempt
 */

/**
 * @param {{
 *   storage: import('./storage/open.mjs').Storage,
 *   now: () => number,
 *   leaseSeconds: number,
 *   attempt: (delivery: Row) => Promise<Attempt>,
 *   onAttempt: (delivery: Row, attempt: Attempt & { nextAt: number | null }) => void,
 *   log: import('fastify').FastifyBaseLogger,
 * }} options
 */
export function createOutbox({ storage, now, leaseSeconds, attempt, onAttempt, log }) {
  const nowMs = () => Math.floor(now() * 1000)
  /** @type {NodeJS.Timeout | undefined} */
  let timer
  let isStopped = true
  /** @type {Promise<void>} */
  let running = Promise.resolve()

  /** @param {import('./storage/open.mjs').Statements} statements @param {string} event @param {{ id: string, status: string }} stream */
  async function announce({ rows }, event, stream) {
    const id = randomUUID()
    const body = JSON.stringify({ id, event, streamId: stream.id, stream })
    for (const endpoint of await rows('SELECT id, events FROM endpoints')) {
      const events = JSON.parse(endpoint.events)
      if (events.length > 0 && !events.includes(event)) continue
      await rows(
        'INSERT INTO outbox (endpoint_id, delivery_id, event, body, due_at) VALUES (?, ?, ?, ?, ?)',
        ...[endpoint.id, id, event, body, nowMs()],
      )
    }
  }

  /** Streams whose deposit has run out since the last look. */
  async function announceCompleted() {
    const due = 'cancelled_at IS NULL AND completion_told = 0 AND completes_at <= ?'
    const waiting = await storage.rows(`SELECT number FROM streams WHERE ${due} LIMIT 100`, Math.floor(now()))
    for (const { number } of waiting) {
      await storage.transaction(async (statements) => {
        const sql = `UPDATE streams SET completion_told = 1 WHERE number = ? AND ${due} RETURNING *`
        const [row] = await statements.rows(sql, number, Math.floor(now()))
        if (row) await announce(statements, 'stream.updated', viewStream(row, now()))
      })
    }
  }

  async function sendDue() {
    const leaseUntil = nowMs() + leaseSeconds * 1000
    const claimed = await storage.rows(
      `UPDATE outbox SET lease_until = ? WHERE lease_until <= ? AND number IN (
         SELECT number FROM outbox WHERE state = 'pending' AND due_at <= ? AND lease_until <= ? ORDER BY due_at LIMIT ?)
       RETURNING *`,
      ...[leaseUntil, nowMs(), nowMs(), nowMs(), AT_ONCE],
    )
    await Promise.all(claimed.map(async (delivery) => settle(delivery, await attempt(delivery))))
    return claimed.length
  }

  /** @param {Row} delivery @param {Attempt} result */
  async function settle(delivery, result) {
    const { outcome, reason, statusCode = null, delayMs } = result
    const nextAt = delayMs === undefined ? null : nowMs() + Math.ceil(delayMs)
    await storage.transaction(async ({ rows }) => {
      const state = outcome === 'delivered' || outcome === 'dead' ? outcome : 'pending'
      const next = delivery.attempt + (outcome === 'retry' ? 1 : 0)
      await rows(
        'UPDATE outbox SET state = ?, attempt = ?, due_at = COALESCE(?, due_at), lease_until = 0 WHERE number = ? AND lease_until = ?',
        ...[state, next, nextAt, delivery.number, delivery.lease_until],
      )
      await rows(
        `INSERT INTO attempts (endpoint_id, delivery_id, event, attempt, outcome, reason, status_code, at, next_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        ...[delivery.endpoint_id, delivery.delivery_id, delivery.event, delivery.attempt],
        ...[outcome, reason, statusCode, nowMs(), nextAt],
      )
    })
    onAttempt(delivery, { ...result, nextAt })
  }

  async function round() {
    try {
      await announceCompleted()
      while (!isStopped && (await sendDue()) > 0);
    } catch (error) {
      log.error({ err: error }, 'outgoing deliveries wait')
    }
    if (!isStopped) timer = setTimeout(next, POLL_MS)
  }
  function next() {
    clearTimeout(timer)
    running = running.then(round)
  }

  return {
    announce,
    /** Looks at once, instead of at the next poll. */
    wake: () => void (isStopped || next()),
    start() {
      isStopped = false
      next()
    },
    /** Claims nothing more, and waits for the attempts that are running. */
    async stop() {
      isStopped = true
      clearTimeout(timer)
      await running
    },
  }
}
