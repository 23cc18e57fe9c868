// What http, Express and Fastify do alike: take a Node request to the receiver, and write a Node response.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import type { Outcome } from '../../webhook/outcome.ts'
import { receiverByNode } from '../../webhook/receive.ts'
import type { WebhookHandler } from '../../webhook/receiver.ts'
import { type Answer, answerOf } from './answer.ts'
import { drain, isBeyondDraining } from './drain.ts'
import { type NodeRequest, readNodeBody } from './node-body.ts'
import { ADAPTER_OPTIONS, readBodyLimits, type WebhookAdapterOptions } from './options.ts'

/** A receiver of Node requests. */
export interface NodeReceiver {
  /** Resolves to an outcome, whatever comes. `stream` is where the body is read from, the request itself by default. */
  receive(
    request: IncomingMessage,
    response: ServerResponse,
    handle: WebhookHandler,
    stream?: Readable,
  ): Promise<Outcome>
  /** How to answer, with the rest of the request taken care of: call it right before the answer is written. */
  answer(request: IncomingMessage, outcome: Outcome): Answer
}

/** `alreadyParsed` tells whoever set the server up what to move where. */
export function nodeReceiver(options: WebhookAdapterOptions, alreadyParsed: string): NodeReceiver {
  const receiver = receiverByNode(options, ADAPTER_OPTIONS)
  const limits = readBodyLimits(options)
  return {
    receive(request, response, handle, stream = request) {
      const connection = { aborted: false }
      response.on('close', () => {
        connection.aborted = !response.writableEnded // on HTTP/2 every closed response counts as finished
      })
      const { method = '', rawHeaders } = request
      // Serverless shims make up requests that have parsed headers only.
      const headers = rawHeaders?.length ? rawHeaders : request.headers
      const body = () => readNodeBody({ request: request as NodeRequest, stream, alreadyParsed }, limits)
      return receiver.receive({ method, headers, body }, handle, { signal: connection })
    },
    answer(request, outcome) {
      const answer = answerOf(outcome)
      // One more limit's worth than what may be read of a body in any case.
      const most = 2 * limits.maxBodyBytes
      const isClosing = outcome.code === 'body_timeout' || isBeyondDraining(request, most)
      drain(request, request.readableDidRead ? limits.maxBodyBytes : most)
      answer.headers['content-length'] = String(Buffer.byteLength(answer.body))
      // HTTP/2 has no such header (RFC 9113 section 8.2.2).
      if (isClosing && request.httpVersionMajor === 1) answer.headers.connection = 'close'
      return answer
    },
  }
}

/** Writes an answer, unless somebody else has. */
export function sendAnswer(
  receiver: NodeReceiver,
  request: IncomingMessage,
  response: ServerResponse,
  outcome: Outcome,
): void {
  if (response.headersSent || response.destroyed) return
  const { status, headers, body } = receiver.answer(request, outcome)
  response.writeHead(status, headers).end(body)
}
