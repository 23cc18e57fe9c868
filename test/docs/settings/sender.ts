import { once } from 'node:events'
import { createServer } from 'node:http'
import { expect } from 'vitest'
import { createWebhookListener } from '@fluxora/verify/http'
import { freePort } from '../support.ts'

process.env.WEBHOOK_SECRET = 'topsecret'
process.env.PORT = String(await freePort())
process.argv.length = 2 // no address
const received: unknown[] = []
const listener = createWebhookListener({ secrets: 'topsecret' }, (delivery) => void received.push(delivery.json()))
const server = createServer(listener).listen(Number(process.env.PORT))
await once(server, 'listening')
//// block

server.closeAllConnections()
server.close()
expect(response.status).toBe(200)
expect(received).toEqual([{ id: 'evt_1', event: 'stream.updated' }])
