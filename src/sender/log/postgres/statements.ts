// The SQL of the log on PostgreSQL.

import { LEAST_FAILURES } from '../contract.ts'
import type { LogTables } from '../table-names.ts'

/** Each text is one statement, and each statement one transaction. */
export interface LogStatements {
  readonly enqueue: string
  readonly claim: string
  readonly settle: string
  readonly deliver: string
  readonly recover: string
  readonly hasten: string
  readonly find: string
  readonly markDelivered: string
  readonly enableEndpoint: string
  readonly counts: string
  readonly deleteSettled: string
}

export function statementsFor({ deliveries, endpoints }: LogTables): LogStatements {
  return {
    enqueue: enqueueSql(deliveries, endpoints),
    claim: claimSql(deliveries, endpoints),
    settle: settleSql(deliveries, endpoints),
    deliver: deliverSql(deliveries, endpoints),
    recover: `UPDATE ${endpoints} SET failures = 0 WHERE id = $1 AND failures > 0 AND disabled_reason IS NULL
      RETURNING 'recovered' AS change, failing_since`,
    hasten: `UPDATE ${deliveries} SET due_at = ${now('$2')} WHERE endpoint = $1 AND state = 'pending' AND token IS NULL`,
    find: `SELECT ${columns('d')} FROM ${deliveries} AS d WHERE endpoint = $1 AND id = $2`,
    markDelivered: `UPDATE ${deliveries} SET state = 'delivered', reason = 'ok', token = NULL, settled_at = ${now('$3')}
      WHERE endpoint = $1 AND id = $2`,
    enableEndpoint: `UPDATE ${endpoints} SET failures = 0, disabled_reason = NULL
      WHERE id = $1 AND disabled_reason IS NOT NULL RETURNING 1`,
    counts: `SELECT count(*) FILTER (WHERE state = 'pending')::float8 AS pending,
      count(*) FILTER (WHERE state = 'pending' AND due_at <= ${now('$1')})::float8 AS due,
      greatest(0, ${now('$1')} - min(due_at) FILTER (WHERE state = 'pending'))::float8 AS oldest,
      count(*) FILTER (WHERE state = 'delivered')::float8 AS delivered,
      count(*) FILTER (WHERE state = 'dead')::float8 AS dead FROM ${deliveries}`,
    deleteSettled: `DELETE FROM ${deliveries} WHERE (endpoint, id) IN (SELECT endpoint, id FROM ${deliveries}
      WHERE state <> 'pending' AND settled_at < ${now('$1')} - $2::float8 LIMIT $3::int FOR UPDATE SKIP LOCKED) RETURNING 1`,
  }
}

/** The dispatcher's clock if it has one, and the server's otherwise: not `now()`, which stands still inside a transaction. */
function now(parameter: string): string {
  return `coalesce(${parameter}::float8, extract(epoch FROM statement_timestamp())::float8 * 1000)`
}

/** What is read of a delivery. Bytes travel as base64, because clients differ in how they read and write them. */
function columns(row: string): string {
  const names = ['endpoint', 'id', 'target', 'event', 'state', 'attempt', 'own_faults', 'reason']
  return `${names.map((name) => `${row}.${name}`).join(', ')}, encode(${row}.body, 'base64') AS body`
}

/** $1 endpoint, $2 id, $3 target, $4 event, $5 body in base64, $6 now. Waits for a transaction that is writing the same delivery. */
function enqueueSql(deliveries: string, endpoints: string): string {
  return `
    WITH known AS (
      INSERT INTO ${endpoints} (id) SELECT $1::text WHERE NOT EXISTS (SELECT FROM ${endpoints} WHERE id = $1)
      ON CONFLICT DO NOTHING
    )
    INSERT INTO ${deliveries} (endpoint, id, target, event, body, due_at)
    SELECT $1, $2::text, $3::text, $4::text, decode($5::text, 'base64'), ${now('$6')}
    ON CONFLICT DO NOTHING RETURNING 1`
}

