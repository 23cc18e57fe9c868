// Claims several keys together, all or none.

import { allOrNone } from './all-or-none.ts'
import { afterNow, BIND_EXISTING, milliseconds, TAKE_OVER, tryLock } from './fragments.ts'

/** $1 keys in order, $2 fingerprints, $3 token, $4 lease, $5 bind, $6 the first key of the request: only a claim writes it. */
export function claimSetSql(table: string): string {
  const lock = tryLock(table, 'r.key')
  return `
    WITH RECURSIVE request AS MATERIALIZED (
      SELECT key, fingerprint, place FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS request (key, fingerprint, place)
    ), verdict AS MATERIALIZED (
      SELECT coalesce(bool_or(d.fingerprint <> r.fingerprint), false) AS conflict,
        coalesce(bool_or(d.until > clock_timestamp() AND d.token IS NULL), false) AS duplicate,
        max(CASE WHEN d.until > clock_timestamp() AND d.token IS NOT NULL
          THEN extract(epoch FROM least(d.until - clock_timestamp(), d.lease)) * 1000 END)::float8 AS held_ms,
        coalesce(bool_or(d.until > clock_timestamp() + d.lease), false) AS is_ahead
      FROM request AS r JOIN ${table} AS d ON d.key = r.key WHERE d.expires_at > clock_timestamp()
    ), locked AS (
      SELECT r.place, ${lock} AS ok FROM request AS r, verdict AS v
      WHERE r.place = 1 AND NOT v.conflict AND NOT v.duplicate AND v.held_ms IS NULL
      UNION ALL
      SELECT r.place, ${lock} FROM locked AS l JOIN request AS r ON r.place = l.place + 1 WHERE l.ok
    ), free AS MATERIALIZED (
      SELECT count(*) = cardinality($1::text[]) AS is_free FROM locked WHERE ok
    ), taken AS (
      INSERT INTO ${table} AS d (key, fingerprint, token, lease, until, expires_at)
      SELECT key, fingerprint, $3, ${milliseconds('$4')}, ${afterNow('$4')}, ${afterNow('$4')} + ${milliseconds('$5')}
      FROM request WHERE (SELECT is_free FROM free) ORDER BY place
      ${TAKE_OVER}
      RETURNING 1
    ), bound AS (
      INSERT INTO ${table} AS d (key, fingerprint, token, until, expires_at)
      SELECT r.key, r.fingerprint, NULL, clock_timestamp(), ${afterNow('$5')} FROM request AS r, verdict AS v
      WHERE CASE WHEN NOT v.conflict AND (v.duplicate OR v.held_ms IS NOT NULL) AND r.key <> $6 AND r.fingerprint IS NOT NULL
        THEN ${lock} ELSE false END ORDER BY place
      ${BIND_EXISTING}
    )
    SELECT v.*, ${allOrNone('t.count', 'cardinality($1::text[])')} AS taken
    FROM verdict AS v, (SELECT count(*) FROM taken) AS t`
}

/** Binds those keys of a set that nobody holds. $1 keys in order, $2 fingerprints, $3 bind, $4 the key that is not bound. */
export function bindSetSql(table: string): string {
  return `
    INSERT INTO ${table} AS d (key, fingerprint, token, until, expires_at)
    SELECT key, fingerprint, NULL, clock_timestamp(), ${afterNow('$3')}
    FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS request (key, fingerprint, place)
    WHERE CASE WHEN key <> $4 AND fingerprint IS NOT NULL THEN ${tryLock(table, 'key')} ELSE false END ORDER BY place
    ${BIND_EXISTING}`
}
