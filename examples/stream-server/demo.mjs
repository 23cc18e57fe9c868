// What the buttons of the page do: deliveries, ledgers and an outage, sent to this server over loopback as a sender would. Only a page of
// this server, opened on this machine, may press them.

import { randomUUID } from 'node:crypto'
import { isIP } from 'node:net'
import { createWebhookSigner } from '@fluxora/verify'
import { ApiError } from './errors.mjs'
import { readChain } from './ledgers.mjs'

/**
 * @param {import('fastify').FastifyInstance} app
 * @param {import('./context.mjs').Context} context
 */
export function demoRoutes(app, { settings, storage, now, publish, outage }) {
  const signer = createWebhookSigner({ secrets: settings.secrets.fluxora })
  /** @type {{ headers: Record<string, string>, body: string } | undefined} */
  let last

  /** @param {string} path @param {string} body @param {Record<string, string>} [headers] */
  async function post(path, body, headers) {
    const { port } = /** @type {import('node:net').AddressInfo} */ (app.server.address())
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    })
    return { status: response.status, answer: await response.json() }
  }

  /** @param {{ age?: number }} [options] seconds since it was signed */
  function draft({ age = 0 } = {}) {
    const deliveryId = `demo-${randomUUID().slice(0, 8)}`
    const body = JSON.stringify({ id: deliveryId, event: 'stream.updated', depositAmount: '1000000.0000000' })
    const timestamp = Math.floor(now()) - age
    return { body, headers: signer.sign({ body, deliveryId, event: 'stream.updated', timestamp }) }
  }

  /** @param {{ headers: Record<string, string>, body: string }} delivery */
  const deliver = ({ headers, body }) => post('/webhooks/fluxora', body, headers)

  /** @type {Record<string, () => Promise<unknown>>} */
  const actions = {
    good() {
      last = draft()
      return deliver(last)
    },
    tampered() {
      const { body, headers } = draft()
      return deliver({ headers, body: body.replace('1000000', '9000000') })
    },
    async duplicate() {
      if (!last) {
        last = draft()
        await deliver(last)
      }
      return deliver(last)
    },
    late: () => deliver(draft({ age: 301 })),
    async outage() {
      outage.isOn = !outage.isOn
      publish('outage', outage)
      return outage
    },
    async reorg() {
      const tip = (await readChain(storage)).at(-1)
      const hash = () => randomUUID().replaceAll('-', '')
      if (!tip) {
        const ledgers = [100, 101, 102, 103].map((sequence) => ({ sequence, hash: hash() }))
        await post('/internal/ledgers', JSON.stringify({ ledgers }))
        return post('/internal/ledgers', JSON.stringify({ ledgers: [{ sequence: 103, hash: hash() }] }))
      }
      // The tip is replaced, and the new branch grows by one.
      const ledgers = [tip.sequence, tip.sequence + 1].map((sequence) => ({ sequence, hash: hash() }))
      return post('/internal/ledgers', JSON.stringify({ ledgers }))
    },
  }

  app.get('/demo', async () => ({ outage: outage.isOn, ledgers: await readChain(storage) }))
  app.post('/demo/:action', async (request) => {
    if (!isOwnPage(request))
      throw new ApiError(403, 'FORBIDDEN', 'Only a page of this server, on this machine, may do this.')
    const { action } = /** @type {{ action: string }} */ (request.params)
    const run = Object.hasOwn(actions, action) ? actions[action] : undefined
    if (!run) throw new ApiError(404, 'NOT_FOUND', 'There is no such button.')
    return run()
  })
}

/** @param {import('fastify').FastifyRequest} request */
function isOwnPage({ headers, ip }) {
  const isLoopback =
    ip === '::1' || (isIP(ip.replace('::ffff:', '')) === 4 && ip.replace('::ffff:', '').startsWith('127.'))
  // The name as well: a page of another site may have had its own name pointed here.
  const hostname = URL.canParse(`http://${headers.host}`) ? new URL(`http://${headers.host}`).hostname : ''
  return (
    isLoopback &&
    ['localhost', '127.0.0.1', '[::1]'].includes(hostname) &&
    headers.origin === `http://${headers.host}` &&
    (headers['sec-fetch-site'] ?? 'same-origin') === 'same-origin'
  )
}
