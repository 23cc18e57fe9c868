// What a receiver sees in a day. Each step sends something over loopback HTTP and says which answer it expects.

import { createWebhookSigner } from '@fluxora/verify'
import { chronomind, fluxdrop, fluxora, stellarPayment } from '@fluxora/verify/schemes'

/** @typedef {import('./tour.mjs').Step} Step */

/**
 * @param {import('./tour.mjs').Tour} tour
 * @returns {Step[]}
 */
export function webhookTour({ origin, secrets, storage, outage }) {
  /** @param {string} id */
  async function countOf(id) {
    return (await storage.rows('SELECT identity FROM received WHERE identity = ?', id)).length
  }
  const bodyOf = (/** @type {string} */ eventId) => JSON.stringify({ eventId, depositAmount: '1000000.0000000' })
  const signers = Object.fromEntries(
    [fluxora, stellarPayment, chronomind, fluxdrop].map((scheme) => {
      const secret = secrets[/** @type {keyof typeof secrets} */ (scheme.name)]
      return [scheme.name, createWebhookSigner({ scheme, secrets: secret })]
    }),
  )

  /**
   * Sends a delivery and returns the answer: status, code, and whether it was a duplicate.
   *
   * @param {keyof typeof secrets} scheme
   * @param {{ id: string, body?: string, sent?: string, timestamp?: number }} delivery `sent` arrives instead of the signed body
   */
  async function deliver(scheme, { id, body = bodyOf(id), sent = body, timestamp }) {
    const signed = signers[scheme]?.sign({ body, deliveryId: id, event: 'stream.updated', timestamp })
    const request = {
      method: 'POST',
      body: sent,
      headers: { 'content-type': 'application/json', ...signed },
    }
    const response = await fetch(`${origin}/webhooks/${scheme}`, request)
    const { error, duplicate } = /** @type {{ error?: string, duplicate?: boolean }} */ (await response.json())
    return `${response.status} ${error ?? (duplicate ? 'duplicate' : 'ok')}`
  }

  return [
    {
      name: 'fluxora, valid',
      expected: '200 ok',
      send: () => deliver('fluxora', { id: 'f-1' }),
      why: 'signs timestamp.body',
    },
    {
      name: 'stellarPayment, valid',
      expected: '200 ok',
      send: () => deliver('stellarPayment', { id: 's-1' }),
      why: 'signs the body, as sha256=…',
    },
    {
      name: 'chronomind, valid',
      expected: '200 ok',
      send: () => deliver('chronomind', { id: 'c-1' }),
      why: 'signs t.body, as t=…,v1=…',
    },
    {
      name: 'fluxdrop, valid',
      expected: '200 ok',
      send: () => deliver('fluxdrop', { id: 'd-1' }),
      why: 'signs the body, as plain hex',
    },
    {
      name: 'tampered body',
      expected: '401 signature_mismatch',
      send: () => deliver('fluxora', { id: 'f-2', sent: bodyOf('f-2').replace('1000000', '9000000') }),
      why: 'one digit was changed on the way',
    },
    {
      name: 're-serialised body',
      expected: '401 signature_mismatch',
      send: () => deliver('fluxora', { id: 'f-3', sent: JSON.stringify(JSON.parse(bodyOf('f-3')), null, 1) }),
      why: 'the same JSON in different bytes',
    },
    {
      name: 'unsigned',
      expected: '401 missing_signature',
      send: async () => {
        const headers = { 'x-fluxora-delivery-id': 'f-4', 'x-fluxora-timestamp': String(Math.floor(Date.now() / 1000)) }
        const response = await fetch(`${origin}/webhooks/fluxora`, { method: 'POST', body: bodyOf('f-4'), headers })
        return `${response.status} ${/** @type {{ error: string }} */ (await response.json()).error}`
      },
      why: 'refused before its body is read',
    },
    {
      name: 'stale',
      expected: '401 timestamp_outside_tolerance',
      send: () => deliver('fluxora', { id: 'f-5', timestamp: Math.floor(Date.now() / 1000) - 301 }),
      why: '301 seconds old; 300 are allowed',
    },
    {
      name: 'oversize',
      expected: '413 payload_too_large',
      send: () => deliver('fluxora', { id: 'f-6', sent: 'x'.repeat(262_145) }),
      why: 'one byte over 256 KiB',
    },
    {
      name: 'duplicate',
      expected: '200 duplicate, handled 1 time',
      send: async () => `${await deliver('fluxora', { id: 'f-1' })}, handled ${await countOf('f-1')} time`,
      why: 'the sender missed the first answer and retried',
    },
    {
      name: 'captured, new id',
      expected: '409 delivery_id_conflict, handled 0 times',
      send: async () => {
        const attempt = { body: bodyOf('f-7'), timestamp: Math.floor(Date.now() / 1000) }
        await deliver('fluxora', { id: 'f-7', ...attempt })
        const answer = await deliver('fluxora', { id: 'evil', ...attempt })
        return `${answer}, handled ${await countOf('evil')} times`
      },
      why: 'the id is not signed, so it is tied to its body',
    },
    {
      name: 'an outage, then again',
      expected: '503 store_unavailable, then 200 ok',
      send: async () => {
        outage.isOn = true
        const first = await deliver('fluxora', { id: 'f-9' })
        outage.isOn = false
        return `${first}, then ${await deliver('fluxora', { id: 'f-9' })}`
      },
      why: 'the door is closed; the retry is handled',
    },
    {
      name: '1 MiB, then a request',
      expected: '413 payload_too_large, then 200',
      send: async () => {
        const first = await deliver('fluxora', { id: 'f-10', sent: 'x'.repeat(1_048_576) })
        return `${first}, then ${(await fetch(`${origin}/health`)).status}`
      },
      why: 'an oversize request holds up nobody',
    },
    {
      name: 'GET',
      expected: '405 method_not_allowed',
      send: async () => {
        const response = await fetch(`${origin}/webhooks/fluxora`)
        return `${response.status} ${/** @type {{ error: string }} */ (await response.json()).error}`
      },
      why: 'somebody opened the endpoint in a browser',
    },
  ]
}
