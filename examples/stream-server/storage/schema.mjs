// The tables. SQLite and Postgres differ in one word only: how a column numbers its rows.

/** @param {string} serial the type of a column that numbers its rows */
export const tables = (serial) => [
  `CREATE TABLE IF NOT EXISTS streams (
    number ${serial}, id TEXT NOT NULL UNIQUE, sender TEXT NOT NULL, recipient TEXT NOT NULL,
    deposit TEXT NOT NULL, rate TEXT NOT NULL, start_time BIGINT NOT NULL, completes_at BIGINT,
    cancelled_at BIGINT, completion_told INTEGER NOT NULL DEFAULT 0)`,
  // The consumer's own table, and the tracker's state. They change in one transaction.
  'CREATE TABLE IF NOT EXISTS ledgers (sequence BIGINT PRIMARY KEY, hash TEXT NOT NULL)',
  'CREATE TABLE IF NOT EXISTS tracker (id INTEGER PRIMARY KEY, state TEXT, synced_at BIGINT)',
  'INSERT INTO tracker (id) VALUES (1) ON CONFLICT (id) DO NOTHING',
  // What a delivery did. The primary key is the last guard against doing it twice, after a crash between effect and commit.
  `CREATE TABLE IF NOT EXISTS received (
    number ${serial}, scheme TEXT NOT NULL, identity TEXT NOT NULL, event TEXT, received_at BIGINT NOT NULL,
    UNIQUE (scheme, identity))`,
  `CREATE TABLE IF NOT EXISTS endpoints (
    number ${serial}, id TEXT NOT NULL UNIQUE, url TEXT NOT NULL, secret TEXT NOT NULL, events TEXT NOT NULL)`,
  // What is still to be sent: written in the same transaction as the change that it tells of.
  `CREATE TABLE IF NOT EXISTS outbox (
    number ${serial}, endpoint_id TEXT NOT NULL, delivery_id TEXT NOT NULL, event TEXT NOT NULL, body TEXT NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 1, due_at BIGINT NOT NULL, lease_until BIGINT NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'pending', UNIQUE (endpoint_id, delivery_id))`,
  'CREATE INDEX IF NOT EXISTS outbox_due ON outbox (state, due_at)',
  `CREATE TABLE IF NOT EXISTS attempts (
    number ${serial}, endpoint_id TEXT NOT NULL, delivery_id TEXT NOT NULL, event TEXT NOT NULL, attempt INTEGER NOT NULL,
    outcome TEXT NOT NULL, reason TEXT NOT NULL, status_code INTEGER, at BIGINT NOT NULL, next_at BIGINT)`,
]
