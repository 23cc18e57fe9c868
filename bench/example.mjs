// Load on the whole example server: reads, creates and deliveries in, with SQLite and, where DATABASE_URL names a database that may be
// filled, with Postgres. Each delivery is new, and signed while the load runs.
//
//   DATABASE_URL=postgres://… npm run bench:example [-- --seconds 10] [--connections 32]

import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createWebhookSigner } from '@fluxora/verify'
import autocannon from 'autocannon'
import { root } from '../scripts/shared/repository.mjs'
import { freePort } from '../scripts/shared/servers.mjs'

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '10' }, connections: { type: 'string', default: '32' } },
})
const account = 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ'
const terms = { sender: account, recipient: account, depositAmount: '1000000', ratePerSecond: '0.001' }
const stream = JSON.stringify({ ...terms, startTime: Math.floor(Date.now() / 1000) })
const json = { 'content-type': 'application/json' }
const signer = createWebhookSigner({ secrets: 'fluxora-example-secret' })

function delivery(request) {
  const deliveryId = randomUUID()
  const body = JSON.stringify({ id: deliveryId, event: 'stream.updated', depositAmount: '1000000.0000000' })
  return {
    ...request,
    method: 'POST',
    path: '/webhooks/fluxora',
    headers: { ...json, ...signer.sign({ body, deliveryId }) },
    body,
  }
}

const folder = mkdtempSync(join(tmpdir(), 'stream-server-load-'))
const storages = {
  SQLite: { DATA_DIR: folder },
  ...(process.env.DATABASE_URL && { Postgres: { DATABASE_URL: process.env.DATABASE_URL } }),
}
console.log('| storage | request | a second | p50, ms | p99, ms | not 2xx |\n|---|---|---|---|---|---|')
for (const [storage, env] of Object.entries(storages)) {
  const port = await freePort()
  const server = spawn(process.execPath, [join(root, 'examples/stream-server/main.mjs'), '--serve'], {
    env: { PATH: process.env.PATH, LOG_LEVEL: 'error', PORT: String(port), ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const origin = `http://127.0.0.1:${port}`
  while (!(await fetch(`${origin}/health`).catch(() => undefined))?.ok) await pause(100)
  const made = await fetch(`${origin}/api/streams`, { method: 'POST', headers: json, body: stream })
  const { id } = await made.json()
  const loads = {
    'one stream': [{ method: 'GET', path: `/api/streams/${id}` }],
    'a list of 100 streams': [{ method: 'GET', path: '/api/streams?limit=100' }],
    'a new stream': [{ method: 'POST', path: '/api/streams', headers: json, body: stream }],
    'a delivery in': [{ setupRequest: delivery }],
  }
  // Creates come before the list, so that there are 100 to give.
  for (const name of ['a new stream', 'one stream', 'a list of 100 streams', 'a delivery in']) {
    const shoot = (duration) =>
      autocannon({ url: origin, connections: Number(values.connections), duration, requests: loads[name] })
    await shoot(2)
    const { requests, latency, non2xx, errors } = await shoot(Number(values.seconds))
    const cells = [
      storage,
      name,
      Math.round(requests.average).toLocaleString('en'),
      latency.p50,
      latency.p99,
      non2xx + errors,
    ]
    console.log(`| ${cells.join(' | ')} |`)
  }
  server.kill('SIGTERM')
  await new Promise((resolve) => server.once('exit', resolve))
}
rmSync(folder, { recursive: true })
