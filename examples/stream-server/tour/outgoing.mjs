// Webhooks out: an endpoint is registered, a stream changes, and the endpoint is told, signed.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { createWebhookListener } from '@fluxora/verify/http'

/** @typedef {import('./tour.mjs').Step} Step */

/**
 * @param {import('./tour.mjs').Tour} tour
 * @returns {Step[]}
 */
export function outgoingTour({ origin }) {
  const secret = 'endpoint-example-secret'
  /** @param {string} path @param {unknown} body */
  async function post(path, body) {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(origin + path, { method: 'POST', headers, body: JSON.stringify(body) })
    return { status: response.status, body: /** @type {any} */ (await response.json()) }
  }

  return [
    {
      name: 'an endpoint inside',
      expected: '400 ADDRESS_REFUSED',
      send: async () => {
        const { status, body } = await post('/api/endpoints', { url: 'https://169.254.169.254/', secret })
        return `${status} ${body.error.fields.url.code}`
      },
      why: 'a sender must not reach into its own network',
    },
    {
      name: 'a stream, told',
      expected: '201, delivered stream.created',
      send: async () => {
        /** @type {(event: string) => void} */
        let told = () => {}
        const delivered = new Promise((resolve) => {
          told = resolve
        })
        const listener = createWebhookListener({ secrets: secret }, ({ event }) => told(event ?? 'nothing'))
        const endpoint = createServer(listener).listen(0, '127.0.0.1')
        await once(endpoint, 'listening')
        const { port } = /** @type {import('node:net').AddressInfo} */ (endpoint.address())
        const { status } = await post('/api/endpoints', { url: `http://127.0.0.1:${port}/`, secret })
        const account = 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ'
        const terms = { depositAmount: '1', ratePerSecond: '0.1', startTime: Math.floor(Date.now() / 1000) }
        await post('/api/streams', { sender: account, recipient: account, ...terms })
        const event = await delivered
        endpoint.close()
        endpoint.closeIdleConnections()
        return `${status}, delivered ${event}`
      },
      why: 'signed, from the outbox, to a verifying endpoint',
    },
  ]
}
