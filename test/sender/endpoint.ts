// Endpoints over real sockets, honest and hostile, each on a port of its own on loopback.

import { once } from 'node:events'
import * as http from 'node:http'
import type { AddressInfo, Server, Socket } from 'node:net'
import * as net from 'node:net'
import { afterEach } from 'vitest'
import { addressGuard, createWebhookSender, type OutgoingDelivery, type WebhookSender } from '../../src/sender/index.ts'

const servers = new Set<Server>()
const sockets = new Set<Socket>()
const senders = new Set<WebhookSender>()

afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  await Promise.all([...senders].map((sender) => sender.close()))
  await Promise.all([...servers].map((server) => new Promise((resolve) => server.close(resolve))))
  for (const each of [servers, sockets, senders]) each.clear()
})

export async function listen(server: Server): Promise<string> {
  servers.add(server)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks?a=1`
}

/** An endpoint that answers by a function. */
export const endpoint = (handle: http.RequestListener): Promise<string> => listen(http.createServer(handle))

/** An endpoint that writes bytes of its own making, once a request has begun. */
export const rawEndpoint = (write: (socket: Socket) => void): Promise<string> =>
  listen(net.createServer((socket) => void socket.once('data', () => write(socket))))

/** A sender that may send to loopback. */
export function loopbackSender(options: Parameters<typeof createWebhookSender>[0] = {}): WebhookSender {
  const guard = addressGuard({ allow: ['127.0.0.0/8', '::1/128'], allowHttp: true })
  const sender = createWebhookSender({ guard, random: () => 0, ...options })
  senders.add(sender)
  return sender
}

export function delivery(url: string, more: Partial<OutgoingDelivery> = {}): OutgoingDelivery {
  const target = { id: 'ep_1', url, secrets: 'topsecret' }
  return { endpoint: target, deliveryId: 'evt_1', event: 'stream.updated', body: '{"a":1}', attempt: 1, ...more }
}

export async function readBody(request: http.IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  return body
}
