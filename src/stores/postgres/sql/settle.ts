// Settles a claim: commits, releases or extends it, if its token still holds all of its keys.

import { afterNow, milliseconds } from './fragments.ts'

/** The same change for one key, and for a set. $1 the key, or the keys in order; $2 token; $3 retention or lease. */
export interface SettleSql {
  readonly one: string
  readonly set: string
}

/** When the binding to a fingerprint ends: as long after the claim as it would have otherwise. */
const BOUND_UNTIL =
  'CASE WHEN fingerprint IS NULL THEN clock_timestamp() ELSE clock_timestamp() + (expires_at - until) END'

export function commitSql(table: string): SettleSql {
  return settleSql(
    table,
    `token = NULL, lease = NULL,
    until = CASE WHEN $3::float8 = 'Infinity' THEN 'infinity' ELSE ${afterNow('$3')} END,
    expires_at = CASE WHEN $3::float8 = 'Infinity' THEN 'infinity' ELSE greatest(${afterNow('$3')}, ${BOUND_UNTIL}) END`,
  )
}

export function releaseSql(table: string): SettleSql {
  return settleSql(table, `token = NULL, lease = NULL, until = clock_timestamp(), expires_at = ${BOUND_UNTIL}`)
}

export function extendSql(table: string): SettleSql {
  return settleSql(
    table,
    `lease = ${milliseconds('$3')}, until = ${afterNow('$3')}, expires_at = ${afterNow('$3')} + (expires_at - until)`,
  )
}

/** A row keeps its token until the claim is settled or taken over; whether the lease has ended makes no difference. */
function settleSql(table: string, assignments: string): SettleSql {
  return {
    one: `UPDATE ${table} SET ${assignments} WHERE key = $1 AND token = $2 RETURNING 1`,
    set: `
    WITH held AS MATERIALIZED (
      SELECT key FROM ${table} WHERE key = ANY ($1::text[]) AND token = $2 ORDER BY key FOR UPDATE
    )
    UPDATE ${table} SET ${assignments}
    WHERE key IN (SELECT key FROM held) AND (SELECT count(*) FROM held) = cardinality($1::text[]) RETURNING 1`,
  }
}
