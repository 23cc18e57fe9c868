// Claims one key, as most deliveries have.

import { afterNow, milliseconds, TAKE_OVER, tryLock } from './fragments.ts'

/** $1 key, $2 fingerprint, $3 token, $4 lease, $5 bind. Answers with a row of {@link ClaimRow}. */
export function claimOneSql(table: string): string {
  return `
    WITH known AS MATERIALIZED (
      SELECT token, until > clock_timestamp() AS is_taken, coalesce(fingerprint <> $2, false) AS differs,
        CASE WHEN token IS NOT NULL THEN least(until - clock_timestamp(), lease) END AS left_time,
        until > clock_timestamp() + lease AS is_ahead
      FROM ${table} WHERE key = $1 AND expires_at > clock_timestamp()
    ), taken AS (
      INSERT INTO ${table} AS d (key, fingerprint, token, lease, until, expires_at)
      SELECT $1, $2::text, $3, ${milliseconds('$4')}, ${afterNow('$4')}, ${afterNow('$4')} + ${milliseconds('$5')}
      WHERE CASE WHEN EXISTS (SELECT FROM known WHERE is_taken OR differs) THEN false ELSE ${tryLock(table, '$1')} END
      ${TAKE_OVER}
      RETURNING 1
    )
    SELECT EXISTS (SELECT FROM taken) AS taken, coalesce(differs, false) AS conflict,
      coalesce(is_taken AND token IS NULL, false) AS duplicate,
      CASE WHEN is_taken THEN extract(epoch FROM left_time) * 1000 END::float8 AS held_ms,
      coalesce(is_ahead, false) AS is_ahead
    FROM (SELECT) AS one LEFT JOIN known ON true`
}
