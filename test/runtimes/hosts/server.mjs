// Node, Bun and Deno: the core tests, the synchronous core, and sockets. Checks which host it is, so that none is tested in place of another.

import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { createWebhookRoute } from '@fluxora/verify/fetch'
import { createWebhookListener } from '@fluxora/verify/http'
import { runTests } from '../suite/core.mjs'
import '../suite/webhook.mjs'
import { deliveries } from '../suite/data.mjs'
import { same, test } from '../suite/harness.mjs'

const wanted = process.argv[2]
const host = globalThis.Deno
  ? `deno ${Deno.version.deno}`
  : globalThis.Bun
    ? `bun ${Bun.version}`
    : `node ${process.versions.node}`

test('this is the expected host', () => same(host.startsWith(wanted), true, `${wanted}: ${host}`))

test('the CommonJS format loads', () => {
  const require = createRequire(import.meta.url)
  for (const entry of ['decimal', 'fetch', 'http', 'express', 'fastify', 'webhook', 'schemes']) {
    same(Object.keys(require(`@fluxora/verify/${entry}`)).length > 0, true, entry)
  }
})

const { scheme, secret, now, headers, body } = deliveries[0]
const options = { scheme, secrets: secret, now: () => now, maxBodyBytes: 1000 }

/** Checks what a route must do over a socket, on any server. */
async function checkOver(port) {
  const post = async (init = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body, ...init })
    const { error, duplicate } = await response.json()
    return [response.status, error ?? (duplicate ? 'duplicate' : 'ok')]
  }
  same(await post(), [200, 'ok'])
  same(await post(), [200, 'duplicate'])
  same(await post({ body: 'changed' }), [401, 'signature_mismatch'])
  same(await post({ body: 'x'.repeat(1001) }), [413, 'payload_too_large'])
  same(await post({ method: 'PUT' }), [405, 'method_not_allowed'])
  const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(100)) })
  const late = await post({ body: endless, duplex: 'half' }).catch(() => [413, 'payload_too_large'])
  same(late, [413, 'payload_too_large'])
}

test('./http over a socket', async () => {
  const server = createServer(createWebhookListener(options, () => {}))
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  await checkOver(server.address().port)
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

if (globalThis.Bun) {
  test('./fetch in Bun.serve', async () => {
    const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: createWebhookRoute(options, () => {}) })
    await checkOver(server.port)
    await server.stop(true)
  })
}

if (globalThis.Deno) {
  test('./fetch in Deno.serve', async () => {
    const server = Deno.serve(
      { port: 0, hostname: '127.0.0.1', onListen() {} },
      createWebhookRoute(options, () => {}),
    )
    await checkOver(server.addr.port)
    await server.shutdown()
  })
}

const { passed, failures } = await runTests()
console.log(JSON.stringify({ host, passed, failures }))
process.exit(failures.length > 0 ? 1 : 0)
