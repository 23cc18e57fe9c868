// The dedupe store on PostgreSQL: one statement, judged by the server's clock; or a part of your own transaction.

import type { Claim, ClaimResult, DedupeKey, DedupeStore } from '../webhook/dedupe.ts'
import { invalidOption, readNumber } from '../webhook/errors.ts'
import { milliseconds, type StoredKey, storedKeys } from './shared/request.ts'
import { tableNames } from './shared/table.ts'

/** What is used of a client: a `Pool`, `Client` or `PoolClient` of pg, a PGlite, or anything with the same query method. */
export interface PostgresClient {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>
}

/** What the Postgres store is made of. */
export interface PostgresDedupeOptions {
  /** The table, with or without its schema; `webhook_deliveries` by default. */
  readonly table?: string | undefined
}

/** A dedupe store on PostgreSQL. */
export interface PostgresDedupeStore extends DedupeStore {
  extend(claim: Claim, leaseMs: number): Promise<boolean>
  /** Makes the table and its index where they are missing. Safe to call at every start, by several processes at once. */
  migrate(): Promise<void>
  /**
   * Deletes expired rows, a batch at a time (1000 rows by default), and returns how many there were. Rows that are being written are
   * left for the next time. Nothing else deletes them: call it every few minutes, from as many processes as you like.
   */
  deleteExpired(options?: { readonly batchSize?: number | undefined }): Promise<number>
  /**
   * The same store inside a transaction that you have begun on this client, to be passed to `receive` as `{ dedupe }`: the claim, what
   * the handler writes through the client and the commit stand together or not at all. One delivery at a time.
   *
   * End it with COMMIT whatever the outcome: a handler that failed has been undone by then, back to a savepoint, and what is left is
   * the note of what the delivery came with. Answer only after COMMIT, and only a COMMIT that PostgreSQL did not turn into a ROLLBACK.
   *
   * @example
   * await client.query('BEGIN')
   * const outcome = await receiver.receive(input, (delivery) => book(client, delivery.json()), { dedupe: store.inTransaction(client) })
   * const { command } = await client.query('COMMIT')
   * const status = outcome.code === 'ok' && command !== 'COMMIT' ? 503 : outcome.status
   */
  inTransaction(client: PostgresClient): DedupeStore
}

/**
 * Makes a dedupe store on a pool or client, which stays yours to close. PostgreSQL 11 or later. Call `migrate()` once before use, or
 * put `postgresDedupeSchema()` into your own migrations.
 *
 * Each method is one statement, and one transaction, whatever the number of keys. No claim ever waits for another: keys that a running
 * transaction is claiming are `in_progress`.
 *
 * @throws {WebhookError} `invalid_option`
 * @example
 * const store = postgresDedupeStore(new pg.Pool({ connectionString: process.env.DATABASE_URL }))
 * await store.migrate()
 * const receiver = createWebhookReceiver({ secrets, dedupe: store })
 */
export function postgresDedupeStore(pool: PostgresClient, options: PostgresDedupeOptions = {}): PostgresDedupeStore {
  const sql = statements(tableNames(options.table).table)
  if (!isClient(pool)) throw invalidOption('pool', 'a client with a query method')
  const send = sender(pool)

  /** A statement of its own is tried again where PostgreSQL asks for it; inside a transaction that is for its owner to do. */
  async function alone<Row>(text: string, values: unknown[]): Promise<readonly Row[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        return (await send(text, values)) as readonly Row[]
      } catch (error) {
        if (attempt === 5 || !RETRIED.includes(codeOf(error))) throw error
        await pause(Math.random() * 10 * attempt)
      }
    }
  }

  return Object.freeze({
    claim: async (request: ClaimRequest) => claim(alone, sql, request),
    commit: async (held: Claim, retentionMs: number) =>
      settle(alone, sql.commit, held, milliseconds('retentionMs', retentionMs)),
    release: async (held: Claim) => settle(alone, sql.release, held),
    extend: async (held: Claim, leaseMs: number) => settle(alone, sql.extend, held, milliseconds('leaseMs', leaseMs)),
    async migrate() {
      await pool.query(sql.migrate(postgresDedupeSchema(options)))
    },
    async deleteExpired({ batchSize = 1000 }: { readonly batchSize?: number | undefined } = {}) {
      const limit = Math.floor(readNumber('batchSize', batchSize, 1000, 1, 1e6))
      let deleted = 0
      for (;;) {
        const { length } = await alone(sql.deleteExpired, [limit])
        deleted += length
        if (length < limit) return deleted
      }
    },
    inTransaction(client: PostgresClient) {
      if (!isClient(client)) throw invalidOption('client', 'a client with a query method')
      return transactionStore(client, sql)
    },
  })
}

