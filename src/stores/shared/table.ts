// The table of a store in an SQL database. Its name becomes part of SQL text, so only plain identifiers are accepted.

import { invalidOption } from '../../shared/webhook-error.ts'

/** The names of a table and its index, quoted for SQL. */
export interface TableNames {
  readonly table: string
  readonly index: string
}

// PostgreSQL cuts names off after 63 bytes, and the name of the index is 15 characters longer than that of the table.
const NAME = /^(?:([A-Za-z_][A-Za-z0-9_]{0,47})\.)?([A-Za-z_][A-Za-z0-9_]{0,47})$/

/**
 * Reads the `table` option.
 *
 * @throws {WebhookError} `invalid_option`
 */
export function readTableNames(value: unknown = 'webhook_deliveries'): TableNames {
  const match = typeof value === 'string' ? NAME.exec(value) : null
  if (!match) {
    throw invalidOption(
      'table',
      'a name of at most 48 letters, digits and underscores that does not begin with a digit, with or without a schema and a dot before it',
    )
  }
  const [, schema, name] = match
  const table = schema === undefined ? `"${name}"` : `"${schema}"."${name}"`
  return { table, index: `"${name}_expires_at"` }
}

/** The error for the most common mistake: the table was never created. `cause` is the database's own error. */
export function missingTable(table: string, cause: unknown): Error {
  return new Error(`The table ${table} does not exist. Call the store's migrate() once before use.`, { cause })
}
