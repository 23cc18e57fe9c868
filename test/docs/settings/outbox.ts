import { PGlite } from '@electric-sql/pglite'
import { expect } from 'vitest'

const database = new PGlite()
await database.exec('CREATE TABLE streams (id text, status text)')
const pool = {
  query: (text: string, values?: unknown[]) => database.query(text, values),
  connect: async () => ({ query: (text: string, values?: unknown[]) => database.query(text, values), release() {} }),
}
const streamId = 'stream_1'
//// block

expect(await log.find('ep_1', 'cancelled:stream_1')).toMatchObject({ state: 'pending', attempt: 0 })
await database.close()