/**
 * The table and its index as SQL, for migrations of your own.
 *
 * @throws {WebhookError} `invalid_option`
 */
export function postgresDedupeSchema(options: PostgresDedupeOptions = {}): string {
  const { table, index } = tableNames(options.table)
  return `CREATE TABLE IF NOT EXISTS ${table} (
  key text COLLATE "C" PRIMARY KEY,
  fingerprint text,
  token text, -- of the claim; null once committed, and where the key is merely bound to its fingerprint
  until timestamptz NOT NULL, -- how long the claim or the commit stands
  expires_at timestamptz NOT NULL -- how long the binding stands: from then on the row may be deleted
);
CREATE INDEX IF NOT EXISTS ${index} ON ${table} (expires_at);`
}

interface ClaimRequest {
  readonly keys: readonly DedupeKey[]
  readonly leaseMs: number
  readonly bindMs: number
}

type Query = <Row>(text: string, values: unknown[]) => Promise<readonly Row[]>

/** Serialization failure, deadlock, and the division by zero by which a half-taken set undoes itself. */
const RETRIED: readonly unknown[] = ['40001', '40P01', '22012']

/** When to come back to a key that somebody is claiming in a transaction: nobody can say how long that takes. */
const CONTENDED_MS = 1000

interface Verdict {
  readonly taken: boolean
  readonly conflict: boolean
  readonly duplicate: boolean
  readonly held_ms: number | null
}

async function claim(query: Query, sql: Statements, request: ClaimRequest): Promise<ClaimResult> {
  const lease = milliseconds('leaseMs', request.leaseMs)
  const bind = milliseconds('bindMs', request.bindMs)
  const token = crypto.randomUUID()
  const keys = await Promise.all(storedKeys(request.keys).map(indexable))
  const [first] = keys as [StoredKey]
  const isSingle = keys.length === 1
  // Everyone takes the keys of a set in the same order, so that of two who want the same set one gets it.
  const sorted = [...keys].sort((a, b) => (a.name < b.name ? -1 : 1))
  const names = sorted.map(({ name }) => name)
  const fingerprints = sorted.map(({ fingerprint }) => fingerprint ?? null)
  const values = isSingle
    ? [names[0], fingerprints[0], token, lease, bind]
    : [names, fingerprints, token, lease, bind, first.name]
  for (const waitMs of [0, 5, 20]) {
    if (waitMs > 0) await pause(waitMs)
    const [verdict] = await query<Verdict>(isSingle ? sql.claim : sql.claimSet, values)
    if (verdict?.taken) return { status: 'claimed', claim: { token, keys: request.keys } }
    if (verdict?.conflict) return { status: 'conflict' }
    if (verdict?.duplicate) return { status: 'duplicate' }
    if (typeof verdict?.held_ms === 'number')
      return { status: 'in_progress', retryAfterMs: Math.max(1, verdict.held_ms) }
    // Somebody was faster, or is at it: what they did cannot be seen yet. The next look mostly tells.
  }
  if (!isSingle) await query(sql.bindSet, [names, fingerprints, bind, first.name])
  return { status: 'in_progress', retryAfterMs: CONTENDED_MS }
}

async function settle(query: Query, change: Change, held: Claim, ...values: unknown[]): Promise<boolean> {
  const names = await Promise.all(storedKeys(held.keys).map(async (key) => (await indexable(key)).name))
  const [name] = names
  if (names.length === 1) return (await query(change.one, [name, held.token, ...values])).length === 1
  return (await query(change.set, [names.sort(), held.token, ...values])).length === names.length
}

