// What is asked of PostgreSQL.

import { allOrNone } from './half-taken.ts'

/** The same change to one key, and to a set. */
export interface Change {
  readonly one: string
  readonly set: string
}

/** Each as one text, but for those that differ between one key and a set. */
export interface Statements {
  readonly claim: string
  readonly claimSet: string
  readonly bindSet: string
  readonly cut: string
  readonly commit: Change
  readonly release: Change
  readonly extend: Change
  readonly migrate: (schema: string) => string
  readonly deleteExpired: string
}

/** The table and its index. */
export function schemaOf(table: string, index: string): string {
  return `CREATE TABLE IF NOT EXISTS ${table} (
  key text COLLATE "C" PRIMARY KEY,
  fingerprint text,
  token text, -- of the claim, also once it is late; null once committed or released
  lease interval, -- how long the claim was made for
  until timestamptz NOT NULL, -- how long the claim or the commit stands
  expires_at timestamptz NOT NULL -- how long anything is known of the key: from then on the row may be deleted
);
CREATE INDEX IF NOT EXISTS ${index} ON ${table} (expires_at);`
}

const ms = (value: string): string => `${value}::float8 * interval '1 millisecond'`
const after = (value: string): string => `clock_timestamp() + ${ms(value)}`

// A row stands (claimed under its token, or committed where there is none) until `until`. From then until `expires_at` it binds its key,
// if it has a fingerprint, and remembers whose the claim was. The clock is the server's own, clock_timestamp(): that of a transaction
// stands still. A lease that ends further ahead than it is long was written before that clock was set back: it is cut to its length.
//
// A claim takes an advisory lock on each key before it writes its row. A row that a transaction has not committed yet would make
// everyone wait who wants to write the same key; the lock can be tried instead. It ends with the statement, or with the transaction.
export function statements(table: string): Statements {
  const lock = (key: string): string => `pg_try_advisory_xact_lock(hashtextextended('${table}:' || ${key}, 0))`
  return {
    ...claims(table, lock),
    ...changes(table),
    cut: `
      UPDATE ${table} SET until = clock_timestamp() + lease, expires_at = clock_timestamp() + lease + (expires_at - until)
      WHERE key = ANY ($1::text[]) AND token IS NOT NULL AND until > clock_timestamp() + lease`,
    // Two sessions that make the same table at once fail, IF NOT EXISTS or not: so they take turns.
    migrate: (schema) => `DO $$ BEGIN PERFORM pg_advisory_xact_lock(hashtextextended('${table}', 0)); ${schema} END $$`,
    deleteExpired: `
      WITH expired AS MATERIALIZED (
        SELECT key FROM ${table} WHERE expires_at <= clock_timestamp() ORDER BY expires_at LIMIT $1::int FOR UPDATE SKIP LOCKED
      )
      DELETE FROM ${table} WHERE key IN (SELECT key FROM expired) RETURNING 1`,
  }
}

type Claims = Pick<Statements, 'claim' | 'claimSet' | 'bindSet'>

