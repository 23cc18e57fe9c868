// JSON Pointer (RFC 6901): read once, then followed into what JSON.parse gave.

/** The steps of a pointer; undefined for a text that is none, or that points at the whole document. */
export function readPointer(text: unknown): readonly string[] | undefined {
  if (typeof text !== 'string' || !text.startsWith('/') || /~(?![01])/.test(text)) return undefined
  // In this order: `~01` stands for `~1`, not for a slash (section 4).
  const steps = text.slice(1).split('/')
  return steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** What a pointer leads to; undefined where there is nothing. Only own members count, and of an array its elements. */
export function followPointer(steps: readonly string[], document: unknown): unknown {
  let value = document
  for (const step of steps) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    // Section 4: digits without a leading zero. `length` is an own property of an array, but no element.
    if (Array.isArray(value) && !/^(?:0|[1-9]\d*)$/.test(step)) return undefined
    value = (value as Record<string, unknown>)[step]
  }
  return value
}
