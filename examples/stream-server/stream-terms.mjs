// What a stream is: the checks on a new one, and what a client sees of it. Amounts are decimal strings outside and exact units inside.

import { accruedUnits, formatUnits, parseAmountFields, ratePerSecond, refundableUnits } from '@fluxora/verify/decimal'
import { isStellarPublicKey } from '@fluxora/verify/stellar'

/** @typedef {{ deposit: bigint, rate: bigint, startTime: number, sender: string, recipient: string }} NewStream */

/**
 * Checks a new stream, and tells of every wrong field. No message repeats what was sent: it may be a secret seed, sent by mistake.
 *
 * @param {unknown} input
 * @returns {{ ok: true, stream: NewStream } | { ok: false, fields: Record<string, { code: string, message: string }> }}
 */
export function checkStream(input) {
  const body = /** @type {Record<string, unknown>} */ (Object(input))
  /** @type {Record<string, { code: string, message: string }>} */
  const fields = {}
  const amounts = parseAmountFields(input, ['depositAmount', 'ratePerSecond'])
  if (!amounts.ok) for (const { field, code, message } of amounts.errors) fields[field] = { code, message }
  else {
    const { depositAmount, ratePerSecond: rate } = amounts.units
    if (depositAmount <= 0n) fields.depositAmount = outOfRange('A deposit must be positive.')
    if (rate < 0n) fields.ratePerSecond = outOfRange('A rate must not be negative.')
  }
  for (const field of ['sender', 'recipient']) {
    if (body[field] === undefined || body[field] === null || body[field] === '') {
      fields[field] = { code: 'MISSING', message: `${field} is required.` }
    } else if (!isStellarPublicKey(body[field])) {
      fields[field] = { code: 'INVALID_ADDRESS', message: `${field} must be the public key of a Stellar account (G…).` }
    }
  }
  // A time after the year 5138 must be in milliseconds.
  if (!Number.isInteger(body.startTime) || Math.abs(Number(body.startTime)) > 100_000_000_000) {
    fields.startTime = { code: 'INVALID_TIME', message: 'startTime must be whole Unix seconds.' }
  }
  if (!amounts.ok || Object.keys(fields).length > 0) return { ok: false, fields }
  const { depositAmount: deposit, ratePerSecond: rate } = amounts.units
  const [sender, recipient, startTime] = [String(body.sender), String(body.recipient), Number(body.startTime)]
  return { ok: true, stream: { deposit, rate, startTime, sender, recipient } }
}

/** @param {string} message */
const outOfRange = (message) => ({ code: 'DECIMAL_OUT_OF_RANGE', message })

/**
 * The first second in which all of the deposit has accrued; null if that is never, or further off than any clock.
 *
 * @param {NewStream} stream
 */
export function completionTime({ deposit, rate, startTime }) {
  if (rate === 0n) return null
  const seconds = (deposit + rate - 1n) / rate
  return seconds > 100_000_000_000n ? null : startTime + Number(seconds)
}

/**
 * What a client sees of a row: canonical strings, with what has accrued up to this second.
 *
 * @param {import('./storage/open.mjs').Row} row
 * @param {number} now Unix seconds
 */
export function viewStream(row, now) {
  const isCancelled = row.cancelled_at !== null
  const deposit = /** @type {import('@fluxora/verify/decimal').Units<7>} */ (BigInt(row.deposit))
  const rate = /** @type {import('@fluxora/verify/decimal').Units<7>} */ (BigInt(row.rate))
  const startTime = Number(row.start_time)
  const terms = {
    rate: ratePerSecond(rate),
    deposit,
    startTime,
    now: isCancelled ? Number(row.cancelled_at) : Math.floor(now),
  }
  const accrued = accruedUnits(terms)
  const running = accrued === deposit ? 'completed' : 'active'
  return {
    id: String(row.id),
    status: isCancelled ? 'cancelled' : running,
    sender: String(row.sender),
    recipient: String(row.recipient),
    depositAmount: formatUnits(deposit),
    ratePerSecond: formatUnits(rate),
    startTime,
    accruedAmount: formatUnits(accrued),
    refundableAmount: formatUnits(refundableUnits(terms)),
  }
}
