// The name of a table, as an option: it ends up in SQL text, so it is held to plain identifiers.

import { invalidOption } from '../../shared/webhook-error.ts'

/** A table's name and that of its index, quoted. */
export interface TableNames {
  readonly table: string
  readonly index: string
}

// PostgreSQL cuts names at 63 bytes, and the index is named after the table.
const NAME = /^(?:([A-Za-z_][A-Za-z0-9_]{0,47})\.)?([A-Za-z_][A-Za-z0-9_]{0,47})$/

/** @throws {WebhookError} `invalid_option` */
export function tableNames(value: unknown = 'webhook_deliveries'): TableNames {
  const [whole, schema, name] = (typeof value === 'string' && NAME.exec(value)) || []
  if (whole === undefined) {
    throw invalidOption(
      'table',
      'letters, digits and underscores, at most 48, with or without a schema and a dot before',
    )
  }
  return { table: schema === undefined ? `"${name}"` : `"${schema}"."${name}"`, index: `"${name}_expires_at"` }
}
