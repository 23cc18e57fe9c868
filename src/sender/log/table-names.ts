// The names of a log's tables, quoted for SQL.

import { checkOptionNames } from '../../stores/shared/options.ts'
import { readTableNames } from '../../stores/shared/table.ts'

/** Options of the logs in a database. */
export interface DeliveryLogOptions {
  /** The table of deliveries, with or without its schema; `webhook_outbox` by default. That of endpoints has `_endpoints` behind it. */
  readonly table?: string | undefined
}

export interface LogTables {
  readonly deliveries: string
  readonly endpoints: string
  readonly dueIndex: string
  readonly settledIndex: string
}

/** @throws {WebhookError} `invalid_option` */
export function readLogTables(options: DeliveryLogOptions): LogTables {
  checkOptionNames(options, ['table'])
  const { table } = readTableNames(options.table ?? 'webhook_outbox')
  const name = table.slice(table.lastIndexOf('.') + 1)
  return {
    deliveries: table,
    endpoints: withSuffix(table, '_endpoints'),
    dueIndex: withSuffix(name, '_due'),
    settledIndex: withSuffix(name, '_settled'),
  }
}

function withSuffix(quoted: string, suffix: string): string {
  return `${quoted.slice(0, -1)}${suffix}"`
}
