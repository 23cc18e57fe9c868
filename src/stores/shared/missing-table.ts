// The most common mistake with a store in a database: its table was never made.

/** Says what to do; what the database said is the cause. */
export function missingTable(table: string, cause: unknown): Error {
  return new Error(`The table ${table} does not exist: call migrate() of the store once before use.`, { cause })
}
