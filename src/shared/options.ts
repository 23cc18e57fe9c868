// What every function that takes an options object asks of it.

/**
 * Throws if an options object has an own name that its reader does not know. A misspelt option would otherwise leave the default in
 * force, and nobody would notice. Anything that is not an object is left to the reader's other checks.
 *
 * @param toError Makes the room's error from the unknown name and a message.
 * @param place Where the object is, if it is inside another one: `secrets[1]`. It is used in the message only.
 */
export function rejectUnknownNames(
  options: unknown,
  known: readonly string[],
  toError: (name: string, message: string) => Error,
  place?: string,
): void {
  if (typeof options !== 'object' || options === null) return
  const name = findUnknownName(options, known)
  if (name === undefined) return
  const path = place === undefined ? name : `${place}.${name}`
  throw toError(name, describeUnknownName(path, known))
}

/** The first own name that is not known, if there is one. */
function findUnknownName(options: object, known: readonly string[]): string | undefined {
  return Object.keys(options).find((name) => !known.includes(name))
}

function describeUnknownName(name: string, known: readonly string[]): string {
  return `${name} is not an option here. The options are ${known.join(', ')}.`
}
