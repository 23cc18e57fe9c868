// The stream API: amounts are decimal strings, and one answer lists everything that is wrong.

import { encodeStrKey } from '@fluxora/verify/stellar'

/** @typedef {import('./tour.mjs').Step} Step */

/**
 * @param {import('./tour.mjs').Tour} tour
 * @returns {Step[]}
 */
export function streamTour({ origin, startedAt }) {
  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   */
  async function call(method, path, body) {
    const response = await fetch(origin + path, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    return { status: response.status, body: /** @type {any} */ (await response.json()) }
  }
  const sender = 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ'
  const recipient = encodeStrKey('account', new Uint8Array(32).fill(7))
  const startTime = startedAt - 100
  let id = ''

  return [
    {
      name: 'POST /api/streams',
      expected: '201 active, 0.00116 accrued of 1000000',
      send: async () => {
        const stream = { depositAmount: '1000000.0000000', ratePerSecond: '0.0000116', sender, recipient, startTime }
        const { status, body } = await call('POST', '/api/streams', stream)
        id = body.id
        return `${status} ${body.status}, ${body.accruedAmount} accrued of ${body.depositAmount}`
      },
      why: 'strings in, canonical strings out',
    },
    {
      name: 'POST, numbers',
      expected: '400 DECIMAL_INVALID_TYPE, DECIMAL_INVALID_FORMAT, INVALID_ADDRESS',
      send: async () => {
        const stream = { depositAmount: 1_000_000, ratePerSecond: '1e-7', sender: 'GA-SENDER', recipient, startTime }
        const { status, body } = await call('POST', '/api/streams', stream)
        const codes = Object.values(body.error.fields).map((/** @type {any} */ { code }) => code)
        return `${status} ${codes.join(', ')}`
      },
      why: 'JSON numbers lose digits; every wrong field is listed',
    },
    {
      name: 'cancel, then again',
      expected: '200 cancelled, then 409 CONFLICT',
      send: async () => {
        const first = await call('POST', `/api/streams/${id}/cancel`)
        const second = await call('POST', `/api/streams/${id}/cancel`)
        return `${first.status} ${first.body.status}, then ${second.status} ${second.body.error.code}`
      },
      why: 'it is already cancelled',
    },
    {
      name: 'GET /api/streams/x',
      expected: '404 NOT_FOUND',
      send: async () => {
        const { status, body } = await call('GET', '/api/streams/x')
        return `${status} ${body.error.code}`
      },
      why: 'there is no such stream',
    },
  ]
}
