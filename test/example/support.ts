// Runs the example as its own process, as an operator would, on one of its storages.

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { POSTGRES_URL } from '../stores/servers.ts'

export const folder: string = fileURLToPath(new URL('../../examples/stream-server/', import.meta.url))
const dist = fileURLToPath(new URL('../../dist/index.js', import.meta.url))

/** `npm run example` installs what the example needs; without that, and without a build, there is nothing to run. */
export const isInstalled = existsSync(join(folder, 'node_modules/fastify')) && existsSync(dist)
if (!isInstalled) {
  // The first step of CI is `npm test` on a fresh clone, where nothing is built; a later step sets this variable.
  if (process.env.EXAMPLE_MUST_RUN) throw new Error('The example is not installed, or the package is not built.')
  console.warn('The example is not tested: `npm run example` installs what it needs.')
}

export const secrets = {
  fluxora: 'fluxora-example-secret',
  stellarPayment: 'whsec_stellar-example-secret',
  chronomind: 'whsec_chronomind-example-secret',
  fluxdrop: 'fluxdrop-example-secret',
}

export interface Running {
  readonly origin: string
  readonly process: ChildProcess
  /** What it has logged so far. */
  readonly log: () => string
  readonly exit: Promise<number | null>
}

/** Starts the server with these variables and waits until it listens. */
export async function start(env: Record<string, string>): Promise<Running> {
  const child = spawn(process.execPath, [join(folder, 'main.mjs'), '--serve'], {
    env: { PATH: process.env.PATH, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const origin = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      log += chunk
      const address = /listening at (http:\/\/127\.0\.0\.1:\d+)/.exec(log)?.[1]
      if (address) resolve(address)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    void exit.then((code) => reject(new Error(`The server ended with ${code}: ${log}`)))
  })
  return { origin, process: child, log: () => log, exit }
}

/** Parsed JSON, of any form. */
type Json = ReturnType<typeof JSON.parse>

/** A new, empty SQLite folder. */
export const emptyFolder = (): string => mkdtempSync(join(tmpdir(), 'stream-server-'))

let databases = 0
/** A new, empty database, and how to drop it. */
export async function emptyDatabase(): Promise<{ url: string; name: string; drop: () => Promise<void> }> {
  const name = `stream_server_${process.pid}_${++databases}`
  const run = async (sql: string): Promise<void> => {
    const client = new pg.Client({ connectionString: POSTGRES_URL })
    await client.connect()
    await client.query(sql)
    await client.end()
  }
  await run(`CREATE DATABASE ${name}`)
  const url = new URL(POSTGRES_URL)
  url.pathname = `/${name}`
  return { url: url.href, name, drop: () => run(`DROP DATABASE ${name} WITH (FORCE)`) }
}

export async function call(
  origin: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Headers; body: Json }> {
  const response = await fetch(origin + path, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json')
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
}
