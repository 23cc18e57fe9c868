/**
 * The bare writer: units and a scale to text, without a policy and without checks.
 *
 * @module
 */

/** `trimmed`: no trailing zeros, the canonical form. `fixed`: all decimals of the scale. */
export type DecimalStyle = 'trimmed' | 'fixed'

const ZERO = 48

/** @internal The text of units: exact, and the same for equal units. */
export function writeUnits(units: bigint, scale: number, style: DecimalStyle = 'trimmed'): string {
  const negative = units < 0n
  let digits = (negative ? -units : units).toString()
  if (digits.length <= scale) digits = digits.padStart(scale + 1, '0')
  const point = digits.length - scale
  let end = digits.length
  if (style === 'trimmed') while (end > point && digits.charCodeAt(end - 1) === ZERO) end--
  const text = end > point ? `${digits.slice(0, point)}.${digits.slice(point, end)}` : digits.slice(0, point)
  return negative ? `-${text}` : text
}
