// Why a value is not an amount: the codes, the reasons, and one sentence for each. No sentence holds a character of the input.

import { MAX_LENGTH } from './limits.ts'

/**
 * Why a value is not an amount. The sender is at fault in all four cases: answer 400.
 *
 * - `DECIMAL_EMPTY_VALUE`: null, undefined, or text that is empty or only white space
 * - `DECIMAL_INVALID_TYPE`: not a string; numbers and bigints are refused too
 * - `DECIMAL_INVALID_FORMAT`: text that is not a sign, digits, a point and digits
 * - `DECIMAL_OUT_OF_RANGE`: an amount beyond the policy's bounds or decimals, or text of more than 128 characters
 */
export type DecimalErrorCode =
  | 'DECIMAL_EMPTY_VALUE'
  | 'DECIMAL_INVALID_TYPE'
  | 'DECIMAL_INVALID_FORMAT'
  | 'DECIMAL_OUT_OF_RANGE'

/** More exact than the code: for logs, and to tell a user what to change. */
export type DecimalReason =
  | 'missing'
  | 'blank'
  | 'not_a_string'
  | 'missing_digits'
  | 'whitespace'
  | 'separator'
  | 'exponent'
  | 'character'
  | 'too_long'
  | 'precision'
  | 'above_maximum'
  | 'below_minimum'
  | 'unread'

/** A value that is not an amount, and why. */
export interface DecimalRefusal {
  readonly ok: false
  /** For the program to decide by. It never changes its meaning. */
  readonly code: DecimalErrorCode
  /** More exact than the code. */
  readonly reason: DecimalReason
  /** Index of the first wrong character, in UTF-16 code units. Absent if no single character is wrong. */
  readonly at?: number
  /** A sentence for people, which names the limit that was passed. It may change: decide by `code` and `reason`. */
  readonly message: string
}

/** The ways in which text can break the grammar. */
export type FormatReason = 'missing_digits' | 'whitespace' | 'separator' | 'exponent' | 'character'

const FORMAT_MESSAGES: Readonly<Record<FormatReason, string>> = {
  missing_digits: 'The amount needs digits after its sign and on both sides of its decimal point.',
  whitespace: 'The amount must not contain white space.',
  separator: 'The amount must not contain separators: write 1234.5, not 1,234.5.',
  exponent: 'The amount must be written out in full, without an exponent.',
  character: 'The amount may contain only the digits 0 to 9, one decimal point and a sign in front.',
}

export function refuseMissing(): DecimalRefusal {
  return refuse('DECIMAL_EMPTY_VALUE', 'missing', 'The amount is missing.')
}

export function refuseBlank(): DecimalRefusal {
  return refuse('DECIMAL_EMPTY_VALUE', 'blank', 'The amount is empty.')
}

/** `found` is what was there in place of a string: `a number`, for example. */
export function refuseType(found: string): DecimalRefusal {
  return refuse('DECIMAL_INVALID_TYPE', 'not_a_string', `The amount must be a string, not ${found}.`)
}

export function refuseLength(): DecimalRefusal {
  return refuse('DECIMAL_OUT_OF_RANGE', 'too_long', `The amount is longer than ${MAX_LENGTH} characters.`)
}

export function refuseFormat(reason: FormatReason, at: number): DecimalRefusal {
  return refuse('DECIMAL_INVALID_FORMAT', reason, FORMAT_MESSAGES[reason], at)
}

export function refusePrecision(scale: number, at?: number): DecimalRefusal {
  return refuse('DECIMAL_OUT_OF_RANGE', 'precision', describePrecision(scale), at)
}

function describePrecision(scale: number): string {
  if (scale === 0) return 'The amount must be a whole number.'
  if (scale === 1) return 'The amount has more than 1 decimal place.'
  return `The amount has more than ${scale} decimal places.`
}

export function refuseAboveMaximum(maximum: string): DecimalRefusal {
  return refuse('DECIMAL_OUT_OF_RANGE', 'above_maximum', `The amount is above the maximum of ${maximum}.`)
}

export function refuseBelowMinimum(minimum: string): DecimalRefusal {
  return refuse('DECIMAL_OUT_OF_RANGE', 'below_minimum', `The amount is below the minimum of ${minimum}.`)
}

/** For a part of a payload that could not be searched for amounts. */
export function refuseUnread(): DecimalRefusal {
  const message =
    'This part was not searched for amounts: it is too deep, the payload is too large, or reading it threw an error.'
  return refuse('DECIMAL_OUT_OF_RANGE', 'unread', message)
}

function refuse(code: DecimalErrorCode, reason: DecimalReason, message: string, at?: number): DecimalRefusal {
  if (at === undefined) return { ok: false, code, reason, message }
  return { ok: false, code, reason, at, message }
}
