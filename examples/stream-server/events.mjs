// Server-sent events: what happens, told to every page that is open. Their number is bounded, and so is what waits for a slow one.

const MAX_CLIENTS = 100
const MAX_WAITING_BYTES = 256 * 1024
const REMEMBERED = 100

/** @param {import('fastify').FastifyInstance} app */
export function createEvents(app) {
  /** @type {Set<import('node:http').ServerResponse>} */
  const clients = new Set()
  /** The last deliveries, attempts and changes of the chain, for a page that is opened, or loaded again, later. @type {string[]} */
  const recent = []

  // Without HEAD: an answer that never ends has none.
  app.get('/events', { exposeHeadRoute: false }, (request, reply) => {
    if (clients.size >= MAX_CLIENTS)
      return reply.code(503).send({ error: { code: 'TOO_MANY_PAGES', message: 'Too many pages are open.' } })
    reply.hijack()
    const { raw: response } = reply
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    response.write('retry: 1000\n\nevent: reset\ndata: {}\n\n')
    for (const message of recent) response.write(message)
    clients.add(response)
    response.on('close', () => clients.delete(response))
    request.raw.on('error', () => {})
  })
  const heartbeat = setInterval(() => send(': still here\n\n'), 15_000)
  heartbeat.unref()
  // Before the server waits for its connections to end: these would never end by themselves.
  app.addHook('preClose', async () => {
    clearInterval(heartbeat)
    for (const client of clients) client.end()
  })

  /** @param {string} message */
  function send(message) {
    for (const client of clients) {
      if (client.writableLength > MAX_WAITING_BYTES) client.destroy()
      else client.write(message)
    }
  }

  /** @param {string} kind @param {unknown} value */
  return function publish(kind, value) {
    const message = `event: ${kind}\ndata: ${JSON.stringify(value)}\n\n`
    if (['delivery', 'attempt', 'chain'].includes(kind)) {
      recent.push(message)
      if (recent.length > REMEMBERED) recent.shift()
    }
    send(message)
  }
}