function claims(table: string, lock: (key: string) => string): Claims {
  const isFree = `d.until <= clock_timestamp()
      AND (d.expires_at <= clock_timestamp() OR d.fingerprint = excluded.fingerprint
        OR d.fingerprint IS NULL OR excluded.fingerprint IS NULL)`
  const take = `ON CONFLICT (key) DO UPDATE SET
      token = excluded.token,
      lease = excluded.lease,
      until = excluded.until,
      fingerprint = coalesce(excluded.fingerprint, CASE WHEN d.expires_at > clock_timestamp() THEN d.fingerprint END),
      expires_at = greatest(excluded.expires_at, excluded.until + (d.expires_at - clock_timestamp()))
    WHERE ${isFree}`
  // Whoever is late with a key stays its holder: nothing is taken over.
  const bind = `ON CONFLICT (key) DO UPDATE SET
      fingerprint = excluded.fingerprint,
      until = excluded.until,
      expires_at = greatest(excluded.expires_at, d.expires_at)
    WHERE ${isFree}`

  // $1 key, $2 fingerprint, $3 token, $4 lease, $5 bind
  const claim = `
    WITH known AS MATERIALIZED (
      SELECT token, until > clock_timestamp() AS stands, coalesce(fingerprint <> $2, false) AS differs,
        CASE WHEN token IS NOT NULL THEN least(until - clock_timestamp(), lease) END AS left_time,
        until > clock_timestamp() + lease AS is_ahead
      FROM ${table} WHERE key = $1 AND expires_at > clock_timestamp()
    ), taken AS (
      INSERT INTO ${table} AS d (key, fingerprint, token, lease, until, expires_at)
      SELECT $1, $2::text, $3, ${ms('$4')}, ${after('$4')}, ${after('$4')} + ${ms('$5')}
      WHERE CASE WHEN EXISTS (SELECT FROM known WHERE stands OR differs) THEN false ELSE ${lock('$1')} END
      ${take}
      RETURNING 1
    )
    SELECT EXISTS (SELECT FROM taken) AS taken, coalesce(differs, false) AS conflict,
      coalesce(stands AND token IS NULL, false) AS duplicate,
      CASE WHEN stands THEN extract(epoch FROM left_time) * 1000 END::float8 AS held_ms,
      coalesce(is_ahead, false) AS is_ahead
    FROM (SELECT) AS one LEFT JOIN known ON true`

  // $1 keys in order, $2 fingerprints, $3 token, $4 lease, $5 bind, $6 the key that is written by a claim only.
  const claimSet = `
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
      SELECT r.place, ${lock('r.key')} AS ok FROM request AS r, verdict AS v
      WHERE r.place = 1 AND NOT v.conflict AND NOT v.duplicate AND v.held_ms IS NULL
      UNION ALL
      SELECT r.place, ${lock('r.key')} FROM locked AS l JOIN request AS r ON r.place = l.place + 1 WHERE l.ok
    ), free AS MATERIALIZED (
      SELECT count(*) = cardinality($1::text[]) AS is_free FROM locked WHERE ok
    ), taken AS (
      INSERT INTO ${table} AS d (key, fingerprint, token, lease, until, expires_at)
      SELECT key, fingerprint, $3, ${ms('$4')}, ${after('$4')}, ${after('$4')} + ${ms('$5')}
      FROM request WHERE (SELECT is_free FROM free) ORDER BY place
      ${take}
      RETURNING 1
    ), bound AS (
      INSERT INTO ${table} AS d (key, fingerprint, token, until, expires_at)
      SELECT r.key, r.fingerprint, NULL, clock_timestamp(), ${after('$5')} FROM request AS r, verdict AS v
      WHERE CASE WHEN NOT v.conflict AND (v.duplicate OR v.held_ms IS NOT NULL) AND r.key <> $6 AND r.fingerprint IS NOT NULL
        THEN ${lock('r.key')} ELSE false END ORDER BY place
      ${bind}
    )
    SELECT v.*, ${allOrNone('t.count', 'cardinality($1::text[])')} AS taken
    FROM verdict AS v, (SELECT count(*) FROM taken) AS t`

  // $1 keys in order, $2 fingerprints, $3 bind, $4 the key that is not bound
  const bindSet = `
    INSERT INTO ${table} AS d (key, fingerprint, token, until, expires_at)
    SELECT key, fingerprint, NULL, clock_timestamp(), ${after('$3')}
    FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS request (key, fingerprint, place)
    WHERE CASE WHEN key <> $4 AND fingerprint IS NOT NULL THEN ${lock('key')} ELSE false END ORDER BY place
    ${bind}`

  return { claim, claimSet, bindSet }
}

/** $1 the key, or keys in order, $2 token, $3 retention or lease. A token stands in a row until it is settled, or taken over. */
function changes(table: string): Pick<Statements, 'commit' | 'release' | 'extend'> {
  const change = (set: string): Change => ({
    one: `UPDATE ${table} SET ${set} WHERE key = $1 AND token = $2 RETURNING 1`,
    set: `
    WITH held AS MATERIALIZED (
      SELECT key FROM ${table} WHERE key = ANY ($1::text[]) AND token = $2 ORDER BY key FOR UPDATE
    )
    UPDATE ${table} SET ${set}
    WHERE key IN (SELECT key FROM held) AND (SELECT count(*) FROM held) = cardinality($1::text[]) RETURNING 1`,
  })
  const boundUntil = `CASE WHEN fingerprint IS NULL THEN clock_timestamp() ELSE clock_timestamp() + (expires_at - until) END`
  return {
    // The binding ends as long after the claim as it did before, and no sooner than the commit.
    commit: change(`token = NULL, lease = NULL,
    until = CASE WHEN $3::float8 = 'Infinity' THEN 'infinity' ELSE ${after('$3')} END,
    expires_at = CASE WHEN $3::float8 = 'Infinity' THEN 'infinity' ELSE greatest(${after('$3')}, ${boundUntil}) END`),
    release: change(`token = NULL, lease = NULL, until = clock_timestamp(), expires_at = ${boundUntil}`),
    extend: change(`lease = ${ms('$3')}, until = ${after('$3')}, expires_at = ${after('$3')} + (expires_at - until)`),
  }
}
