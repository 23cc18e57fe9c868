// The tables of the log on PostgreSQL.

import type { LogTables } from '../table-names.ts'

/** Times are milliseconds since 1970, by the server's clock unless a dispatcher has a clock of its own. */
export function schemaSql({ deliveries, endpoints, dueIndex, settledIndex }: LogTables): string {
  return `CREATE TABLE IF NOT EXISTS ${deliveries} (
  endpoint text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  target text, -- JSON of the endpoint; null where only its id is stored
  event text,
  body bytea NOT NULL,
  state text NOT NULL DEFAULT 'pending', -- or delivered, or dead
  attempt int NOT NULL DEFAULT 0, -- how many have been counted
  own_faults int NOT NULL DEFAULT 0, -- how many in a row have not
  due_at float8 NOT NULL, -- while a worker holds the delivery, the end of its lease
  token text, -- of the worker that holds the delivery
  reason text, -- why the last attempt ended as it did
  settled_at float8,
  PRIMARY KEY (endpoint, id)
);
CREATE INDEX IF NOT EXISTS ${dueIndex} ON ${deliveries} (endpoint, due_at) WHERE state = 'pending';
CREATE INDEX IF NOT EXISTS ${settledIndex} ON ${deliveries} (settled_at) WHERE state <> 'pending';
CREATE TABLE IF NOT EXISTS ${endpoints} (
  id text COLLATE "C" PRIMARY KEY,
  failures int NOT NULL DEFAULT 0, -- since the last success
  failing_since float8 NOT NULL DEFAULT 0,
  disabled_reason text
);`
}

/** Creates the tables. If two sessions do this at once, one fails in spite of IF NOT EXISTS; so they take turns. */
export function migrateSql(names: LogTables): string {
  const lock = `pg_advisory_xact_lock(hashtextextended('${names.deliveries}', 0))`
  return `DO $$ BEGIN PERFORM ${lock}; ${schemaSql(names)} END $$`
}