/**
 * A claim in a transaction needs no lease: the transaction is one. Its row and a lock on its key are there for as long as the
 * transaction, and gone with it.
 */
function transactionStore(client: PostgresClient, sql: Statements): DedupeStore {
  const query: Query = async <Row>(text: string, values: unknown[]) =>
    (await client.query(text, values)).rows as readonly Row[]

  /** A set that was taken by half is given back without giving up the transaction. */
  async function claimInside(request: ClaimRequest): Promise<ClaimResult> {
    if (storedKeys(request.keys).length === 1) return claim(query, sql, request)
    for (let attempt = 1; ; attempt++) {
      await client.query('SAVEPOINT fluxora_claim')
      try {
        return await claim(query, sql, request)
      } catch (error) {
        await client.query('ROLLBACK TO SAVEPOINT fluxora_claim')
        if (attempt === 5 || codeOf(error) !== '22012') throw error
      }
    }
  }

  return Object.freeze({
    async claim(request: ClaimRequest) {
      const answer = await claimInside(request)
      if (answer.status === 'claimed') await client.query('SAVEPOINT fluxora_handler')
      return answer
    },
    async commit(held: Claim, retentionMs: number) {
      if (await settle(query, sql.commitInside, held, milliseconds('retentionMs', retentionMs))) return true
      // Someone rolled the claim back and went on. What was written since may not stand without it.
      await client.query(
        `DO $$ BEGIN RAISE EXCEPTION 'the claim of this delivery is not part of this transaction'; END $$`,
      )
      return false
    },
    async release(held: Claim) {
      // Undoes what the handler wrote, and mends a transaction that an error of the handler's broke.
      await client.query('ROLLBACK TO SAVEPOINT fluxora_handler')
      return settle(query, sql.releaseInside, held)
    },
  })
}

type Statements = ReturnType<typeof statements>

/** The same change to one key, and to a set. */
interface Change {
  readonly one: string
  readonly set: string
}

