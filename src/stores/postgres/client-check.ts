// Checks a client before anything is written through it: by its shape when the store is made, and by its answer to a probe later.

import { checkOnce } from '../shared/check-once.ts'
import { hasMethod } from '../shared/has-method.ts'
import { type Send, unusablePostgresClient } from './client.ts'

/**
 * Refuses what is not a client by its shape.
 *
 * @throws {WebhookError} `invalid_option`
 */
export function checkClientShape(option: string, value: unknown): void {
  if (isTypeOrm(value)) {
    const hint =
      'This one belongs to TypeORM, whose query method resolves to a list. Pass { query } over a QueryRunner.'
    throw unusablePostgresClient(option, hint)
  }
  if (hasMethod(value, 'query')) return
  const other = OTHER_CLIENTS.find(({ matches }) => matches(value))
  throw unusablePostgresClient(option, other?.hint)
}

/** The one that has a query method too: a DataSource, an EntityManager or a QueryRunner. */
function isTypeOrm(value: unknown): boolean {
  return ['createQueryRunner', 'getRepository', 'startTransaction'].some((name) => hasMethod(value, name))
}

interface OtherClient {
  readonly matches: (value: unknown) => boolean
  /** What to pass in its place. */
  readonly hint: string
}

const OTHER_CLIENTS: readonly OtherClient[] = [
  {
    matches: (value) => hasMethod(value, 'executeQuery'),
    hint: 'This one belongs to Kysely. Pass { query } over executeQuery.',
  },
  {
    matches: (value) => hasMethod(value, 'raw') && hasMethod(value, 'transaction'),
    hint: 'This one belongs to Knex. Pass { query } over one of its connections.',
  },
  {
    matches: (value) => hasMethod(value, 'execute') && hasMethod(value, 'transaction'),
    hint: 'This one belongs to Drizzle. Pass its $client.',
  },
  {
    matches: (value) => hasMethod(value, '$queryRawUnsafe'),
    hint: 'This one belongs to Prisma. Pass { query } over $queryRawUnsafe.',
  },
  {
    matches: (value) => typeof value === 'function',
    hint: 'This one is a tagged template, which resolves to a list. Pass { query: async (text, values) => ({ rows: await sql.unsafe(text, values) }) }.',
  },
]

// Everything that the store relies on: numbered parameters, lists among them, and rows whose values are named and typed as in SQL.
const PROBE =
  'SELECT $1::text AS text, true AS yes, false AS no, 1.5::float8 AS number, cardinality($2::text[]) AS count'
const PROBE_VALUES: readonly unknown[] = ['fluxora', ['a', 'b']]
const PROBE_ANSWER = { text: 'fluxora', yes: true, no: false, number: 1.5, count: 2 }

/**
 * Makes a check that asks a client once, before anything is written through it, for an answer that the store knows. A client that answers
 * in another form would leave leases behind that nobody holds, or let two workers hold one.
 */
export function probeOnce(option: string, send: Send): () => Promise<void> {
  return checkOnce(async () => {
    const rows = await send(PROBE, [...PROBE_VALUES])
    const [row] = rows
    const isRight = Object.entries(PROBE_ANSWER).every(([name, value]) => row?.[name] === value)
    if (rows.length === 1 && isRight) return
    throw unusablePostgresClient(option, 'This one does not give names, booleans and numbers in its rows as pg does.')
  })
}
