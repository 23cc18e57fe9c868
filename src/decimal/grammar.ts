// The grammar of decimal text: optionally `+` or `-`, one or more ASCII digits, and optionally a point and one or more ASCII digits.
//
// `scan` goes through a text once, as far as it keeps to the grammar; `findFault` says where it stops keeping to it, and `refuseFault` why.

import { type DecimalRefusal, type FormatReason, refuseBlank, refuseFormat } from './refusals.ts'

/** The parts of a text, as far as it keeps to the grammar. */
export interface Scan {
  /** Index of the first digit. */
  readonly start: number
  /** Index of the point; `end` if there is none. */
  readonly point: number
  /** Index after the last digit, or after a point without digits. */
  readonly end: number
  /** All digits as one integer, without the point. Exact up to 2^53 - 1; a larger one may be rounded, but never to below 2^53. */
  readonly digits: number
}

const PLUS = 43
const MINUS = 45
const POINT = 46
const ZERO = 48

export function scan(text: string): Scan {
  const start = hasSign(text) ? 1 : 0
  let digits = 0
  let end = start
  for (; end < text.length; end++) {
    const digit = text.charCodeAt(end) - ZERO
    if (!isDigit(digit)) break
    digits = digits * 10 + digit
  }
  const point = end
  if (point > start && point < text.length && text.charCodeAt(point) === POINT) {
    for (end++; end < text.length; end++) {
      const digit = text.charCodeAt(end) - ZERO
      if (!isDigit(digit)) break
      digits = digits * 10 + digit
    }
  }
  return { start, point, end, digits }
}

/** Whether an integer is from 0 to 9, in one comparison: as unsigned integers the negative ones are huge. */
function isDigit(integer: number): boolean {
  return integer >>> 0 <= 9
}

function hasSign(text: string): boolean {
  const first = text.charCodeAt(0)
  return first === MINUS || first === PLUS
}

export function isNegative(text: string): boolean {
  return text.charCodeAt(0) === MINUS
}

/** Index of the first character that breaks the grammar, or the length of the text if digits are missing there; -1 if the text is sound. */
export function findFault(text: string, { start, point, end }: Scan): number {
  const hasNoDigits = end === start
  const hasNoDecimals = end === point + 1
  if (end < text.length || hasNoDigits || hasNoDecimals) return end
  return -1
}

/** The refusal of a text whose first fault is at an index. */
export function refuseFault(text: string, at: number): DecimalRefusal {
  const reason = explainFault(text, at)
  if (reason === 'whitespace' && text.trim() === '') return refuseBlank()
  return refuseFormat(reason, at)
}

function explainFault(text: string, at: number): FormatReason {
  const character = text.charAt(at)
  if (character === '') return 'missing_digits'
  if (character.trim() === '') return 'whitespace'
  if (character === '.' && text.indexOf('.') === at) return 'missing_digits'
  if (",_'".includes(character)) return 'separator'
  if ('eE'.includes(character)) return 'exponent'
  return 'character'
}