// A row stands (claimed under its token, or committed where there is none) until `until`; from then until `expires_at` its key is
// merely bound to its fingerprint. The clock is the server's own, clock_timestamp(): that of a transaction stands still.
//
// A claim takes an advisory lock on each key before it writes its row. A row that a transaction has not committed yet would make
// everyone wait who wants to write the same key; the lock can be tried instead. It ends with the statement, or with the transaction.
function statements(table: string) {
  const lock = (key: string): string => `pg_try_advisory_xact_lock(hashtextextended('${table}:' || ${key}, 0))`
  const after = (ms: string): string => `clock_timestamp() + ${ms}::float8 * interval '1 millisecond'`
  const upsert = `ON CONFLICT (key) DO UPDATE SET
      token = excluded.token,
      until = excluded.until,
      fingerprint = coalesce(excluded.fingerprint, CASE WHEN d.expires_at > clock_timestamp() THEN d.fingerprint END),
      expires_at = greatest(excluded.expires_at, excluded.until + (d.expires_at - clock_timestamp()))
    WHERE d.until <= clock_timestamp()
      AND (d.expires_at <= clock_timestamp() OR d.fingerprint = excluded.fingerprint
        OR d.fingerprint IS NULL OR excluded.fingerprint IS NULL)`

  // $1 key, $2 fingerprint, $3 token, $4 lease, $5 bind
  const claim = `
    WITH known AS MATERIALIZED (
      SELECT token, until > clock_timestamp() AS stands, coalesce(fingerprint <> $2, false) AS differs,
        CASE WHEN token IS NOT NULL THEN extract(epoch FROM until - clock_timestamp()) * 1000 END::float8 AS left_ms
      FROM ${table} WHERE key = $1 AND expires_at > clock_timestamp()
    ), taken AS (
      INSERT INTO ${table} AS d (key, fingerprint, token, until, expires_at)
      SELECT $1, $2::text, $3, ${after('$4')}, ${after('$4')} + CASE WHEN $2::text IS NULL THEN interval '0'
        ELSE $5::float8 * interval '1 millisecond' END
      WHERE CASE WHEN EXISTS (SELECT FROM known WHERE stands OR differs) THEN false ELSE ${lock('$1')} END
      ${upsert}
      RETURNING 1
    )
    SELECT EXISTS (SELECT FROM taken) AS taken, coalesce(differs, false) AS conflict,
      coalesce(stands AND token IS NULL, false) AS duplicate, CASE WHEN stands AND token IS NOT NULL THEN left_ms END AS held_ms
    FROM (SELECT) AS one LEFT JOIN known ON true`

  // $1 keys in order, $2 fingerprints, $3 token, $4 lease, $5 bind, $6 the key that is written by a claim only.
  // A row that changed after this statement began to look is not written: then it fails, so that the others are not written either.
  const claimSet = `
    WITH RECURSIVE request AS MATERIALIZED (
      SELECT key, fingerprint, place FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS request (key, fingerprint, place)
    ), verdict AS MATERIALIZED (
      SELECT coalesce(bool_or(d.fingerprint <> r.fingerprint), false) AS conflict,
        coalesce(bool_or(d.until > clock_timestamp() AND d.token IS NULL), false) AS duplicate,
        max(CASE WHEN d.until > clock_timestamp() AND d.token IS NOT NULL
          THEN extract(epoch FROM d.until - clock_timestamp()) * 1000 END)::float8 AS held_ms
      FROM request AS r JOIN ${table} AS d ON d.key = r.key WHERE d.expires_at > clock_timestamp()
    ), locked AS (
      SELECT r.place, ${lock('r.key')} AS ok FROM request AS r, verdict AS v
      WHERE r.place = 1 AND NOT v.conflict AND NOT v.duplicate AND v.held_ms IS NULL
      UNION ALL
      SELECT r.place, ${lock('r.key')} FROM locked AS l JOIN request AS r ON r.place = l.place + 1 WHERE l.ok
    ), free AS MATERIALIZED (
      SELECT count(*) = cardinality($1::text[]) AS is_free FROM locked WHERE ok
    ), taken AS (
      INSERT INTO ${table} AS d (key, fingerprint, token, until, expires_at)
      SELECT key, fingerprint, $3, ${after('$4')}, ${after('$4')} + CASE WHEN fingerprint IS NULL THEN interval '0'
        ELSE $5::float8 * interval '1 millisecond' END
      FROM request WHERE (SELECT is_free FROM free) ORDER BY place
      ${upsert}
      RETURNING 1
    ), bound AS (
      INSERT INTO ${table} AS d (key, fingerprint, token, until, expires_at)
      SELECT r.key, r.fingerprint, NULL, clock_timestamp(), ${after('$5')} FROM request AS r, verdict AS v
      WHERE CASE WHEN NOT v.conflict AND (v.duplicate OR v.held_ms IS NOT NULL) AND r.key <> $6 AND r.fingerprint IS NOT NULL
        THEN ${lock('r.key')} ELSE false END ORDER BY place
      ${upsert}
    )
    SELECT v.*, CASE t.count WHEN 0 THEN false WHEN cardinality($1::text[]) THEN true ELSE 1 / (t.count - t.count) = 1 END AS taken
    FROM verdict AS v, (SELECT count(*) FROM taken) AS t`

  // $1 keys in order, $2 fingerprints, $3 bind, $4 the key that is not bound
  const bindSet = `
    INSERT INTO ${table} AS d (key, fingerprint, token, until, expires_at)
    SELECT key, fingerprint, NULL, clock_timestamp(), ${after('$3')}
    FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS request (key, fingerprint, place)
    WHERE CASE WHEN key <> $4 AND fingerprint IS NOT NULL THEN ${lock('key')} ELSE false END ORDER BY place
    ${upsert}`

  // $1 the key, or keys in order, $2 token, $3 retention or lease
  const settle = (change: string, stillHeld: string): Change => ({
    one: `UPDATE ${table} SET ${change} WHERE key = $1 AND token = $2 ${stillHeld} RETURNING 1`,
    set: `
    WITH held AS MATERIALIZED (
      SELECT key FROM ${table} WHERE key = ANY ($1::text[]) AND token = $2 ${stillHeld} ORDER BY key FOR UPDATE
    )
    UPDATE ${table} SET ${change}
    WHERE key IN (SELECT key FROM held) AND (SELECT count(*) FROM held) = cardinality($1::text[]) RETURNING 1`,
  })
  // The binding ends as long after the claim as it did before, and no sooner than the commit.
  const commit = `token = NULL,
    until = CASE WHEN $3::float8 = 'Infinity' THEN 'infinity' ELSE ${after('$3')} END,
    expires_at = CASE WHEN $3::float8 = 'Infinity' THEN 'infinity'
      ELSE greatest(${after('$3')}, clock_timestamp() + (expires_at - until)) END`
  const release = `token = NULL, until = clock_timestamp(), expires_at = clock_timestamp() + (expires_at - until)`
  const extend = `until = ${after('$3')}, expires_at = ${after('$3')} + (expires_at - until)`
  const live = 'AND until > clock_timestamp()'

  return {
    claim,
    claimSet,
    bindSet,
    commit: settle(commit, live),
    commitInside: settle(commit, ''),
    release: settle(release, live),
    releaseInside: settle(release, ''),
    extend: settle(extend, live),
    // Two sessions that make the same table at once fail, IF NOT EXISTS or not: so they take turns.
    migrate: (schema: string): string =>
      `DO $$ BEGIN PERFORM pg_advisory_xact_lock(hashtextextended('${table}', 0)); ${schema} END $$`,
    deleteExpired: `
      WITH expired AS MATERIALIZED (
        SELECT key FROM ${table} WHERE expires_at <= clock_timestamp() ORDER BY expires_at LIMIT $1::int FOR UPDATE SKIP LOCKED
      )
      DELETE FROM ${table} WHERE key IN (SELECT key FROM expired) RETURNING 1`,
  }
}

