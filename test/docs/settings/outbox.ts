import { PGlite } from '@electric-sql/pglite'
import { expect } from 'vitest'

const database = new PGlite()
await database.exec('CREATE TABLE streams (id text, status text)')

/** As pg's: a statement is text, or has a name. */
type Statement = string | { readonly text: string; readonly values: unknown[] }
const query = (statement: Statement, values?: unknown[]) => {
  if (typeof statement === 'string') return database.query(statement, values)
  return database.query(statement.text, statement.values)
}
const pool = { query, connect: async () => ({ query, release() {} }) }
const streamId = 'stream_1'
//// block

expect(await log.find('ep_1', 'cancelled:stream_1')).toMatchObject({ state: 'pending', attempt: 0 })
await database.close()
