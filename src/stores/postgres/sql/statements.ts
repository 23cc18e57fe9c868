// All statements of the store for one table. Each is a transaction of its own, atomic over all of its keys.

import { claimOneSql } from './claim-one.ts'
import { bindSetSql, claimSetSql } from './claim-set.ts'
import { commitSql, extendSql, releaseSql, type SettleSql } from './settle.ts'

export interface Statements {
  readonly claimOne: string
  readonly claimSet: string
  readonly bindSet: string
  readonly cutLeases: string
  readonly commit: SettleSql
  readonly release: SettleSql
  readonly extend: SettleSql
  readonly deleteExpired: string
}

export function statementsFor(table: string): Statements {
  return {
    claimOne: claimOneSql(table),
    claimSet: claimSetSql(table),
    bindSet: bindSetSql(table),
    cutLeases: cutLeasesSql(table),
    commit: commitSql(table),
    release: releaseSql(table),
    extend: extendSql(table),
    deleteExpired: deleteExpiredSql(table),
  }
}

/** Cuts leases to their length whose end is further away than that. $1 keys. */
function cutLeasesSql(table: string): string {
  return `
      UPDATE ${table} SET until = clock_timestamp() + lease, expires_at = clock_timestamp() + lease + (expires_at - until)
      WHERE key = ANY ($1::text[]) AND token IS NOT NULL AND until > clock_timestamp() + lease`
}

/** Passes over rows that someone is using. $1 how many rows at most. */
function deleteExpiredSql(table: string): string {
  return `
      WITH expired AS MATERIALIZED (
        SELECT key FROM ${table} WHERE expires_at <= clock_timestamp() ORDER BY expires_at LIMIT $1::int FOR UPDATE SKIP LOCKED
      )
      DELETE FROM ${table} WHERE key IN (SELECT key FROM expired) RETURNING 1`
}
