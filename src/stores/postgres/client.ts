// The clients: what the store uses of them, and the kinds that it treats differently.

import type { WebhookError } from '../../shared/webhook-error.ts'
import { hasMethod } from '../shared/has-method.ts'
import { unusableClient } from '../shared/options.ts'

/** What the store uses of a client: a `Pool`, `Client` or `PoolClient` of pg, a PGlite, or anything with the same query method. */
export interface PostgresClient {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>
}

/** A `Pool` or `Client` of pg. Both prepare a statement that has a name. */
export interface PgClient extends PostgresClient {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>
  query(statement: { readonly name: string; readonly text: string; readonly values: unknown[] }): Promise<unknown>
  connect(): Promise<unknown>
}

/** A `Pool` of pg, which lends connections. */
export interface PgPool extends PgClient {
  readonly totalCount: number
  connect(): Promise<PostgresClient & { release(isBroken?: boolean): void }>
}

export function isPg(client: PostgresClient): client is PgClient {
  return hasMethod(client, 'connect')
}

export function isPgPool(client: PostgresClient): client is PgPool {
  return isPg(client) && 'totalCount' in client && typeof client.totalCount === 'number'
}

/** A row of an answer; its values are not checked yet. */
export type Row = Readonly<Record<string, unknown>>

/** Sends a statement, and resolves to the rows of its answer. */
export type Send = (text: string, values: unknown[]) => Promise<readonly Row[]>

/**
 * Reads the rows of an answer.
 *
 * @throws {WebhookError} `invalid_option` if the client answers in another form than its types promise.
 */
export function readRows(option: string, answer: unknown): readonly Row[] {
  const { rows } = (answer ?? {}) as { rows?: unknown }
  if (Array.isArray(rows)) return rows
  const form = Array.isArray(answer) ? 'a list' : 'something else'
  throw unusablePostgresClient(option, `The query method of this one resolves to ${form}.`)
}

/** The error for a client that the store cannot use. `hint` says what it seems to be, or what it did wrong. */
export function unusablePostgresClient(option: string, hint: string | undefined): WebhookError {
  return unusableClient(option, {
    expected: `${option} must be a client with a query method.`,
    hint,
    advice: 'That method takes (text, values) and resolves to { rows }. docs/dedupe.md has recipes for other clients.',
  })
}
