// The clients: how statements are sent, and what is refused before anything is written through it.

import { WebhookError } from '../../shared/webhook-error.ts'
import { checkOnce } from '../shared/check-once.ts'

/** What is used of a client: a `Pool`, `Client` or `PoolClient` of pg, a PGlite, or anything with the same query method. */
export interface PostgresClient {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>
}

/** Sends a statement; the rows that it gives. */
export type Send = (text: string, values: unknown[]) => Promise<readonly unknown[]>

/**
 * A client that can be told from its shape to be none is refused at once.
 *
 * @throws {WebhookError} `invalid_option`
 */
export function checkClient(option: string, value: unknown): void {
  const hint = hintFor(value)
  if (hint !== undefined) throw refusal(option, hint)
}

/** What to pass in the place of a client of another shape; undefined for one that may be right. */
function hintFor(value: unknown): string | undefined {
  const has = (name: string): boolean => isMethod(value, name)
  if (has('createQueryRunner') || has('getRepository') || has('startTransaction'))
    return 'This one is of TypeORM, whose query resolves to a list: pass { query } over a QueryRunner.'
  if (has('query')) return undefined
  if (has('executeQuery')) return 'This one is of Kysely: pass { query } over executeQuery.'
  if (has('raw') && has('transaction')) return 'This one is of Knex: pass { query } over one of its connections.'
  if (has('execute') && has('transaction')) return 'This one is of Drizzle: pass its $client.'
  if (has('$queryRawUnsafe')) return 'This one is of Prisma: pass { query } over $queryRawUnsafe.'
  if (typeof value === 'function')
    return 'This one is a tagged template, which resolves to a list: pass { query: async (text, values) => ({ rows: await sql.unsafe(text, values) }) }.'
  return ''
}

function refusal(option: string, hint: string): WebhookError {
  const what = `${option} must be a client with a query method.`
  const message = [what, hint, 'It takes (text, values) and resolves to { rows }: docs/dedupe.md has the recipes.']
  return new WebhookError('invalid_option', message.filter((sentence) => sentence !== '').join(' '), option)
}

function isMethod(value: unknown, name: string): boolean {
  return typeof (value as Record<string, unknown> | null | undefined)?.[name] === 'function'
}

// All that the store relies on: numbered parameters, lists among them, and rows with the names, booleans and numbers of their columns.
const PROBE =
  'SELECT $1::text AS text, true AS yes, false AS no, 1.5::float8 AS number, cardinality($2::text[]) AS count'
const PROBE_VALUES: unknown[] = ['fluxora', ['a', 'b']]
const PROOF: Readonly<Record<string, unknown>> = { text: 'fluxora', yes: true, no: false, number: 1.5, count: 2 }

/**
 * Asks a client once, before anything is written through it, whether it answers as the store must read it: one that does not would leave
 * a lease behind, or let two workers hold it. Undefined once that is proven.
 */
export function prover(option: string, send: Send): () => Promise<void> | undefined {
  return checkOnce(async () => {
    const rows = await send(PROBE, [...PROBE_VALUES])
    const row = (rows[0] ?? {}) as Record<string, unknown>
    if (rows.length === 1 && Object.entries(PROOF).every(([name, value]) => row[name] === value)) return
    throw refusal(option, 'This one does not hand out rows, with their names, booleans and numbers, as pg does.')
  })
}

/**
 * Sends statements as the client likes them best. pg's are prepared, since planning them takes as long as running them, unless a pooler
 * between lends each statement another connection: the first that meets a connection where it is unknown, or known already, tells.
 * pg 9 will no longer queue the queries of a `Client`, so that is done here.
 */
export function sender(option: string, client: PostgresClient): Send {
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
        return rowsOf(option, await client.query({ name: nameOf(text), text, values } as unknown as string))
      } catch (error) {
        if (!NOT_PREPARED.includes(codeOf(error))) throw error
        isPrepared = false
      }
    }
    return rowsOf(option, await client.query(text, values))
  }

  if (!isSingle) return send
  return (text, values) => {
    const next = last.then(() => send(text, values))
    last = next.catch(() => {})
    return next
  }
}

/** The rows of an answer, whatever the client is typed as. */
export function rowsOf(option: string, answer: unknown): readonly unknown[] {
  const { rows } = (answer ?? {}) as { rows?: unknown }
  if (Array.isArray(rows)) return rows
  throw refusal(option, `The query of this one resolves to ${Array.isArray(answer) ? 'a list' : 'something else'}.`)
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

/** The SQLSTATE of an error, wherever the client puts it: Bun has it in `errno`, and some hand over the error of another. */
export function codeOf(error: unknown): string | undefined {
  let each: unknown = error
  for (let depth = 0; depth < 5 && typeof each === 'object' && each !== null; depth++) {
    const { code, errno, cause } = each as { code?: unknown; errno?: unknown; cause?: unknown }
    for (const state of [code, errno]) if (typeof state === 'string' && SQLSTATE.test(state)) return state
    each = cause
  }
  return undefined
}

const SQLSTATE = /^[0-9A-Z]{5}$/

/** The SQLSTATE of a table that does not exist. */
export const UNDEFINED_TABLE = '42P01'

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
