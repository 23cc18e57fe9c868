// Webhooks wherever a Request is answered by a Response: Hono, Next.js, Workers, Bun, Deno, service workers. WebCrypto, nothing of Node.

import { tooLarge } from '../webhook/checks.ts'
import { type Refusal, refuse } from '../webhook/codes.ts'
import { invalidOption } from '../webhook/errors.ts'
import { webInflater } from '../webhook/inflate-web.ts'
import { webMac } from '../webhook/mac-web.ts'
import { aborted } from '../webhook/outcome.ts'
import { receiverOver } from '../webhook/receiver.ts'
import { answerOf } from './shared/answer.ts'
import { collector } from './shared/collector.ts'
import { later } from './shared/later.ts'
import { ADAPTER_OPTIONS, type BodyLimits, readBodyLimits, type WebhookAdapterOptions } from './shared/options.ts'
import type { EventDelivery, EventHandler } from './shared/payload.ts'

export type { Verification, WebhookBody } from '../webhook/checks.ts'
export type { WebhookCode } from '../webhook/codes.ts'
export type { DedupeStore } from '../webhook/dedupe.ts'
export type { VerifiedDelivery } from '../webhook/delivery.ts'
export { isWebhookError, WebhookError } from '../webhook/errors.ts'
export { memoryDedupeStore } from '../webhook/memory-store.ts'
export type { OutcomeReport } from '../webhook/outcome.ts'
export type { HandlerContext } from '../webhook/receiver.ts'
export { previousSecret, type WebhookSecret } from '../webhook/secrets.ts'
export type { WebhookVerifierOptions } from '../webhook/verify.ts'
export { type AsyncWebhookVerifier, createAsyncWebhookVerifier } from '../webhook/verify-async.ts'
export { type EventDelivery, type EventHandler, readPayload, type StandardSchema } from './shared/payload.ts'

/** What a route is made of: a receiver's options, and a deadline for the body. */
export type WebhookRouteOptions = WebhookAdapterOptions

/**
 * Makes a route. The delivery is committed when `handle` resolves and released when it throws or rejects. The route answers every
 * request, and its promise never rejects.
 *
 * The default dedupe store lives in this process; where requests reach one isolate or another, give it a shared one.
 *
 * @throws {WebhookError} `invalid_secret`, `invalid_option` or `invalid_scheme`
 * @example
 * const route = createWebhookRoute({ secrets: env.WEBHOOK_SECRET }, async (delivery) => {
 *   await credit(delivery.json())
 * })
 * export const POST = route                                // Next.js, app/webhooks/route.ts
 * app.all('/webhooks', (context) => route(context.req.raw)) // Hono
 * Deno.serve(route)
 */
export function createWebhookRoute<Events extends object = Record<string, unknown>>(
  options: WebhookRouteOptions,
  handle: EventHandler<Events>,
): (request: Request) => Promise<Response> {
  const receiver = receiverOver({ mac: webMac, inflater: webInflater }, options, ADAPTER_OPTIONS)
  const limits = readBodyLimits(options)
  if (typeof handle !== 'function') throw invalidOption('handle', 'a function')
  return async (request) => {
    const { method, headers, signal } = request
    const body = (): Promise<Uint8Array | Refusal> => readBody(request, limits)
    const outcome = await receiver.receive(
      { method, headers, body },
      (delivery, context) => handle(delivery as EventDelivery<Events>, context),
      { signal },
    )
    const answer = answerOf(outcome)
    return new Response(answer.body, { status: answer.status, headers: answer.headers })
  }
}

const ALREADY_PARSED =
  'Something read the body of this request before the webhook route did. Pass the request on unread, without calling text(), json() or formData() on it, or pass on a request.clone() made before.'

async function readBody(request: Request, { maxBodyBytes, timeoutMs }: BodyLimits): Promise<Uint8Array | Refusal> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBodyBytes) return tooLarge(maxBodyBytes)
  if (request.bodyUsed || request.body?.locked) return refuse('body_already_parsed', ALREADY_PARSED)
  if (!request.body) return new Uint8Array(await request.arrayBuffer()) // none, or a browser that cannot stream it
  const stream = request.body
  const reader = stream.getReader()
  const late = refuse('body_timeout', `The body did not arrive within ${timeoutMs / 1000} seconds.`)
  let timer: ReturnType<typeof setTimeout> | undefined
  const deadline = new Promise<Refusal>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, late)
  })
  const result = await Promise.race([readAll(reader, maxBodyBytes), deadline])
  clearTimeout(timer)
  if (!(result instanceof Uint8Array)) giveUp(stream, reader)
  return result
}

/**
 * The connection is the host's, and some hosts on Node destroy it when a body is cancelled. So the cancel waits until the answer has
 * left; until then nothing more is read, and the stream's own back-pressure holds the sender.
 */
function giveUp(stream: ReadableStream, reader: ReadableStreamDefaultReader): void {
  try {
    reader.releaseLock()
  } catch {} // older runtimes refuse while a read is pending
  later(() => void stream.cancel().catch(() => {}), 1000)
}

async function readAll(
  reader: ReadableStreamDefaultReader<unknown>,
  maxBodyBytes: number,
): Promise<Uint8Array | Refusal> {
  const bytes = collector(maxBodyBytes)
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return bytes.take()
      if (!(value instanceof Uint8Array)) return refuse('body_already_parsed', ALREADY_PARSED)
      if (!bytes.add(value)) return tooLarge(maxBodyBytes)
    }
  } catch {
    return aborted()
  }
}
