// What a value is, in words for a message that must hold nothing of the value itself.

/** For example `a number`, `an object` or `null`. */
export function describeKind(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (typeof value === 'object') return 'an object'
  return `a ${typeof value}`
}
