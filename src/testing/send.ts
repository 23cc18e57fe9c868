// Sending a test delivery: one line, whatever the handler under test is served by.

import { invalidOption } from '../shared/webhook-error.ts'
import type { TestDelivery } from './sign.ts'

/** A Fetch handler: a route of `createWebhookRoute`, a Next.js or SvelteKit route, a Deno or Bun handler. */
export type FetchHandler = (request: Request) => Response | Promise<Response>

/** An application with a Fetch handler inside: Hono, Elysia, a Workers module. */
export interface FetchApplication {
  fetch(request: Request): Response | Promise<Response>
}

/** A Fastify instance, by the one method that is used of it. */
export interface InjectableApplication {
  inject(request: {
    method: 'POST'
    url: string
    headers: Record<string, string>
    payload: string | Uint8Array
  }): PromiseLike<{
    readonly statusCode: number
    readonly headers: Readonly<Record<string, string | number | readonly string[] | undefined>>
    readonly rawPayload: Uint8Array
  }>
}

/** A Node `http.Server`, or an Express application. It is started on a free port of the loopback and stopped again, unless it listens. */
export interface ListeningApplication {
  listen(port: number, host: string): unknown
}

/** What `sendTestDelivery` sends to. A URL is called by the global `fetch`. */
export type TestTarget = string | URL | FetchHandler | FetchApplication | InjectableApplication | ListeningApplication

/** How a test delivery is sent. */
export interface SendTestDeliveryOptions {
  /** Path of the route, `/` by default. Not used where the target is a URL. */
  readonly path?: string | undefined
  /** Headers beside the delivery's, or in their place. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/**
 * Posts a delivery to a handler under test and gives back its answer.
 *
 * @param target a URL, a Fetch handler, a Hono or Fastify or Express application, or a Node server
 * @throws {WebhookError} `invalid_option` for a target that is none of these
 * @example
 * const response = await sendTestDelivery(app, signTestDelivery({ secret, body: '{"amount":"1.50"}' }), { path: '/webhooks' })
 * expect(response.status).toBe(200)
 */
export async function sendTestDelivery(
  target: TestTarget,
  delivery: TestDelivery,
  options: SendTestDeliveryOptions = {},
): Promise<Response> {
  const { path = '/' } = options
  if (typeof path !== 'string' || !path.startsWith('/')) throw invalidOption('path', 'a path that begins with a slash')
  const headers = { 'content-type': 'application/json', ...delivery.headers, ...options.headers }
  const init = { method: 'POST', headers, body: delivery.body, redirect: 'manual' } as RequestInit
  if (typeof target === 'string' || target instanceof URL) return fetch(target, init)
  if (has(target, 'inject')) return injectDelivery(target as InjectableApplication, path, headers, delivery.body)
  if (has(target, 'listen')) {
    return withServer(target as ListeningApplication, (origin) => fetch(origin + path, init))
  }
  const request = (): Request => new Request(`http://localhost${path}`, init)
  if (has(target, 'fetch')) return (target as FetchApplication).fetch(request())
  if (typeof target === 'function') return target(request())
  throw invalidOption('target', 'a URL, a Fetch handler, a Hono, Fastify or Express application, or a Node server')
}

function has(target: unknown, method: string): boolean {
  return (
    ((typeof target === 'object' && target !== null) || typeof target === 'function') &&
    typeof (target as Record<string, unknown>)[method] === 'function'
  )
}

async function injectDelivery(
  app: InjectableApplication,
  url: string,
  headers: Record<string, string>,
  body: string | Uint8Array,
): Promise<Response> {
  // Bytes that are no Buffer would be taken for an object and serialised.
  const { Buffer } = globalThis as { Buffer?: { from(bytes: Uint8Array): Uint8Array } }
  const payload = typeof body === 'string' || !Buffer ? body : Buffer.from(body)
  const answer = await app.inject({ method: 'POST', url, headers, payload })
  const received = new Headers()
  for (const [name, value] of Object.entries(answer.headers)) {
    for (const each of [value ?? []].flat()) received.append(name, String(each))
  }
  const bodiless = [204, 205, 304].includes(answer.statusCode)
  return new Response(bodiless ? null : (answer.rawPayload as Uint8Array<ArrayBuffer>), {
    status: answer.statusCode,
    headers: received,
  })
}

/** What is used of a Node server; an Express application gives one when it is told to listen. */
interface NodeServer {
  address(): { readonly port: number } | string | null
  once(event: 'listening' | 'error', listener: (error?: Error) => void): unknown
  close(done: () => void): unknown
  closeAllConnections?(): void
}

async function withServer(target: ListeningApplication, use: (origin: string) => Promise<Response>): Promise<Response> {
  const own = has(target, 'address') ? (target as unknown as NodeServer) : undefined
  const running = own?.address()
  if (running) return use(originOf(running))
  const server = (target.listen(0, '127.0.0.1') ?? target) as NodeServer
  if (!has(server, 'address') || !has(server, 'once'))
    throw invalidOption('target', 'a Node server, or one that listen() gives')
  try {
    if (!server.address()) {
      await new Promise<void>((resolve, reject) => {
        server.once('listening', () => resolve())
        server.once('error', reject)
      })
    }
    const response = await use(originOf(server.address()))
    // Read to the end before the server goes away.
    const body = await response.arrayBuffer()
    const { status, statusText, headers } = response
    return new Response(body.byteLength > 0 ? body : null, { status, statusText, headers })
  } finally {
    await new Promise<void>((resolve) => {
      server.close(resolve)
      server.closeAllConnections?.()
    })
  }
}

function originOf(address: ReturnType<NodeServer['address']>): string {
  if (typeof address !== 'object' || address === null) throw invalidOption('target', 'a server that listens on a port')
  return `http://127.0.0.1:${address.port}`
}
