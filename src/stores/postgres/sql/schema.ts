// The table of the store, and what a row means.

import type { TableNames } from '../../shared/table.ts'

/**
 * Until `until` the key is claimed (by the holder of the token), or committed if there is no token. From then until `expires_at` it stays
 * bound to its fingerprint, if it has one, and to the token of its last claim.
 *
 * All times are read from `clock_timestamp()`, the server's clock; the time of a transaction does not move on. A lease whose end is further away
 * than it is long was written before that clock was set back, and is cut to its length.
 */
export function schemaSql({ table, index }: TableNames): string {
  return `CREATE TABLE IF NOT EXISTS ${table} (
  key text COLLATE "C" PRIMARY KEY,
  fingerprint text,
  token text, -- of the claim, kept after its lease has ended; null once the claim is committed or released
  lease interval, -- how long the claim was made for
  until timestamptz NOT NULL, -- the end of the lease, or of the retention
  expires_at timestamptz NOT NULL -- from then on nothing is known of the key, and the row may be deleted
);
CREATE INDEX IF NOT EXISTS ${index} ON ${table} (expires_at);`
}

/** Creates the table. If two sessions do this at once, one fails in spite of IF NOT EXISTS; so they take turns. */
export function migrateSql(names: TableNames): string {
  const lock = `pg_advisory_xact_lock(hashtextextended('${names.table}', 0))`
  return `DO $$ BEGIN PERFORM ${lock}; ${schemaSql(names)} END $$`
}