/**
 * $1 token, $2 limit, $3 lease, $4 per endpoint, $5 limit of failing ones, $6 and $7 which endpoints this worker is busy with and how often,
 * $8 now. From each endpoint a few, so that a long queue of one hides no other. Rows that another worker is claiming are passed over.
 */
function claimSql(deliveries: string, endpoints: string): string {
  return `
    WITH found AS (
      SELECT d.endpoint, d.id, d.due_at, e.failures > 0 AS is_failing, e.disabled_reason
      FROM ${endpoints} AS e
      LEFT JOIN unnest($6::text[], $7::int[]) AS busy (id, held) ON busy.id = e.id
      CROSS JOIN LATERAL (
        SELECT endpoint, id, due_at FROM ${deliveries}
        WHERE endpoint = e.id AND state = 'pending' AND due_at <= ${now('$8')}
        ORDER BY due_at
        LIMIT greatest(0, CASE WHEN e.failures > 0 THEN 1 ELSE $4::int END - coalesce(busy.held, 0))
        FOR UPDATE SKIP LOCKED
      ) AS d
    ), ranked AS (
      SELECT *, row_number() OVER (PARTITION BY is_failing ORDER BY due_at) AS place FROM found
    ), chosen AS MATERIALIZED (
      SELECT * FROM ranked WHERE NOT is_failing OR place <= $5::int ORDER BY due_at LIMIT $2::int
    )
    UPDATE ${deliveries} AS d SET token = $1, attempt = d.attempt + 1, due_at = ${now('$8')} + $3::float8
    FROM chosen WHERE d.endpoint = chosen.endpoint AND d.id = chosen.id
    RETURNING ${columns('d')}, chosen.is_failing, chosen.disabled_reason`
}

/** The most frequent ending, and so a statement of its own. $1 endpoint, $2 id, $3 token, $4 reason, $5 attempt, $6 now. */
function deliverSql(deliveries: string, endpoints: string): string {
  return `
    UPDATE ${deliveries} SET state = 'delivered', reason = $4, attempt = $5::int, own_faults = 0, token = NULL, settled_at = ${now('$6')}
    WHERE endpoint = $1 AND id = $2 AND token = $3 AND state = 'pending'
    RETURNING true AS settled, EXISTS (SELECT FROM ${endpoints} WHERE id = $1 AND failures > 0 AND disabled_reason IS NULL) AS had_failed`
}

/**
 * $1 endpoint, $2 id, $3 token, $4 state, $5 reason, $6 delay, $7 attempt, $8 own faults, $9 health, $10 disable after, $11 now. The
 * endpoint is changed by whoever holds its row, which makes a change known to one worker only.
 */
function settleSql(deliveries: string, endpoints: string): string {
  const since = `CASE WHEN failures = 0 THEN ${now('$11')} ELSE failing_since END`
  return `
    WITH settled AS (
      UPDATE ${deliveries} SET state = $4, reason = coalesce($5, reason), attempt = $7::int, own_faults = $8::int, token = NULL,
        due_at = ${now('$11')} + $6::float8, settled_at = CASE WHEN $4 <> 'pending' THEN ${now('$11')} END
      WHERE endpoint = $1 AND id = $2 AND token = $3 AND state = 'pending' RETURNING 1
    ), down AS (
      UPDATE ${endpoints} SET failures = failures + 1, failing_since = ${since},
        disabled_reason = CASE WHEN $9 = 'gone'
          OR (failures + 1 >= ${LEAST_FAILURES} AND ${since} <= ${now('$11')} - $10::float8) THEN $5 END
      WHERE id = $1 AND $9::text IN ('down', 'gone') AND disabled_reason IS NULL AND EXISTS (SELECT FROM settled)
      RETURNING CASE WHEN disabled_reason IS NOT NULL THEN 'disabled' WHEN failures = 1 THEN 'failing' END AS change, failing_since
    )
    SELECT EXISTS (SELECT FROM settled) AS settled, down.change, down.failing_since
    FROM (SELECT) AS one LEFT JOIN down ON true`
}
