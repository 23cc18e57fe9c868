/** What several test files of this folder need. None of it calls the code under test. */

/** A short name for any value, for the title of a test. */
export function label(value: unknown): string {
  if (typeof value === 'string') {
    return value.length > 40 ? `${JSON.stringify(value.slice(0, 20))}… (${value.length})` : JSON.stringify(value)
  }
  if (typeof value === 'object' && value !== null) return Object.prototype.toString.call(value)
  return `${typeof value} ${String(value)}`
}

/** The fixed text of units, by plain string work. */
export function insertPoint(units: bigint, scale: number): string {
  const sign = units < 0n ? '-' : ''
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0')
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

/** What a call throws; fails when it throws nothing. */
export function thrownBy(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    return error
  }
  throw new Error('expected the call to throw')
}
