// Webhooks over raw Node http: one listener that reads, verifies, hands over once, and always answers.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { DEFAULT_MAX_BODY_BYTES } from '../webhook/checks.ts'
import { invalidOption, readNumber } from '../webhook/errors.ts'
import type { Outcome } from '../webhook/outcome.ts'
import { createWebhookReceiver } from '../webhook/receive.ts'
import type { WebhookHandler } from '../webhook/receiver.ts'
import type { WebhookReceiverOptions } from '../webhook/receiver-options.ts'
import { answerOf } from './shared/answer.ts'
import { drain, isBeyondDraining, readNodeBody } from './shared/node-body.ts'

/** What a listener is made of: a receiver's options, and a deadline for the body. */
export interface WebhookListenerOptions extends WebhookReceiverOptions {
  /** How long a body may take to arrive in full, in seconds; 10 by default. */
  readonly bodyTimeoutSeconds?: number | undefined
}

/**
 * Makes a request listener. The delivery is committed when `handle` resolves and released when it throws or rejects; a sender that goes
 * away releases only what has not started. The listener answers every request itself, so it never calls a `next`.
 *
 * @throws {WebhookError} `invalid_secret`, `invalid_option` or `invalid_scheme`
 * @example
 * const listener = createWebhookListener({ secrets: process.env.WEBHOOK_SECRET }, async (delivery) => {
 *   await credit(delivery.json())
 * })
 * createServer((request, response) => {
 *   if (request.url === '/webhooks') return listener(request, response)
 *   response.writeHead(404).end()
 * }).listen(3000)
 */
export function createWebhookListener(
  options: WebhookListenerOptions,
  handle: WebhookHandler,
): (request: IncomingMessage, response: ServerResponse) => void {
  const receiver = createWebhookReceiver(options)
  if (typeof handle !== 'function') throw invalidOption('handle', 'a function')
  const timeoutMs = 1000 * readNumber('bodyTimeoutSeconds', options.bodyTimeoutSeconds, 10, 0.001, 86_400)
  const maxBodyBytes = options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES

  return (request, response) => {
    const connection = { aborted: false }
    response.once('close', () => {
      connection.aborted = !response.writableFinished
    })
    const body = (limit: number) => readNodeBody(request, limit, timeoutMs, ALREADY_PARSED)
    const { method = '', rawHeaders } = request
    void receiver
      .receive({ method, headers: rawHeaders, body }, handle, { signal: connection })
      .then((outcome) => answer(request, response, outcome, maxBodyBytes))
  }
}

const ALREADY_PARSED =
  'Something read the body of this request before the webhook listener did. Mount the listener before any body parser.'

function answer(request: IncomingMessage, response: ServerResponse, outcome: Outcome, maxBodyBytes: number): void {
  if (response.headersSent || response.destroyed) return
  const { status, headers, body } = answerOf(outcome)
  const closing = outcome.code === 'body_timeout' || isBeyondDraining(request, 2 * maxBodyBytes)
  drain(request, maxBodyBytes)
  response.writeHead(status, {
    ...headers,
    'content-length': Buffer.byteLength(body),
    ...(closing ? { connection: 'close' } : {}),
  })
  response.end(body)
}