/** A btree entry holds some 2,700 bytes. The quotation mark stands in no key: storedKeys escapes it. */
async function indexable(key: StoredKey): Promise<StoredKey> {
  if (key.name.length <= 600) return key
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key.name))
  const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
  return { ...key, name: `"sha256:${hex}` }
}

function isClient(value: unknown): boolean {
  return typeof (value as PostgresClient | null | undefined)?.query === 'function'
}

/**
 * Sends statements as the client likes them best. pg's are prepared, since planning them takes as long as running them, unless a pooler
 * between lends each statement another connection: the first that meets a connection where it is unknown, or known already, tells.
 * pg 9 will no longer queue the queries of a `Client`, so that is done here.
 */
function sender(client: PostgresClient): (text: string, values: unknown[]) => Promise<readonly unknown[]> {
  const { connect, totalCount } = client as PostgresClient & { connect?: unknown; totalCount?: unknown }
  let isPrepared = typeof connect === 'function'
  const isSingle = isPrepared && typeof totalCount !== 'number'
  const names = new Map<string, string>()
  let last: Promise<unknown> = Promise.resolve()

  function nameOf(text: string): string {
    const known = names.get(text)
    if (known !== undefined) return known
    names.set(text, digestName(text))
    return nameOf(text)
  }

  async function send(text: string, values: unknown[]): Promise<readonly unknown[]> {
    if (isPrepared) {
      try {
        return (await client.query({ name: nameOf(text), text, values } as unknown as string)).rows
      } catch (error) {
        if (!NOT_PREPARED.includes(codeOf(error))) throw error
        isPrepared = false
      }
    }
    return (await client.query(text, values)).rows
  }

  if (!isSingle) return send
  return (text, values) => {
    const next = last.then(() => send(text, values))
    last = next.catch(() => {})
    return next
  }
}

/** Invalid and duplicate name of a prepared statement. */
const NOT_PREPARED: readonly unknown[] = ['26000', '42P05']

/** One name, one text, also where two copies of this module share a pool: FNV-1a, twice. */
function digestName(text: string): string {
  let [a, b] = [0x811c9dc5, 0x1000193]
  for (let at = 0; at < text.length; at++) {
    a = Math.imul(a ^ text.charCodeAt(at), 0x01000193)
    b = Math.imul(b ^ text.charCodeAt(at), 0x5bd1e995)
  }
  return `fluxora_${(a >>> 0).toString(16)}_${(b >>> 0).toString(16)}`
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null | undefined)?.code
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
