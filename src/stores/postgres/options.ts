// The options of the store and of its schema.

import { checkOptionNames } from '../shared/options.ts'
import { readTableNames, type TableNames } from '../shared/table.ts'

/** Options of {@link postgresDedupeStore} and {@link postgresDedupeSchema}. */
export interface PostgresDedupeOptions {
  /** The table, with or without its schema; `webhook_deliveries` by default. */
  readonly table?: string | undefined
}

/** @throws {WebhookError} `invalid_option` */
export function readOptions(options: PostgresDedupeOptions): TableNames {
  checkOptionNames(options, ['table'])
  return readTableNames(options.table)
}
