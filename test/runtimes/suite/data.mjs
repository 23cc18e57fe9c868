// The vectors of the main tests, as inputs for any host.

import { chronomind, fluxdrop, fluxora, github, slack, standardWebhooks, stellarPayment } from '@fluxora/verify/schemes'
import contract from '../../vectors/contract.json' with { type: 'json' }
import published from '../../vectors/published.json' with { type: 'json' }

const schemes = { chronomind, fluxdrop, fluxora, github, slack, standardWebhooks, stellarPayment }

export function bytesOf({ text, hex, repeat, times }) {
  if (hex !== undefined) return fromHex(hex)
  return new TextEncoder().encode(text ?? repeat.repeat(times))
}

export function fromHex(hex) {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))
}

/** Each contract case as a delivery; the scheme decides how the MAC is written. */
export const deliveries = contract.cases.map(({ case: name, scheme: schemeName, secret, timestamp, body, mac }) => {
  const scheme = schemes[schemeName]
  const headers = { [scheme.headers.signature[0]]: scheme.signature.write([fromHex(mac)], timestamp) }
  if (scheme.headers.timestamp[0]) headers[scheme.headers.timestamp[0]] = timestamp
  if (scheme.headers.deliveryId[0]) headers[scheme.headers.deliveryId[0]] = `dlv_${name}`
  const code = /^\d+$/.test(timestamp) ? 'ok' : 'invalid_timestamp'
  return { name: `case ${name}`, scheme, secret, now: Number(timestamp), headers, body: bytesOf(body), code }
})

export const publishedDeliveries = published.cases.map(({ scheme, body, ...rest }) => ({
  ...rest,
  name: `published by ${scheme}`,
  scheme: schemes[scheme],
  body: new TextEncoder().encode(body),
  code: 'ok',
}))
