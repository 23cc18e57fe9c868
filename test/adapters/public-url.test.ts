// Schemes that sign the request's address, behind a reverse proxy, over real sockets, through every adapter and framework version. The
// signatures are made by hand.

import { createHash, createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, request as forward, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { VerifiedDelivery } from '../../src/webhook/index.ts'
import { contentful, hubspot, square, twilio, type WebhookScheme } from '../../src/webhook/schemes/index.ts'
import { SECRET } from './support/client.ts'
import { targets } from './support/targets.ts'

const ORIGIN = 'https://hooks.example.com'
const QUERY = '?tenant=a%20b&x=%2F1&y'

interface Signed {
  readonly headers: Record<string, string>
  readonly body: string
}

type Sign = (url: string) => Signed

const mac = (hash: string, text: string, encoding: 'hex' | 'base64'): string =>
  createHmac(hash, SECRET).update(text).digest(encoding)

const signTwilio: Sign = (url) => ({
  headers: {
    'content-type': 'application/x-www-form-urlencoded',
    'x-twilio-signature': mac('sha1', `${url}CallSidCA1From+1555`, 'base64'),
  },
  body: 'From=%2B1555&CallSid=CA1',
})

/** Twilio adds the hash of a body that is no form to the address, and signs that. */
const signTwilioJson: Sign = (url) => ({
  headers: { 'content-type': 'application/json', 'x-twilio-signature': mac('sha1', url, 'base64') },
  body: TWILIO_JSON,
})
const TWILIO_JSON = '{"a":1}'
const JSON_HASH = `&bodySHA256=${createHash('sha256').update(TWILIO_JSON).digest('hex')}`

const signSquare: Sign = (url) => ({
  headers: {
    'content-type': 'application/json',
    'x-square-hmacsha256-signature': mac('sha256', `${url}{"event_id":"e1"}`, 'base64'),
  },
  body: '{"event_id":"e1"}',
})

/** HubSpot signs its address with some characters decoded, the slash among them. */
const signHubspot: Sign = (url) => {
  const timestamp = String(Date.now())
  const text = `POST${url.replace('%2F', '/')}[{"a":1}]${timestamp}`
  return {
    headers: {
      'content-type': 'application/json',
      'x-hubspot-signature-v3': mac('sha256', text, 'base64'),
      'x-hubspot-request-timestamp': timestamp,
    },
    body: '[{"a":1}]',
  }
}

const signContentful: Sign = (url) => {
  const timestamp = String(Date.now())
  const list = 'x-contentful-signed-headers,x-contentful-timestamp'
  const headers = `x-contentful-signed-headers:${list};x-contentful-timestamp:${timestamp}`
  return {
    headers: {
      'content-type': 'application/json',
      'x-contentful-signed-headers': list,
      'x-contentful-timestamp': timestamp,
      'x-contentful-signature': mac('sha256', `POST\n${url.slice(ORIGIN.length)}\n${headers}\n{"a":1}`, 'hex'),
    },
    body: '{"a":1}',
  }
}

const senders: readonly (readonly [name: string, scheme: WebhookScheme, sign: Sign, query: string])[] = [
  ['twilio', twilio, signTwilio, QUERY],
  ['twilio with JSON', twilio, signTwilioJson, QUERY + JSON_HASH],
  ['square', square, signSquare, QUERY],
  ['hubspot', hubspot, signHubspot, QUERY],
  ['contentful', contentful, signContentful, QUERY],
]

describe.each(targets)('$name', (target) => {
  const closing: (() => unknown)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })

  /** A proxy that ends TLS, as far as its requests can tell: they arrive in plain HTTP, for another host, and perhaps for another path. */
  async function proxyTo(port: number, options: { prefix?: string; keepsHost?: boolean }): Promise<number> {
    const { prefix = '', keepsHost = false } = options
    const proxy: Server = createServer((incoming, outgoing) => {
      const path = (incoming.url as string).slice(prefix.length)
      const host = keepsHost ? (incoming.headers.host as string) : `internal:${port}`
      const headers = { ...incoming.headers, host, 'x-forwarded-for': '203.0.113.9' }
      const onward = forward({ port, host: '127.0.0.1', method: incoming.method, path, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode as number, answer.headers)
        answer.pipe(outgoing)
      })
      incoming.pipe(onward)
    })
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    closing.push(() => {
      proxy.closeAllConnections()
      proxy.close()
    })
    return (proxy.address() as AddressInfo).port
  }

  async function serve(
    scheme: WebhookScheme,
    publicUrl: string | undefined,
    proxy: Parameters<typeof proxyTo>[1] = {},
  ) {
    const runs: VerifiedDelivery[] = []
    const options = { scheme, secrets: SECRET, publicUrl, onOutcome: false as const }
    const { port, close } = await target.start({ options, run: (delivery) => void runs.push(delivery) })
    closing.push(close)
    const proxyPort = await proxyTo(port, proxy)
    return {
      runs,
      send: (path: string, { headers, body }: Signed) =>
        new Promise<number>((resolve, reject) => {
          const all = { ...headers, host: ORIGIN.slice('https://'.length) }
          const sent = forward({ port: proxyPort, host: '127.0.0.1', method: 'POST', path, headers: all }, (answer) => {
            answer.resume()
            answer.on('end', () => resolve(answer.statusCode as number))
          })
          sent.on('error', reject)
          sent.end(body)
        }),
    }
  }

  it.each(senders)(
    '%s behind a proxy that changes the host, with an origin for publicUrl',
    async (_, scheme, sign, query) => {
      const { send, runs } = await serve(scheme, ORIGIN)
      const path = `/webhooks${query}`
      expect(await send(path, sign(ORIGIN + path))).toBe(200)
      expect(await send(path, sign(`${ORIGIN}/other${query}`))).toBe(401)
      expect(await send(`${path}&z=1`, sign(ORIGIN + path))).toBe(401)
      expect(runs).toHaveLength(1)
    },
  )

  it.each(senders)(
    '%s behind one that cuts the path too, with a whole URL for publicUrl',
    async (_, scheme, sign, query) => {
      const publicUrl = `${ORIGIN}/in/webhooks${query}`
      const { send, runs } = await serve(scheme, publicUrl, { prefix: '/in' })
      expect(await send(`/in/webhooks${query}`, sign(publicUrl))).toBe(200)
      expect(await send(`/in/webhooks${query}`, sign(`${ORIGIN}/webhooks${query}`))).toBe(401)
      expect(runs).toHaveLength(1)
    },
  )

  it('twilio, whose hash of the body is not in publicUrl', async () => {
    const { send } = await serve(twilio, `${ORIGIN}/in/webhooks?a=1`, { prefix: '/in' })
    const url = `/in/webhooks?a=1${JSON_HASH}`
    expect(await send(url, signTwilioJson(ORIGIN + url))).toBe(200)
    expect(await send(url, { ...signTwilioJson(ORIGIN + url), body: '{"a":2}' })).toBe(401)
  })

  it('without publicUrl takes the Host header and https, or the URL that the host gives', async () => {
    const path = `/webhooks${QUERY}`
    const expected = target.isAbsolute ? 401 : 200 // Fetch gives the URL of the plain HTTP request
    expect(await (await serve(square, undefined, { keepsHost: true })).send(path, signSquare(ORIGIN + path))).toBe(
      expected,
    )
    expect(await (await serve(square, undefined)).send(path, signSquare(ORIGIN + path))).toBe(401)
  })
})
