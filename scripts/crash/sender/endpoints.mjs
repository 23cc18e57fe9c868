// The endpoints of the sender's crash test: most are this library's receivers, some hang, fail, vanish or are gone.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'

/** How many endpoints of each kind, and how many of a hundred deliveries go to each of them in comparison. */
export const KINDS = {
  healthy: { count: 30, weight: 100 },
  slow: { count: 4, weight: 50 }, // answers after up to 300 ms
  flaky: { count: 6, weight: 100 }, // one in three is a 503 or a reset, before or after the effect
  failing: { count: 2, weight: 60 }, // always 500
  hanging: { count: 3, weight: 20 }, // never answers
  vanishing: { count: 2, weight: 60 }, // refuses connections every other two seconds
  vanished: { count: 2, weight: 60 }, // refuses connections
  gone: { count: 1, weight: 60 }, // 410
}

/**
 * @param {(options: object, handle: Function) => Function} createWebhookListener Of the package under test.
 * @returns Where each endpoint is, and what it got.
 */
export async function startEndpoints(createWebhookListener, dedupe) {
  const effects = new Map() // `${endpoint} ${delivery}` -> how often
  const count = { requests: 0, duplicates: 0 }
  const closed = await listen(() => {})
  closed.server.close()
  const endpoints = []
  const servers = []
  for (const [kind, { count: howMany, weight }] of Object.entries(KINDS)) {
    for (let n = 0; n < howMany; n++) {
      const id = `${kind}-${n}`
      const options = {
        secrets: 'crash-test-secret',
        dedupe: dedupe(),
        onOutcome: ({ code }) => {
          if (code === 'duplicate_delivery') count.duplicates++
        },
      }
      const receive = createWebhookListener(options, ({ deliveryId }) => {
        const key = `${id} ${deliveryId}`
        effects.set(key, (effects.get(key) ?? 0) + 1)
      })
      const { server, url } = kind === 'vanished' ? closed : await listen(behaving(kind, receive, count))
      servers.push(server)
      endpoints.push({ id, kind, weight, url, server })
    }
  }
  const vanishing = setInterval(() => {
    for (const { kind, server } of endpoints) if (kind === 'vanishing') toggle(server)
  }, 2_000)
  return {
    endpoints,
    effects,
    count,
    close() {
      clearInterval(vanishing)
      for (const server of servers) server.closeAllConnections()
      for (const server of servers) server.close()
    },
  }
}

function behaving(kind, receive, count) {
  return async (request, response) => {
    count.requests++
    response.on('error', () => {})
    const chance = Math.random()
    if (kind === 'hanging') return
    if (kind === 'failing') return response.writeHead(500).end()
    if (kind === 'gone') return response.writeHead(410).end()
    if (kind === 'slow') await pause(300 * chance)
    if (kind === 'flaky' && chance < 0.1) return request.socket.destroy()
    if (kind === 'flaky' && chance < 0.2) return response.writeHead(503).end()
    if (kind === 'flaky' && chance < 0.33) response.end = () => request.socket.destroy() // the effect is there, and its answer is lost
    await receive(request, response)
  }
}

async function listen(handle, port = 0) {
  const server = createServer((request, response) => void handle(request, response))
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const { port: bound } = server.address()
  return { server, url: `http://127.0.0.1:${bound}/hooks` }
}

function toggle(server) {
  if (!server.listening) return server.listen(server.lastPort, '127.0.0.1')
  server.lastPort = server.address().port
  server.close()
  server.closeAllConnections()
}
