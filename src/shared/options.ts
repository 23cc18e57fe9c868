// What every maker asks of the options object that it is given.

/**
 * The first own name of an options object that its maker does not know; undefined where it knows them all. A misspelt option would
 * otherwise leave its default in force, and nobody would notice.
 */
export function findUnknownName(options: object, known: readonly string[]): string | undefined {
  return Object.keys(options).find((name) => !known.includes(name))
}

/** The sentence that says so. */
export function describeUnknownName(name: string, known: readonly string[]): string {
  return `${name} is not an option here. The options are ${known.join(', ')}.`
}
