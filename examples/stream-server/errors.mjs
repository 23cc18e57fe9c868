// One form for every error: { error: { code, message, fields? } }. No message repeats what was sent, and neither does the log.

import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import { StorageError } from './storage/ready.mjs'

/** An answer that is not a 2xx. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} message
   * @param {Record<string, { code: string, message: string }>} [fields]
   */
  constructor(status, code, message, fields) {
    super(message)
    this.status = status
    this.code = code
    this.fields = fields
  }
}

/** What Fastify refuses by itself, by its status. */
const REFUSALS = /** @type {Record<number, [code: string, message: string]>} */ ({
  400: ['INVALID_REQUEST', 'The request cannot be read. Is its body JSON?'],
  413: ['PAYLOAD_TOO_LARGE', 'The body is too large.'],
  415: ['UNSUPPORTED_MEDIA_TYPE', 'The body must be application/json.'],
})

/** @param {import('fastify').FastifyInstance} app */
export function errorAnswers(app) {
  app.setNotFoundHandler((_request, reply) => {
    reply.code(404).send(errorBody(new ApiError(404, 'NOT_FOUND', 'There is no such route.')))
  })
  app.setErrorHandler((error, request, reply) => {
    const answer = toApiError(error)
    if (answer.status >= 500) request.log.error({ err: error }, answer.message)
    if (answer.status === 503) reply.header('retry-after', '5')
    reply.code(answer.status).send(errorBody(answer))
  })
}

/** What Node cannot read as a request, by its code for that. */
const UNREADABLE = /** @type {Record<string, ApiError>} */ ({
  ERR_HTTP_REQUEST_TIMEOUT: new ApiError(408, 'REQUEST_TIMEOUT', 'The request did not arrive in time.'),
  HPE_HEADER_OVERFLOW: new ApiError(431, 'HEADERS_TOO_LARGE', 'The address and the headers are too long.'),
})

/**
 * Answers what never became a request, and closes the connection: nobody can tell where the next request would begin.
 *
 * @param {Error & { code?: string }} error
 * @param {import('node:net').Socket} socket
 */
export function answerUnreadable({ code = '' }, socket) {
  if (code === 'ECONNRESET' || !socket.writable) return socket.destroy()
  const answer = UNREADABLE[code] ?? new ApiError(400, 'INVALID_REQUEST', 'This cannot be read as HTTP.')
  const body = JSON.stringify(errorBody(answer))
  socket.end(
    [
      `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}`,
      'content-type: application/json; charset=utf-8',
      `content-length: ${body.length}`,
      `x-request-id: ${randomUUID()}`,
      `connection: close\r\n\r\n${body}`,
    ].join('\r\n'),
  )
}

/** @param {ApiError} error */
const errorBody = ({ code, message, fields }) => ({ error: { code, message, fields } })

/** @param {unknown} error @returns {ApiError} */
function toApiError(error) {
  if (error instanceof ApiError) return error
  if (error instanceof StorageError) return new ApiError(503, 'SERVICE_UNAVAILABLE', error.message)
  const status = Number(Object(error).statusCode)
  const refusal = REFUSALS[status] ?? (status >= 400 && status < 500 ? REFUSALS[400] : undefined)
  if (refusal) return new ApiError(status, ...refusal)
  return new ApiError(500, 'INTERNAL_ERROR', 'Something went wrong. The log says what, under the id of this request.')
}
