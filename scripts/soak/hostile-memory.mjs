// How much memory a receiver uses under many hostile senders. Each sends a worthless signature with the current time, so that its body is
// read before it is refused, and never sends the last byte. The server has its own process, so the figures are only its own.
//
//   node scripts/soak/hostile-memory.mjs [--senders 1000] [--bytes 262144] [--only http,express,fastify]      (needs a build)

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    senders: { type: 'string', default: '1000' },
    bytes: { type: 'string', default: '262144' },
    only: { type: 'string', default: 'http,express,fastify' },
  },
})
const MIB = 2 ** 20

if (process.send) await serve(positionals[0])
else {
  console.log(`${values.senders} senders, each with a body of ${values.bytes} bytes, without the last byte\n`)
  for (const adapter of values.only.split(',')) await measure(adapter, Number(values.senders), Number(values.bytes))
  process.exit()
}

async function serve(adapter) {
  const options = { secrets: 'topsecret', bodyTimeoutSeconds: 60, onOutcome: () => {} }
  const server = await listenerOf(adapter, options)
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
  process.on('message', async () => {
    globalThis.gc?.()
    await sleep(200)
    globalThis.gc?.()
    const { rss, arrayBuffers } = process.memoryUsage()
    process.send({ rss: rss / MIB, arrayBuffers: arrayBuffers / MIB })
  })
  process.on('disconnect', () => process.exit())
}

async function listenerOf(adapter, options) {
  if (adapter === 'http') {
    const { createWebhookListener } = await import('@fluxora/verify/http')
    return createServer(createWebhookListener(options, () => {}))
  }
  if (adapter === 'express') {
    const [{ expressWebhook }, { default: express }] = [
      await import('@fluxora/verify/express'),
      await import('express'),
    ]
    return createServer(express().post('/', expressWebhook(options), (_req, res) => void res.json({ ok: true })))
  }
  const [{ fastifyWebhook }, { default: fastify }] = [await import('@fluxora/verify/fastify'), await import('fastify')]
  const app = fastify()
  app.register(async (scope) => {
    await scope.register(fastifyWebhook, options)
    scope.post('/', async () => ({ ok: true }))
  })
  await app.ready()
  return app.server
}

async function measure(adapter, senders, bytes) {
  const child = fork(import.meta.filename, [adapter], { execArgv: ['--expose-gc'] })
  const [{ port }] = await once(child, 'message')
  const figures = async () => {
    child.send('measure')
    return (await once(child, 'message'))[0]
  }
  const before = await figures()
  const answers = new Map()
  const sockets = []
  for (let at = 0; at < senders; at++) sockets.push(await attack(port, at, bytes, answers))
  for (let quiet = 0, last = -1; quiet < 5; ) {
    await sleep(200)
    const written = sockets.reduce((sum, socket) => sum + socket.bytesWritten - socket.writableLength, 0)
    quiet = written === last ? quiet + 1 : 0
    last = written
  }
  const during = await figures()
  for (const socket of sockets) socket.destroy()
  await sleep(1500)
  const after = await figures()
  child.disconnect()
  const grown = ({ rss, arrayBuffers }) =>
    `rss ${signed(rss - before.rss)} MiB (buffers ${signed(arrayBuffers - before.arrayBuffers)} MiB)`
  console.log(`${adapter.padEnd(8)} while they wait: ${grown(during)}; after they left: ${grown(after)}`)
  const answered = [...answers].map(([status, count]) => `${status} to ${count}`).join(', ') || 'none'
  console.log(`${''.padEnd(8)} answered at once: ${answered}`)
}

async function attack(port, at, bytes, answers) {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.on('error', () => {})
  socket.once('data', (data) => {
    const status = data.toString('latin1', 9, 12)
    answers.set(status, (answers.get(status) ?? 0) + 1)
  })
  await once(socket, 'connect')
  const timestamp = Math.floor(Date.now() / 1000)
  const lines = [
    'POST / HTTP/1.1',
    'host: localhost',
    `content-length: ${bytes}`,
    `x-fluxora-delivery-id: d${at}`,
    `x-fluxora-timestamp: ${timestamp}`,
    `x-fluxora-signature: ${'0'.repeat(64)}`,
  ]
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  socket.write(Buffer.alloc(bytes - 1, 'x'))
  return socket
}

function signed(figure) {
  return `${figure < 0 ? '-' : '+'}${Math.abs(figure).toFixed(1)}`
}
