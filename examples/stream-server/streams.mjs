// Streams in memory, behind a small JSON API. Amounts are decimal strings outside and exact units inside; JSON numbers are refused.

import { accruedUnits, formatUnits, parseAmountFields, ratePerSecond, refundableUnits } from '@fluxora/verify/decimal'

/** @param {() => number} now Unix seconds */
export function createStreams(now) {
  /** @type {Map<string, Stream>} */
  const streams = new Map()
  let created = 0

  return {
    /** @param {unknown} input */
    create(input) {
      const checked = check(input)
      if (!checked.ok) return checked
      const id = `stream-${++created}`
      const { deposit, rate, startTime, sender, recipient } = checked
      streams.set(id, { id, sender, recipient, deposit, rate, startTime, cancelledAt: undefined })
      return { ok: /** @type {const} */ (true), stream: view(/** @type {Stream} */ (streams.get(id)), now()) }
    },
    list: () => [...streams.values()].map((stream) => view(stream, now())),
    /** @param {string} id */
    get(id) {
      const stream = streams.get(id)
      return stream && view(stream, now())
    },
    /** @param {string} id */
    cancel(id) {
      const stream = streams.get(id)
      if (!stream) return undefined
      const { status } = view(stream, now())
      if (status !== 'active') return { conflict: status }
      stream.cancelledAt = now()
      return { stream: view(stream, now()) }
    },
  }
}

/**
 * @typedef {object} Stream
 * @property {string} id
 * @property {string} sender
 * @property {string} recipient
 * @property {import('@fluxora/verify/decimal').Units<7>} deposit
 * @property {import('@fluxora/verify/decimal').Rate<7>} rate
 * @property {number} startTime
 * @property {number | undefined} cancelledAt
 */

/**
 * Checks a new stream, and lists every wrong field with its code.
 *
 * @param {unknown} input
 */
function check(input) {
  const body = /** @type {Record<string, unknown>} */ (Object(input))
  const amounts = parseAmountFields(input, ['depositAmount', 'ratePerSecond'])
  const fields = amounts.ok ? [] : amounts.errors.map(({ field, code, message }) => ({ field, code, message }))
  for (const field of ['sender', 'recipient']) {
    if (typeof body[field] !== 'string' || body[field] === '') {
      fields.push({ field, code: /** @type {never} */ ('MISSING'), message: `${field} is required.` })
    }
  }
  if (amounts.ok && amounts.units.depositAmount <= 0n) {
    fields.push({ field: 'depositAmount', code: 'DECIMAL_OUT_OF_RANGE', message: 'A deposit must be positive.' })
  }
  if (amounts.ok && amounts.units.ratePerSecond < 0n) {
    fields.push({ field: 'ratePerSecond', code: 'DECIMAL_OUT_OF_RANGE', message: 'A rate must not be negative.' })
  }
  // A time after the year 5138 must be in milliseconds.
  if (!Number.isInteger(body.startTime) || Math.abs(Number(body.startTime)) > 100_000_000_000) {
    fields.push({
      field: 'startTime',
      code: /** @type {never} */ ('INVALID'),
      message: 'startTime must be whole Unix seconds.',
    })
  }
  if (!amounts.ok || fields.length > 0) return { ok: /** @type {const} */ (false), fields }
  const { depositAmount: deposit, ratePerSecond: perSecond } = amounts.units
  const [sender, recipient, startTime] = [String(body.sender), String(body.recipient), Number(body.startTime)]
  return { ok: /** @type {const} */ (true), deposit, rate: ratePerSecond(perSecond), startTime, sender, recipient }
}

/**
 * What a client sees: canonical strings, with what has accrued up to this second.
 *
 * @param {Stream} stream
 * @param {number} now
 */
function view({ id, sender, recipient, deposit, rate, startTime, cancelledAt }, now) {
  const terms = { rate, deposit, startTime, now: Math.floor(cancelledAt ?? now) }
  const accrued = accruedUnits(terms)
  return {
    id,
    status: cancelledAt !== undefined ? 'cancelled' : accrued === deposit ? 'completed' : 'active',
    sender,
    recipient,
    depositAmount: formatUnits(deposit),
    ratePerSecond: formatUnits(rate.units),
    startTime,
    accruedAmount: formatUnits(accrued),
    refundableAmount: formatUnits(refundableUnits(terms)),
  }
}
