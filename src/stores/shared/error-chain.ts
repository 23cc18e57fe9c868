// Errors of database clients, which often wrap one another.

/** How many causes deep to look. Clients wrap two or three times; the limit also ends a chain that leads back to itself. */
const MAX_DEPTH = 5

/** An error and its causes, outermost first, each as an object whose properties can be read. */
export function* errorChain(error: unknown): Generator<Readonly<Record<string, unknown>>> {
  let current = error
  for (let depth = 0; depth < MAX_DEPTH && isObject(current); depth++) {
    yield current
    current = current.cause
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
