// One run of the crash test: senders, an indexer, clients and an endpoint work with the example's server while it is killed again and again.
// Whoever gets no answer, or a 503, tries again, as the real ones do. What was answered is noted, to be compared with the tables.

import { randomInt, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { createWebhookSigner, createWebhookVerifier } from '../../src/webhook/index.ts'
import { chronomind, fluxdrop, fluxora, stellarPayment } from '../../src/webhook/schemes/index.ts'
import { call, type Running, secrets, start } from './support.ts'

const ENDPOINT_SECRET = 'endpoint-secret'
const account = 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ'
const terms = { sender: account, recipient: account, depositAmount: '1000000', ratePerSecond: '0.001' }
const schemes = { fluxora, stellarPayment, chronomind, fluxdrop }

type Answer = Awaited<ReturnType<typeof call>>
export interface Ledger {
  sequence: number
  hash: string
}

/** What was promised to the clients while the server was killed. */
export interface Promised {
  /** Delivered with a 2xx, by scheme. */
  readonly received: Record<string, number>
  /** Deliveries that were sent again after their 2xx, and what was said to them. */
  readonly again: { readonly duplicate: number; readonly other: unknown[] }
  readonly chain: readonly Ledger[]
  readonly reorgs: number
  readonly created: readonly string[]
  readonly cancelled: readonly string[]
  /** Streams that the endpoint was told of, by event, each with the ids of those deliveries. */
  readonly told: Record<string, Map<string, Set<string>>>
  readonly kills: number
}

/**
 * @param env The storage.
 * @param size How many deliveries, batches of ledgers and streams; the server is killed until all of them are answered.
 */
export async function crashRun(
  env: Record<string, string>,
  size: { deliveries: number; batches: number; streams: number },
): Promise<{ promised: Promised; server: Running }> {
  const endpoint = await listen()
  let server = await start({ ...env, ENDPOINT_ALLOW: '127.0.0.0/8', LEASE_SECONDS: '1' })
  let kills = 0
  let isOver = false

  /** Asks until there is an answer that is not "come back later". */
  async function ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> {
    for (let tries = 0; tries < 3000; tries++) {
      const answer = await call(server.origin, method, path, body, headers).catch(() => undefined)
      if (answer && answer.status !== 503) return answer
      await pause(20)
    }
    throw new Error(`${method} ${path} had no answer in a minute`)
  }

  const url = `http://127.0.0.1:${(endpoint.server.address() as AddressInfo).port}/`
  const registered = await ask('POST', '/api/endpoints', { url, secret: ENDPOINT_SECRET })
  if (registered.status !== 201) throw new Error(`the endpoint was answered ${registered.status}`)
  const work = Promise.all([
    sendDeliveries(ask, size.deliveries),
    followChain(ask, size.batches),
    openStreams(ask, size.streams),
  ])
  const killing = (async () => {
    while (!isOver) {
      await pause(randomInt(30, 300))
      if (isOver) return
      server.process.kill('SIGKILL')
      await server.exit
      kills++
      server = await start({ ...env, ENDPOINT_ALLOW: '127.0.0.0/8', LEASE_SECONDS: '1' })
    }
  })()
  const [deliveries, chain, streams] = await work.finally(() => {
    isOver = true
  })
  await killing
  const listed = (await ask('GET', '/api/streams?limit=1000')).body.streams
  await endpoint.isTold(listed)
  endpoint.server.close()
  endpoint.server.closeAllConnections()
  return { promised: { ...deliveries, ...chain, ...streams, told: endpoint.told, kills }, server }
}

type Ask = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>

/** Four senders at once, one a scheme. */
async function sendDeliveries(ask: Ask, count: number): Promise<Pick<Promised, 'received' | 'again'>> {
  const received: Record<string, number> = {}
  const again = { duplicate: 0, other: [] as unknown[] }
  async function send(name: keyof typeof schemes): Promise<void> {
    const signer = createWebhookSigner({ scheme: schemes[name], secrets: secrets[name] })
    received[name] = 0
    for (let number = 0; number < count / 4; number++) {
      const body = JSON.stringify({ id: randomUUID(), number })
      const deliver = (): Promise<Answer> =>
        ask('POST', `/webhooks/${name}`, body, signer.sign({ body, deliveryId: `crash-${body.slice(7, 43)}` }))
      if ((await deliver()).status === 200) received[name]++
      if (number % 3 > 0) continue
      const answer = await deliver()
      if (answer.status === 200 && answer.body.duplicate === true) again.duplicate++
      else again.other.push({ name, status: answer.status, body: answer.body })
    }
  }
  await Promise.all((Object.keys(schemes) as (keyof typeof schemes)[]).map(send))
  return { received, again }
}

/** An indexer: a chain that grows, and in every third batch loses up to five ledgers. */
async function followChain(ask: Ask, batches: number): Promise<Pick<Promised, 'chain' | 'reorgs'>> {
  const chain: Ledger[] = []
  let reorgs = 0
  for (let batch = 0; batch < batches; batch++) {
    const depth = batch % 3 === 2 ? randomInt(1, Math.min(6, chain.length)) : 0
    if (depth > 0) reorgs++
    chain.length -= depth
    const first = 1000 + chain.length
    const added = Array.from({ length: depth + randomInt(1, 3) }, (_, index) => ({
      sequence: first + index,
      hash: randomUUID(),
    }))
    const answer = await ask('POST', '/internal/ledgers', { ledgers: added })
    if (answer.status !== 200) throw new Error(`a batch was answered ${answer.status} ${JSON.stringify(answer.body)}`)
    chain.push(...added)
  }
  return { chain, reorgs }
}

/** Clients: streams are created, and every second one is cancelled. A cancellation without an answer may have happened, so 409 is one. */
async function openStreams(ask: Ask, count: number): Promise<Pick<Promised, 'created' | 'cancelled'>> {
  const created: string[] = []
  const cancelled: string[] = []
  for (let number = 0; number < count; number++) {
    const { status, body } = await ask('POST', '/api/streams', { ...terms, startTime: Math.floor(Date.now() / 1000) })
    if (status !== 201) throw new Error(`a stream was answered ${status}`)
    created.push(body.id)
    if (number % 2 > 0) continue
    const answer = await ask('POST', `/api/streams/${body.id}/cancel`)
    if (answer.status !== 200 && answer.status !== 409) throw new Error(`a cancellation was answered ${answer.status}`)
    cancelled.push(body.id)
  }
  return { created, cancelled }
}

/** An endpoint that is overloaded now and then, and notes what it took. */
async function listen() {
  const verifier = createWebhookVerifier({ secrets: ENDPOINT_SECRET })
  const told: Promised['told'] = { 'stream.created': new Map(), 'stream.cancelled': new Map() }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const verdict = verifier.verify({ headers: request.headers, body: Buffer.concat(chunks) })
    if (!verdict.ok) return response.writeHead(401).end()
    if (randomInt(10) === 0) return response.writeHead(503).end()
    const { id, event, streamId } = verdict.delivery.json<{ id: string; event: string; streamId: string }>()
    const streams = told[event]
    streams?.set(streamId, (streams.get(streamId) ?? new Set()).add(id))
    return response.writeHead(204).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  /** Waits until every stream has been told of: a lease of a killed server must run out first. */
  async function isTold(streams: { id: string; status: string }[]): Promise<void> {
    const isMissing = ({ id, status }: { id: string; status: string }): boolean =>
      !told['stream.created']?.has(id) || (status === 'cancelled' && !told['stream.cancelled']?.has(id))
    for (let tries = 0; streams.some(isMissing) && tries < 1200; tries++) await pause(100)
  }
  return { server, told, isTold }
}
