// What http, Express and Fastify share: they hand a Node request to the receiver, write a Node response, and log problems.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { receiverByNode } from '../../webhook/receive.ts'
import type { BodyBudget } from '../../webhook/receiving/body-budget.ts'
import type { AdapterOutcome, OutcomeReport } from '../../webhook/receiving/outcome.ts'
import { problemLog } from '../../webhook/receiving/problem-log.ts'
import type { ReceiveCall, WebhookHandler } from '../../webhook/receiving/receiver-contract.ts'
import { type Answer, answerOf } from './answer.ts'
import { drain, isTooMuchToDrain } from './drain.ts'
import { withExplainer } from './explainer.ts'
import { inflatedBefore, readNodeBody } from './node-body.ts'
import { readBodyLimits, type WebhookAdapterOptions } from './options.ts'

/** What differs between the adapters. */
export interface NodeAdapter {
  readonly name: string
  /** The names of its options beside a receiver's. */
  readonly optionNames: readonly string[]
  /** Tells the developer how to reorder the middleware if a body parser ran first. */
  readonly alreadyParsed: string
}

/** A request and its response. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Where to read the body from; the request by default. */
  readonly stream?: Readable | undefined
  /** The framework's own request object, which has the logger; Node's request by default. */
  readonly frameworkRequest?: object | undefined
}

/** A receiver of Node requests. */
export interface NodeReceiver {
  /** Always resolves to an outcome. */
  receive(exchange: Exchange, handle: WebhookHandler): Promise<AdapterOutcome>
  /** Makes the answer to an outcome, and starts to drain the request: call it right before you write the answer. */
  prepareAnswer(request: IncomingMessage, outcome: AdapterOutcome, own?: Answer): Answer
  /** Logs a mistake that the application made outside of its handler, once per cause and minute. */
  logMistake(exchange: Exchange, message: string, error: unknown): void
}

export function nodeReceiver(options: WebhookAdapterOptions, adapter: NodeAdapter): NodeReceiver {
  const { name, optionNames, alreadyParsed } = adapter
  const receiver = withExplainer(receiverByNode(options, optionNames), options)
  const limits = readBodyLimits(options)
  const logProblem = problemLog()

  return {
    receive({ request, response, stream = request, frameworkRequest = request }, handle) {
      const connection = { aborted: false }
      response.on('close', () => {
        connection.aborted = !response.writableEnded // over HTTP/2 every closed response counts as finished
      })
      const { method = '', rawHeaders } = request
      const input = {
        method,
        url: urlOf(request),
        headers: rawHeaders?.length ? rawHeaders : request.headers, // serverless hosts make up requests without raw headers
        body: (_maxBytes: number, budget: BodyBudget) =>
          readNodeBody({ request, stream, alreadyParsed }, limits, budget),
        isInflated: inflatedBefore(request, stream),
      }
      return receiver.receive(input, handle, { signal: connection, log: logOf(frameworkRequest) })
    },

    prepareAnswer(request, outcome, own) {
      const { status, headers, body } = own ?? answerOf(outcome, options.handshake)
      const { maxBodyBytes } = limits
      const willClose = outcome.code === 'body_timeout' || isTooMuchToDrain(request, 2 * maxBodyBytes)
      // A sender may send two limits' worth in all, and what was read of its body counts as the first.
      if (request.readableDidRead) drain(request, maxBodyBytes)
      else drain(request, 2 * maxBodyBytes)
      // RFC 9110 section 8.6: no Content-Length if there can be no body.
      if (status !== 204 && status !== 304) headers['content-length'] = String(Buffer.byteLength(body))
      // HTTP/2 has no such header (RFC 9113 section 8.2.2).
      if (willClose && request.httpVersionMajor === 1) headers.connection = 'close'
      return { status, headers, body }
    },

    logMistake({ request, frameworkRequest = request }, message, error) {
      if (options.onOutcome === false) return
      const report: OutcomeReport = {
        ok: false,
        status: 500,
        code: 'handler_failed',
        message,
        scheme: name,
        durationMs: 0,
        error,
      }
      try {
        logProblem(report, logOf(frameworkRequest))
      } catch {} // a logger that throws must not end the process
    },
  }
}

/** Writes the answer, unless somebody else has. Never throws, although the response's methods may be another middleware's wrappers. */
export function sendAnswer(receiver: NodeReceiver, exchange: Exchange, outcome: AdapterOutcome, own?: Answer): void {
  const { request, response } = exchange
  if (response.headersSent || response.destroyed) return
  try {
    const { status, headers, body } = receiver.prepareAnswer(request, outcome, own)
    response.writeHead(status, headers).end(body)
  } catch (error) {
    receiver.logMistake(exchange, 'No answer could be sent.', error)
    response.destroy()
  }
}

/** Path and query as they were received: Express and connect remove a mount path from `url`, and keep the original. */
function urlOf(request: IncomingMessage & { originalUrl?: unknown }): string | undefined {
  return typeof request.originalUrl === 'string' ? request.originalUrl : request.url
}

/** What pino-http, Fastify and bunyan set as `request.log`. */
interface Logger {
  readonly level?: unknown
  error(fields: object, message: string): void
  info?(fields: object, message: string): void
}

/** A log function over `request.log`. Undefined if there is none: then problems go to `console.error`. */
export function logOf(request: object): ReceiveCall['log'] {
  const { log: logger } = request as { log?: Logger }
  if (typeof logger?.error !== 'function' || isSwitchedOff(logger)) return undefined
  return (message, { code, problem, scheme, deliveryId, error }) => {
    logger.error({ err: error, webhook: { code, problem, scheme, deliveryId } }, message)
  }
}

/** With `logger: false`, its default, Fastify sets a logger whose methods are all the same empty function. */
function isSwitchedOff({ level, error, info }: Logger): boolean {
  return level === undefined && error === info
}
