// Inherited options are read like own ones, with and without `onOutcome`.

import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { afterEach, describe, expect, it } from 'vitest'
import { expressWebhook } from '../../src/adapters/express.ts'
import { createWebhookRoute } from '../../src/adapters/fetch.ts'
import { createWebhookListener } from '../../src/adapters/http.ts'
import { type DedupeStore, memoryDedupeStore } from '../../src/webhook/index.ts'
import { bridge } from './support/bridge.ts'
import { deliver, SECRET } from './support/client.ts'

type Options = Parameters<typeof createWebhookListener>[0]

const closing: (() => unknown)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

const makers: [string, (options: Options) => RequestListener][] = [
  ['http', (options) => createWebhookListener(options, () => {})],
  ['fetch', (options) => bridge(createWebhookRoute(options, () => {}))],
  ['Express', (options) => express().post('/webhooks', expressWebhook(options), (_req, res) => void res.json({}))],
]

describe.each(makers)('%s', (_name, make) => {
  it.each([
    ['without onOutcome', undefined],
    ['with onOutcome', () => {}],
  ])('uses the store that its options inherit, %s', async (_how, onOutcome) => {
    let claims = 0
    const store = memoryDedupeStore()
    const dedupe: DedupeStore = {
      ...store,
      claim(request) {
        claims++
        return store.claim(request)
      },
    }
    const options = Object.assign(Object.create({ dedupe }), { secrets: SECRET }, onOutcome && { onOutcome })
    const server = createServer(make(options)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    closing.push(() => server.close().closeAllConnections())
    expect(await deliver((server.address() as AddressInfo).port)).toMatchObject({ status: 200 })
    expect(claims).toBe(1)
  })
})
