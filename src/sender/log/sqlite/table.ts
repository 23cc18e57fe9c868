// The SQL of the log in an SQLite file, and the tables as functions.

import type { SqliteDatabase } from '../../../stores/sqlite/database.ts'
import type { AttemptReason } from '../../delivery.ts'
import type { DeliveryRow, DeliveryTable, EndpointRow } from '../embedded.ts'
import type { LogTables } from '../table-names.ts'

export function schemaSql({ deliveries, endpoints, dueIndex, settledIndex }: LogTables): string {
  return `
    CREATE TABLE IF NOT EXISTS ${deliveries} (
      endpoint TEXT NOT NULL,
      id TEXT NOT NULL,
      target TEXT, -- JSON of the endpoint; null where only its id is stored
      event TEXT,
      body BLOB NOT NULL,
      state TEXT NOT NULL, -- pending, delivered or dead
      attempt INTEGER NOT NULL, -- how many have been counted
      own_faults INTEGER NOT NULL, -- how many in a row have not
      due_at REAL NOT NULL, -- milliseconds since 1970, like all times here; while a worker holds the delivery, the end of its lease
      token TEXT, -- of the worker that holds the delivery
      reason TEXT, -- why the last attempt ended as it did
      settled_at REAL,
      PRIMARY KEY (endpoint, id)
    );
    CREATE INDEX IF NOT EXISTS ${dueIndex} ON ${deliveries} (endpoint, due_at) WHERE state = 'pending';
    CREATE INDEX IF NOT EXISTS ${settledIndex} ON ${deliveries} (settled_at) WHERE state <> 'pending';
    CREATE TABLE IF NOT EXISTS ${endpoints} (
      id TEXT PRIMARY KEY,
      failures INTEGER NOT NULL, -- since the last success
      failing_since REAL NOT NULL,
      disabled_reason TEXT
    ) WITHOUT ROWID;`
}

/** What statements bind. */
type Value = string | number | null | Uint8Array

interface Statement {
  get(...values: Value[]): Record<string, unknown> | null | undefined
  all(...values: Value[]): Record<string, unknown>[]
}

/** Prepares the statements. Throws if the tables do not exist. */
export function prepareTable(database: SqliteDatabase, names: LogTables): DeliveryTable {
  const { deliveries, endpoints } = names
  // All statements have an answer, so that `get` and `all` are enough: the clients differ in what `run` returns.
  const prepare = (sql: string): Statement => database.prepare(sql) as Statement
  const insert = prepare(`INSERT INTO ${deliveries}
    (endpoint, id, target, event, body, state, attempt, own_faults, due_at) VALUES (?, ?, ?, ?, ?, 'pending', 0, 0, ?)
    ON CONFLICT DO NOTHING RETURNING 1 AS done`)
  const find = prepare(`SELECT * FROM ${deliveries} WHERE endpoint = ? AND id = ?`)
  const update = prepare(`UPDATE ${deliveries}
    SET state = ?, attempt = ?, own_faults = ?, due_at = ?, token = ?, reason = ?, settled_at = ?
    WHERE endpoint = ? AND id = ? RETURNING 1 AS done`)
  const endpoint = prepare(`SELECT * FROM ${endpoints} WHERE id = ?`)
  const writeEndpoint = prepare(`INSERT OR REPLACE INTO ${endpoints}
    (id, failures, failing_since, disabled_reason) VALUES (?, ?, ?, ?) RETURNING 1 AS done`)
  const dueEndpoints = prepare(`SELECT * FROM ${endpoints} AS e
    WHERE EXISTS (SELECT 1 FROM ${deliveries} WHERE endpoint = e.id AND state = 'pending' AND due_at <= ?)`)
  const due = prepare(`SELECT * FROM ${deliveries}
    WHERE endpoint = ? AND state = 'pending' AND due_at <= ? ORDER BY due_at LIMIT ?`)
  const hasten = prepare(`UPDATE ${deliveries} SET due_at = ?
    WHERE endpoint = ? AND state = 'pending' AND token IS NULL RETURNING 1 AS done`)
  const counts = prepare(`WITH clock (now) AS (SELECT ?)
    SELECT count(*) FILTER (WHERE state = 'pending') AS pending,
    count(*) FILTER (WHERE state = 'pending' AND due_at <= (SELECT now FROM clock)) AS due,
    max(0, (SELECT now FROM clock) - min(due_at) FILTER (WHERE state = 'pending')) AS oldest,
    count(*) FILTER (WHERE state = 'delivered') AS delivered, count(*) FILTER (WHERE state = 'dead') AS dead FROM ${deliveries}`)
  const deleteSettled = prepare(`DELETE FROM ${deliveries} WHERE rowid IN
    (SELECT rowid FROM ${deliveries} WHERE state <> 'pending' AND settled_at < ? LIMIT ?) RETURNING 1 AS done`)
  return {
    insert: ({ endpointId, deliveryId, target, event, body, dueAt }) =>
      Boolean(insert.get(endpointId, deliveryId, target, event, body, dueAt)),
    find(endpointId, deliveryId) {
      const row = find.get(endpointId, deliveryId)
      if (row) return readDelivery(row)
      return undefined
    },
    update(row) {
      const { state, attempt, ownFaults, dueAt, token, reason, settledAt, endpointId, deliveryId } = row
      update.get(state, attempt, ownFaults, dueAt, token, reason, settledAt, endpointId, deliveryId)
    },
    endpoint(id) {
      const row = endpoint.get(id)
      if (row) return readEndpoint(row)
      return undefined
    },
    writeEndpoint({ id, failures, failingSince, disabledReason }) {
      writeEndpoint.get(id, failures, failingSince, disabledReason)
    },
    dueEndpoints: (now) => dueEndpoints.all(now).map(readEndpoint),
    due: (endpointId, now, limit) => due.all(endpointId, now, limit).map(readDelivery),
    hasten: (endpointId, now) => void hasten.all(now, endpointId),
    counts(now) {
      const { pending, due, oldest, delivered, dead } = counts.get(now) ?? {}
      const [oldestDueMs, settled] = [Number(oldest ?? 0), { delivered: Number(delivered), dead: Number(dead) }]
      return { pending: Number(pending), due: Number(due), oldestDueMs, ...settled }
    },
    deleteSettled: (before, limit) => deleteSettled.all(before, limit).length,
  }
}

/** Clients may be set to give integers as bigint, and give blobs as Buffer or Uint8Array. The columns are as the schema says. */
function readDelivery(row: Record<string, unknown>): DeliveryRow {
  const text = row as Record<string, string>
  const nullable = row as Record<string, string | null>
  return {
    endpointId: text.endpoint ?? '',
    deliveryId: text.id ?? '',
    target: nullable.target ?? null,
    event: nullable.event ?? null,
    body: new Uint8Array(row.body as Uint8Array),
    state: row.state as DeliveryRow['state'],
    attempt: Number(row.attempt),
    ownFaults: Number(row.own_faults),
    dueAt: Number(row.due_at),
    token: nullable.token ?? null,
    reason: row.reason as AttemptReason | null,
    settledAt: row.settled_at as number | null,
  }
}

function readEndpoint(row: Record<string, unknown>): EndpointRow {
  return {
    id: String(row.id),
    failures: Number(row.failures),
    failingSince: Number(row.failing_since),
    disabledReason: row.disabled_reason as AttemptReason | null,
  }
}
