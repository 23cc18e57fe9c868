// What http, Express and Fastify do alike: take a Node request to the receiver, and write a Node response.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { receiverByNode } from '../../webhook/receive.ts'
import type { BodyBudget } from '../../webhook/receiving/body-budget.ts'
import type { Outcome } from '../../webhook/receiving/outcome.ts'
import { problemLog } from '../../webhook/receiving/problem-log.ts'
import type { WebhookHandler } from '../../webhook/receiving/receiver.ts'
import { type Answer, answerOf } from './answer.ts'
import { drain, isBeyondDraining } from './drain.ts'
import { logOf } from './log.ts'
import { inflatedBefore, readNodeBody } from './node-body.ts'
import { readBodyLimits, type WebhookAdapterOptions } from './options.ts'

/** What one adapter has that the others have not. */
export interface NodeAdapter {
  readonly name: string
  /** The names of its options beside a receiver's. */
  readonly optionNames: readonly string[]
  /** Tells whoever set the server up what to move where. */
  readonly alreadyParsed: string
}

/** A request, and how to answer it. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Where the body is read from; the request itself by default. */
  readonly stream?: Readable | undefined
  /** What the framework has made of the request, where that is another object: the bearer of its logger. */
  readonly bearer?: object | undefined
}

/** A receiver of Node requests. */
export interface NodeReceiver {
  /** Resolves to an outcome, whatever comes. */
  receive(exchange: Exchange, handle: WebhookHandler): Promise<Outcome>
  /** How to answer, with the rest of the request taken care of: call it right before the answer is written. */
  answer(request: IncomingMessage, outcome: Outcome, own?: Answer): Answer
  /** Says what the application did wrong beside its handler, once per cause and minute. */
  complain(exchange: Exchange, message: string, error: unknown): void
}

export function nodeReceiver(options: WebhookAdapterOptions, adapter: NodeAdapter): NodeReceiver {
  const { name, optionNames, alreadyParsed } = adapter
  const receiver = receiverByNode(options, optionNames)
  const limits = readBodyLimits(options)
  const logProblem = problemLog()
  return {
    receive({ request, response, stream = request, bearer = request }, handle) {
      const connection = { aborted: false }
      response.on('close', () => {
        connection.aborted = !response.writableEnded // on HTTP/2 every closed response counts as finished
      })
      const { method = '', rawHeaders } = request
      const input = {
        method,
        url: urlOf(request),
        // Serverless shims make up requests that have parsed headers only.
        headers: rawHeaders?.length ? rawHeaders : request.headers,
        body: (_most: number, budget: BodyBudget) => readNodeBody({ request, stream, alreadyParsed }, limits, budget),
        isInflated: inflatedBefore(request, stream),
      }
      return receiver.receive(input, handle, { signal: connection, log: logOf(bearer) })
    },
    answer(request, outcome, own) {
      const { status, headers, body } = own ?? answerOf(outcome)
      // One more limit's worth than what may be read of a body in any case.
      const most = 2 * limits.maxBodyBytes
      const isClosing = outcome.code === 'body_timeout' || isBeyondDraining(request, most)
      drain(request, request.readableDidRead ? limits.maxBodyBytes : most)
      // RFC 9110 section 8.6: none where there can be no body.
      if (status !== 204 && status !== 304) headers['content-length'] = String(Buffer.byteLength(body))
      // HTTP/2 has no such header (RFC 9113 section 8.2.2).
      if (isClosing && request.httpVersionMajor === 1) headers.connection = 'close'
      return { status, headers, body }
    },
    complain({ request, bearer = request }, message, error) {
      if (options.onOutcome === false) return
      try {
        const report = {
          ok: false,
          status: 500,
          code: 'handler_failed',
          message,
          scheme: name,
          durationMs: 0,
          error,
        } as const
        logProblem(report, logOf(bearer))
      } catch {} // a logger that fails must not be what ends the process
    },
  }
}

/** Writes an answer, unless somebody else has. It never throws: what stands on the response may be another middleware's wrapper. */
export function sendAnswer(receiver: NodeReceiver, exchange: Exchange, outcome: Outcome, own?: Answer): void {
  const { request, response } = exchange
  if (response.headersSent || response.destroyed) return
  try {
    const { status, headers, body } = receiver.answer(request, outcome, own)
    response.writeHead(status, headers).end(body)
  } catch (error) {
    receiver.complain(exchange, 'No answer could be written.', error)
    response.destroy()
  }
}

/** Path and query as they were received: Express and connect cut a mount's path off `url`, and keep the whole. */
function urlOf(request: IncomingMessage & { originalUrl?: unknown }): string | undefined {
  return typeof request.originalUrl === 'string' ? request.originalUrl : request.url
}
