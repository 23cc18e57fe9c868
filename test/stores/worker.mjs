// A worker process with one store, which calls its methods as the parent process asks.
// Arguments: the folder with the compiled stores, the database, its URL or file, the prefix or table.

import { sqliteHandles } from './sqlite-handles.mjs'

const [folder, engine, place, name] = process.argv.slice(2)
const load = (store) => import(new URL(`file://${folder}/stores/${store}/index.js`))

async function makeStore() {
  if (engine === 'redis') {
    const { Redis } = await import('ioredis')
    return (await load('redis')).redisDedupeStore(new Redis(place), { prefix: name })
  }
  if (engine === 'postgres') {
    const { default: pg } = await import('pg')
    return (await load('postgres')).postgresDedupeStore(new pg.Pool({ connectionString: place }), { table: name })
  }
  return (await load('sqlite')).sqliteDedupeStore(sqliteHandles[engine](place), { table: name })
}

const store = await makeStore()

process.on('message', async ({ id, method, args }) => {
  try {
    process.send({ id, result: await store[method](...args) })
  } catch (error) {
    process.send({ id, error: String(error) })
  }
})
process.on('disconnect', () => process.exit())
process.send({ id: 'ready' })
