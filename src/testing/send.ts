// Sending a test delivery in one line, to a handler in any framework.

import { invalidOption } from '../shared/webhook-error.ts'
import { pathOf } from '../webhook/pipeline/request-content.ts'
import type { TestDelivery } from './draft.ts'

/** A Fetch handler: a route of `createWebhookRoute`, a Next.js or SvelteKit route, a Deno or Bun handler. */
export type FetchHandler = (request: Request) => Response | Promise<Response>

/** An application with a Fetch handler inside: Hono, Elysia, a Workers module. */
export interface FetchApplication {
  fetch(request: Request): Response | Promise<Response>
}

/** A Fastify instance, reduced to the one method that is used. */
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

/** A Node `http.Server` or an Express application. Unless it listens already, it is started on a free loopback port and stopped again. */
export interface ListeningApplication {
  listen(port: number, host: string): unknown
}

/** What `sendTestDelivery` can send to. A URL is requested with the global `fetch`. */
export type TestTarget = string | URL | FetchHandler | FetchApplication | InjectableApplication | ListeningApplication

/** How a test delivery is sent. */
export interface SendTestDeliveryOptions {
  /** Path of the route; by default that of the delivery's `url`, if it has one, or `/`. Ignored if the target is a URL. */
  readonly path?: string | undefined
  /** Headers to add to those of the delivery, or to replace them; none by default. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/**
 * Posts a delivery to the handler under test.
 *
 * @param target A URL, a Fetch handler, a Hono, Fastify or Express application, or a Node server.
 * @param delivery What `signTestDelivery` made, or a value of `signedDelivery` or `tamperedDelivery`.
 * @param options Path and headers.
 * @returns The handler's response, as a `Response` for every kind of target.
 * @throws {WebhookError} `invalid_option` for a target of no known kind. What the handler throws is passed on.
 *
 * @example
 * ```ts
 * const delivery = signTestDelivery({ secret: 'topsecret', body: '{"amount":"1.50"}' })
 * const response = await sendTestDelivery(app, delivery, { path: '/webhooks' })
 * expect(response.status).toBe(200)
 * ```
 */
export async function sendTestDelivery(
  target: TestTarget,
  delivery: TestDelivery,
  options: SendTestDeliveryOptions = {},
): Promise<Response> {
  const { url = 'http://localhost/' } = delivery
  const { path = pathOf(url) } = options
  if (typeof path !== 'string' || !path.startsWith('/')) throw invalidOption('path', 'a path that begins with a slash')
  const headers = { 'content-type': 'application/json', ...delivery.headers, ...options.headers }
  const init: RequestInit = { method: 'POST', headers, body: toBody(delivery.body), redirect: 'manual' }

  if (typeof target === 'string' || target instanceof URL) return fetch(target, init)
  if (isInjectable(target)) return inject(target, path, headers, delivery.body)
  if (isListening(target)) return withServer(target, (origin) => fetch(origin + path, init))
  const { origin } = new URL(url)
  if (hasFetch(target)) return target.fetch(new Request(origin + path, init))
  if (typeof target === 'function') return target(new Request(origin + path, init))
  throw invalidOption('target', 'a URL, a Fetch handler, a Hono, Fastify or Express application, or a Node server')
}

// A target is recognised by its methods, so no framework is imported.

function isInjectable(target: unknown): target is InjectableApplication {
  return hasMethod(target, 'inject')
}

function isListening(target: unknown): target is ListeningApplication {
  return hasMethod(target, 'listen')
}

function hasFetch(target: unknown): target is FetchApplication {
  return hasMethod(target, 'fetch')
}

function hasMethod(target: unknown, method: string): boolean {
  if (typeof target !== 'function' && (typeof target !== 'object' || target === null)) return false
  return typeof Reflect.get(target, method) === 'function'
}

async function inject(
  app: InjectableApplication,
  url: string,
  headers: Record<string, string>,
  body: string | Uint8Array,
): Promise<Response> {
  const answer = await app.inject({ method: 'POST', url, headers, payload: toPayload(body) })
  const received = new Headers()
  for (const [name, value] of Object.entries(answer.headers)) {
    for (const each of [value ?? []].flat()) received.append(name, String(each))
  }
  const init = { status: answer.statusCode, headers: received }
  // The constructor refuses a body for these, even an empty one.
  if ([204, 205, 304].includes(answer.statusCode)) return new Response(null, init)
  return new Response(toBody(answer.rawPayload), init)
}

/** Fastify would serialise bytes that are not a Buffer, as it does with any object. */
function toPayload(body: string | Uint8Array): string | Uint8Array {
  const { Buffer }: { Buffer?: { from(bytes: Uint8Array): Uint8Array } } = globalThis
  if (typeof body === 'string' || !Buffer) return body
  return Buffer.from(body)
}

/** For the compiler: Fetch takes bytes of any memory but a shared one, which nothing here makes. */
function toBody(body: string | Uint8Array): BodyInit {
  return body as string | Uint8Array<ArrayBuffer>
}

/** The methods that are used of a Node server. */
interface NodeServer {
  address(): { readonly port: number } | string | null
  once(event: 'listening' | 'error', listener: (error?: Error) => void): unknown
  close(done: () => void): unknown
  closeAllConnections?(): void
}

function hasAddress(value: unknown): value is Pick<NodeServer, 'address'> {
  return hasMethod(value, 'address')
}

function isServer(value: unknown): value is NodeServer {
  return hasAddress(value) && hasMethod(value, 'once')
}

async function withServer(target: ListeningApplication, use: (origin: string) => Promise<Response>): Promise<Response> {
  const running = hasAddress(target) && target.address()
  if (running) return use(originOf(running))
  // An Express application returns the server that it starts.
  const server = target.listen(0, '127.0.0.1') ?? target
  if (!isServer(server)) throw invalidOption('target', 'a Node server, or an application whose listen() returns one')
  try {
    if (!server.address()) await started(server)
    return await readToEnd(await use(originOf(server.address())))
  } finally {
    await stopped(server)
  }
}

function started(server: NodeServer): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('listening', () => resolve())
    server.once('error', reject)
  })
}

function stopped(server: NodeServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(resolve)
    server.closeAllConnections?.()
  })
}

/** The same response, with a body that no longer needs the server. */
async function readToEnd(response: Response): Promise<Response> {
  const { status, statusText, headers } = response
  const body = await response.arrayBuffer()
  if (body.byteLength === 0) return new Response(null, { status, statusText, headers })
  return new Response(body, { status, statusText, headers })
}

function originOf(address: ReturnType<NodeServer['address']>): string {
  if (typeof address !== 'object' || address === null) throw invalidOption('target', 'a server that listens on a port')
  return `http://127.0.0.1:${address.port}`
}
