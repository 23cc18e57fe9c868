// The recipes of docs/adapters.md: the text is that of the files in examples/adapters, and the files do what the text says.
// They import the package by its public name, so it is the built one that runs here.

import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { createWebhookSigner } from '../../src/webhook/index.ts'

const root = new URL('../../', import.meta.url)
const text = readFileSync(new URL('docs/adapters.md', root), 'utf8')
const files = readdirSync(new URL('examples/adapters/', root)).sort()

const load = (file: string) => import(/* @vite-ignore */ new URL(`examples/adapters/${file}`, root).href)

const signer = createWebhookSigner({ secrets: 'topsecret' })
let count = 0
type Send = (body: string, headers: Record<string, string>) => Promise<number>

/** One delivery twice, and a forgery: what a route does, whatever it runs in. */
async function check(send: Send): Promise<void> {
  const body = `{ "n": ${++count} }`
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  const headers: Record<string, string> = { ...signer.sign({ body }), 'content-type': 'application/json' }
  expect([await send(body, headers), await send(body, headers), await send('{}', headers)]).toEqual([200, 200, 401])
  expect(log.mock.calls).toEqual([['once', headers['x-fluxora-delivery-id'], { n: count }]])
  log.mockRestore()
}

async function overSocket(listener: Parameters<typeof createServer>[1]): Promise<void> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`
  await check(async (sent, headers) => (await fetch(url, { method: 'POST', body: sent, headers })).status)
  server.closeAllConnections()
  server.close()
}

const overFetch = (route: (request: Request) => Promise<Response> | Response) =>
  check(
    async (sent, headers) =>
      (await route(new Request('http://a.test/webhooks', { method: 'POST', body: sent, headers }))).status,
  )

const recipes: Record<string, () => Promise<void>> = {
  'express.mjs': async () => overSocket((await load('express.mjs')).app),
  'fastify.mjs': async () => {
    const { app } = await load('fastify.mjs')
    await check(
      async (payload, headers) => (await app.inject({ method: 'POST', url: '/webhooks', payload, headers })).statusCode,
    )
  },
  'hono.mjs': async () => {
    const { app } = await load('hono.mjs')
    await overFetch((request) => app.fetch(request))
  },
  'next-route.mjs': async () => overFetch((await load('next-route.mjs')).POST),
  'next-pages.mjs': async () => {
    const { default: handler, config } = await load('next-pages.mjs')
    expect(config).toEqual({ api: { bodyParser: false } })
    await overSocket(async (request, response) => {
      await handler(request, response)
      expect(response.writableEnded).toBe(true) // Next.js warns of a handler that returns before
    })
  },
  'lambda.mjs': async () => {
    const { handler } = await load('lambda.mjs')
    await check(async (sent, headers) => {
      const event = { httpMethod: 'POST', headers, isBase64Encoded: true, body: Buffer.from(sent).toString('base64') }
      return (await handler(event)).statusCode
    })
    await check(async (sent, headers) => {
      const multiValueHeaders = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]))
      return (await handler({ httpMethod: 'POST', multiValueHeaders, headers, body: sent })).statusCode
    })
    const forged = { requestContext: { http: { method: 'POST' } }, headers: {}, isBase64Encoded: true }
    expect(await handler(forged)).toMatchObject({
      statusCode: 401,
      body: expect.stringContaining('missing_delivery_id'),
    })
    expect((await handler({ ...forged, requestContext: { http: { method: 'GET' } } })).statusCode).toBe(405)
  },
  'cloud-function.mjs': async () => {
    const { webhooks } = await load('cloud-function.mjs')
    await overSocket(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      const rawBody = Buffer.concat(chunks)
      webhooks(Object.assign(request, { rawBody, body: JSON.parse(rawBody.toString()) }), response)
    })
  },
  'worker.mjs': async () => {
    const { default: worker } = await load('worker.mjs')
    await overFetch((request) => worker.fetch(request, { WEBHOOK_SECRET: 'topsecret' }))
  },
  'logging-pino.mjs': async () => {
    const { loggedListener } = await load('logging-pino.mjs')
    const { pino } = await import('pino')
    const lines: Record<string, unknown>[] = []
    await overSocket(loggedListener(pino({ base: null }, { write: (line: string) => lines.push(JSON.parse(line)) })))
    expect(lines).toMatchObject([
      { level: 30, code: 'ok', status: 200, msg: 'The delivery was handled.' },
      { level: 30, code: 'duplicate_delivery' },
      { level: 40, code: 'signature_mismatch', status: 401 },
    ])
    expect(JSON.stringify(lines)).not.toContain('topsecret')
  },
}

describe('docs/adapters.md', () => {
  it('holds every recipe, as it stands in its file', () => {
    for (const file of files) {
      const lines = readFileSync(new URL(`examples/adapters/${file}`, root), 'utf8')
        .trimEnd()
        .split('\n')
      const code = lines.filter((line) => !line.includes('biome-ignore')).join('\n')
      expect(text, file).toContain(
        `<!-- examples/adapters/${file} -->\n\`\`\`${file.endsWith('.ts') ? 'ts' : 'js'}\n${code}\n\`\`\``,
      )
    }
  })

  it('has a test for every recipe', () => {
    // payloads.ts is types: tsc checks it.
    expect(Object.keys(recipes).sort()).toEqual(files.filter((file) => file.endsWith('.mjs')))
  })
})

describe.skipIf(!existsSync(new URL('dist/fetch.js', root)))('the recipe', () => {
  it.each(Object.entries(recipes))('%s', (_file, run) => run())
})
