// JSON Pointer (RFC 6901): parsed once, then followed into parsed JSON; and written.

/** The reference tokens of a pointer; undefined for a text that is not a pointer, and for the one to the whole document. */
export function readPointer(text: unknown): readonly string[] | undefined {
  if (typeof text !== 'string' || !text.startsWith('/') || /~(?![01])/.test(text)) return undefined
  // In this order, because `~01` means `~1` and not a slash (section 4).
  const tokens = text.slice(1).split('/')
  return tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** A reference token as a pointer writes it (section 3). */
export function escapeToken(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1')
}

/** What a pointer leads to; undefined if there is nothing. Only own members of objects and elements of arrays count. */
export function followPointer(tokens: readonly string[], document: unknown): unknown {
  let value = document
  for (const token of tokens) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, token)) return undefined
    // Section 4: digits without a leading zero. `length` is an own property of an array, but not an element.
    if (Array.isArray(value) && !/^(?:0|[1-9]\d*)$/.test(token)) return undefined
    value = Reflect.get(value, token)
  }
  return value
}
