// Reads the members that events and states have in common. What comes out is a plain copy; anything else throws a Problem.

import type { ReorgConfig } from '../config.ts'
import type { Ledger } from '../ledger.ts'
import type { FinalityPoint } from '../state.ts'
import { isAbsent, isSequence, isToken } from './guards.ts'
import { check, Problem } from './problem.ts'

/** The latest time that can be seconds, in the year 5138; read as milliseconds it is in 1973. */
export const MAX_UNIX_SECONDS: number = 1e11

const HEX64 = /^[0-9a-f]{64}$/

/** Reads one ledger; `index` is its place in the list, for the message. */
export function readLedger(value: unknown, { hashFormat, requireParent }: ReorgConfig, index: number): Ledger {
  // A value that is not an object has no members either.
  const { sequence, hash, parentHash, closedAt } = Object(value) as Record<string, unknown>
  const ledger: { sequence: number; hash: string; parentHash?: string; closedAt?: number } = {
    sequence: readSequence(sequence, index),
    hash: readText(hash, hashFormat, 'hash', index),
  }
  if (requireParent || !isAbsent(parentHash)) {
    ledger.parentHash = readText(parentHash, hashFormat, 'parentHash', index)
    check(parentHash !== hash, 'parentHash', 'must not be the hash of the ledger itself', index)
  }
  if (!isAbsent(closedAt)) ledger.closedAt = readCloseTime(closedAt, index)
  return ledger
}

/** Reads the ledger that a source of finality names. */
export function readPoint(sequence: unknown, hash: unknown, config: ReorgConfig): FinalityPoint {
  const point = { sequence: readSequence(sequence) }
  if (isAbsent(hash)) return point
  return { ...point, hash: readText(hash, config.hashFormat, 'hash') }
}

/** Reads a hash, or the name of a source. */
export function readText(value: unknown, format: ReorgConfig['hashFormat'], field: string, index?: number): string {
  if (format === 'any') {
    check(isToken(value), field, 'must be 1 to 128 visible ASCII characters', index)
    return value
  }
  check(typeof value === 'string' && HEX64.test(value), field, 'must be 64 lowercase hexadecimal digits', index)
  return value
}

function readSequence(value: unknown, index?: number): number {
  if (!isSequence(value)) {
    throw numberProblem(value, 'sequence', 'must be a number', 'must be a whole number, 0 or more', index)
  }
  // Adding 0 turns -0 into 0, as JSON would do later.
  return value + 0
}

function readCloseTime(value: unknown, index: number): number {
  if (!(typeof value === 'number' && value >= 0 && value < Infinity)) {
    const expected = 'must be a number of Unix seconds'
    throw numberProblem(value, 'closedAt', expected, expected, index)
  }
  return value + 0
}

/** Clients of chains often pass bigints and strings where a number belongs, so the reason names them and says what to do. */
function numberProblem(value: unknown, field: string, number: string, expected: string, index?: number): Problem {
  if (typeof value === 'bigint') {
    return new Problem(field, `${number}, not a bigint; convert it with Number()`, index)
  }
  if (typeof value === 'string') return new Problem(field, `${number}, not a string`, index)
  return new Problem(field, expected, index)
}
