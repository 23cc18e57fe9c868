// A tiny stream server: webhooks and ledgers in, streams and health out. It keeps everything in memory and needs no database.

import { createServer } from 'node:http'
import { createIndexer } from './indexer.mjs'
import { readJson, sendError, sendJson } from './json.mjs'
import { createStreams } from './streams.mjs'
import { createWebhookRoutes } from './webhooks.mjs'

/**
 * @param {Omit<Parameters<typeof createWebhookRoutes>[0], 'log'> & {
 *   log?: Parameters<typeof createWebhookRoutes>[0]['log'],
 *   now?: () => number,
 * }} options
 */
export function createStreamServer({ secrets, handle, log = () => {}, now = () => Date.now() / 1000 }) {
  const webhooks = createWebhookRoutes({ secrets, handle, log })
  const streams = createStreams(now)
  const indexer = createIndexer(now)

  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const listener = webhooks.get(pathname)
    if (listener) return listener(request, response)

    const route = `${request.method} ${pathname}`
    if (route === 'GET /') return sendJson(response, 200, { service: 'stream-server', version: 1 })
    if (route === 'GET /health') return sendJson(response, 200, indexer.health())
    if (route === 'POST /internal/ledgers') {
      const { status, value, error } = indexer.ingest(await readJson(request))
      return error ? sendError(response, status, error.code, error.message) : sendJson(response, status, value)
    }
    if (route === 'GET /api/streams') return sendJson(response, 200, { streams: streams.list() })
    if (route === 'POST /api/streams') {
      const result = streams.create(await readJson(request))
      if (result.ok) return sendJson(response, 201, result.stream)
      return sendError(response, 400, 'VALIDATION_ERROR', 'Some fields are not valid.', { fields: result.fields })
    }
    const [, id, action] = /^\/api\/streams\/([\w-]+)(\/cancel)?$/.exec(pathname) ?? []
    if (id && request.method === 'GET' && !action) {
      const stream = streams.get(id)
      return stream ? sendJson(response, 200, stream) : sendError(response, 404, 'NOT_FOUND', 'Stream not found.')
    }
    if (id && request.method === 'POST' && action) {
      const result = streams.cancel(id)
      if (!result) return sendError(response, 404, 'NOT_FOUND', 'Stream not found.')
      if (result.conflict) return sendError(response, 409, 'CONFLICT', `The stream is already ${result.conflict}.`)
      return sendJson(response, 200, result.stream)
    }
    return sendError(response, 404, 'NOT_FOUND', 'No such route.')
  })
  return { server, indexer }
}
