// Expressions that several statements use.

/** A parameter in milliseconds, as an interval. */
export function milliseconds(parameter: string): string {
  return `${parameter}::float8 * interval '1 millisecond'`
}

/** The time that is so many milliseconds from now. */
export function afterNow(parameter: string): string {
  return `clock_timestamp() + ${milliseconds(parameter)}`
}

/**
 * Tries to take a lock on a key until the end of the statement, or of the transaction it is part of. Whoever writes a row locks its key
 * first: waiting for a row that a transaction has not committed yet could take long, but a lock can be tried.
 */
export function tryLock(table: string, key: string): string {
  return `pg_try_advisory_xact_lock(hashtextextended('${table}:' || ${key}, 0))`
}

/** Whether the row `d` that is already there lets the row `excluded` take its place. */
const IS_FREE = `d.until <= clock_timestamp()
      AND (d.expires_at <= clock_timestamp() OR d.fingerprint = excluded.fingerprint
        OR d.fingerprint IS NULL OR excluded.fingerprint IS NULL)`

/** Claims a key whose row is already there, if it is free. A binding that would have lasted longer goes on. */
export const TAKE_OVER: string = `ON CONFLICT (key) DO UPDATE SET
      token = excluded.token,
      lease = excluded.lease,
      until = excluded.until,
      fingerprint = coalesce(excluded.fingerprint, CASE WHEN d.expires_at > clock_timestamp() THEN d.fingerprint END),
      expires_at = greatest(excluded.expires_at, excluded.until + (d.expires_at - clock_timestamp()))
    WHERE ${IS_FREE}`

/** Binds a key whose row is already there, if it is free. If a claim on it has run out, it still belongs to its holder. */
export const BIND_EXISTING: string = `ON CONFLICT (key) DO UPDATE SET
      fingerprint = excluded.fingerprint,
      until = excluded.until,
      expires_at = greatest(excluded.expires_at, d.expires_at)
    WHERE ${IS_FREE}`
