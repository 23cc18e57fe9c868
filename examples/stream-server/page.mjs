// `/`: a page for people, JSON for programs. `/diagnose`: the live page of the library's docs.

import { existsSync, readFileSync } from 'node:fs'
import { SERVICE } from './health.mjs'

const VERSION = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')).version
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
}

/** The library's live page, made by `npm run docs:live`. It brings a policy of its own, which forbids every connection. */
const DIAGNOSE = new URL('../../docs/live/dist/index.html', import.meta.url)

/** @param {import('fastify').FastifyInstance} app */
export function pageRoutes(app) {
  if (existsSync(DIAGNOSE)) {
    const live = readFileSync(DIAGNOSE)
    app.get('/diagnose', (_request, reply) => reply.type('text/html; charset=utf-8').send(live))
  }
  const page = load('index.html')
  app.get('/', async (request, reply) => {
    reply.header('vary', 'accept')
    if (request.headers.accept?.includes('text/html'))
      return reply.headers(HEADERS).type('text/html; charset=utf-8').send(page)
    return {
      service: SERVICE,
      version: VERSION,
      page: '/',
      health: '/health',
      streams: '/api/streams',
      metrics: '/metrics',
    }
  })
  for (const [file, type] of [
    ['page.css', 'text/css; charset=utf-8'],
    ...['page', 'dom', 'deliveries', 'attempts', 'chain'].map((name) => [
      `${name}.js`,
      'text/javascript; charset=utf-8',
    ]),
  ]) {
    const text = load(/** @type {string} */ (file))
    app.get(`/${file}`, async (_request, reply) =>
      reply
        .headers(HEADERS)
        .type(/** @type {string} */ (type))
        .send(text),
    )
  }
}

/** @param {string} file */
const load = (file) => readFileSync(new URL(`page/${file}`, import.meta.url))
