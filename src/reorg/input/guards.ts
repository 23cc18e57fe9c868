// What a value from outside is.

/** Printable ASCII without spaces: such a text needs no escaping in a log line, a cursor or a column. */
const TOKEN = /^[!-~]{1,128}$/

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** Providers write an unknown member as null as often as they leave it out. */
export function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null
}

export function isWhole(value: unknown, min: number, max: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max
}

/** True for a height, and for any other count that may grow without bound. */
export function isSequence(value: unknown): value is number {
  return isWhole(value, 0, Infinity)
}

/** True for a hash, and for the name of a source. */
export function isToken(value: unknown): value is string {
  return typeof value === 'string' && TOKEN.test(value)
}
