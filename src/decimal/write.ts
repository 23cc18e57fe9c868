// Units to text, without a policy and without checks.

/** `trimmed`: the canonical form, without trailing zeros. `fixed`: with all decimals of the scale. */
export type DecimalStyle = 'trimmed' | 'fixed'

const ZERO = 48

/** The exact text of units. Equal units give equal text. */
export function writeUnits(units: bigint, scale: number, style: DecimalStyle = 'trimmed'): string {
  if (units < 0n) return `-${writeUnits(-units, scale, style)}`
  let digits = units.toString()
  if (digits.length <= scale) digits = digits.padStart(scale + 1, '0')
  const point = digits.length - scale
  let end = digits.length
  if (style === 'trimmed') while (end > point && digits.charCodeAt(end - 1) === ZERO) end--
  if (end <= point) return digits.slice(0, point)
  return `${digits.slice(0, point)}.${digits.slice(point, end)}`
}
