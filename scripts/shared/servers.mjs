// The servers that crash runs and benchmarks need: their own Redis process, and their own schema in PostgreSQL.

import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:net'

export const POSTGRES_URL = process.env.TEST_POSTGRES_URL ?? 'postgres://root@127.0.0.1:5432/test'

/** Options with which Redis never loses a write that it has confirmed. */
export const DURABLE = ['--appendonly', 'yes', '--appendfsync', 'always']

/** A port on which nothing is listening. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((ready) => server.once('listening', ready))
  const { port } = server.address()
  await new Promise((closed) => server.close(closed))
  return port
}

/** Starts a Redis that keeps its files in a folder, and writes only the files that the options ask for. */
export function startRedis(port, folder, options = []) {
  mkdirSync(folder, { recursive: true })
  const always = ['--port', port, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--loglevel', 'warning']
  const server = spawn('redis-server', [...always, ...options].map(String), { stdio: 'ignore' })
  server.once('error', (error) => console.error(String(error)))
  return server
}

/** Creates a schema, runs `use`, then drops the schema and closes the pool. */
export async function inOwnSchema(pool, schema, use) {
  await pool.query(`CREATE SCHEMA ${schema}`)
  try {
    return await use()
  } finally {
    await pool.query(`DROP SCHEMA ${schema} CASCADE`)
    await pool.end()
  }
}
