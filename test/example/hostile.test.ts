// What a stranger may send: every answer has the one form and a request id, nothing hangs, and nothing is taken for an outage.

import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isReachable, POSTGRES_URL } from '../stores/servers.ts'
import { call, emptyDatabase, emptyFolder, isInstalled, type Running, start } from './support.ts'

const hasPostgres = await isReachable('Postgres', POSTGRES_URL)
// A valid seed, of no account that anybody uses.
const seed = 'SBU2RRGLXH3E5CQHTD3ODLDF2BWDCYUSSBLLZ5GNW7JXHDIYKXZWHOKR'

describe.skipIf(!isInstalled).each(['SQLite', ...(hasPostgres ? ['Postgres'] : [])])('hostile input, on %s', (name) => {
  let server: Running
  let cleanup = async (): Promise<void> => {}
  beforeAll(async () => {
    if (name === 'SQLite') {
      server = await start({ DATA_DIR: emptyFolder() })
    } else {
      const { url, drop } = await emptyDatabase()
      cleanup = drop
      server = await start({ DATABASE_URL: url })
    }
  })
  afterAll(async () => {
    server.process.kill('SIGKILL')
    await server.exit
    await cleanup()
  })

  /** Writes these bytes to a new connection, and gives all that is answered until the server closes it. */
  async function raw(text: string): Promise<string> {
    const socket = connect(Number(new URL(server.origin).port), '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk
    })
    socket.on('error', () => {})
    socket.write(text)
    await once(socket, 'close')
    return answer
  }

  it.each(['%00', "' OR 1=1 --", 'a%2Fb', '__proto__', 'constructor', 'x'.repeat(5000), '9'.repeat(40)])(
    'knows no id %s',
    async (id) => {
      for (const [method, path] of [
        ['GET', `/api/streams/${id}`],
        ['POST', `/api/streams/${id}/cancel`],
        ['DELETE', `/api/endpoints/${id}`],
      ] as const) {
        expect(await call(server.origin, method, path)).toMatchObject({
          status: 404,
          body: { error: { code: 'NOT_FOUND' } },
        })
      }
    },
  )

  it('takes no endpoint whose address or secret holds a control character or half a character', async () => {
    for (const [field, value] of [
      ['url', 'https://example.com/\u0000'],
      ['secret', 'word\u0000word'],
      ['secret', '\ud800secret'],
    ] as const) {
      const endpoint = { url: 'https://example.com/', secret: 'a secret', [field]: value }
      const answer = await call(server.origin, 'POST', '/api/endpoints', endpoint)
      expect([answer.status, Object.keys(answer.body.error?.fields ?? {})]).toEqual([400, [field]])
    }
  })

  it('reads JSON only where it is said to be JSON', async () => {
    const answer = await call(server.origin, 'POST', '/api/streams', '{}', { 'content-type': 'text/plain' })
    expect(answer).toMatchObject({ status: 415, body: { error: { code: 'UNSUPPORTED_MEDIA_TYPE' } } })
  })

  it.each(['null', '[]', '"text"', '7', '', '{', '{"__proto__":{}}', '{"ledgers":[null]}', '[1e999]'])(
    'answers a body of %s with 400',
    async (body) => {
      for (const path of ['/api/streams', '/internal/ledgers', '/api/endpoints']) {
        const answer = await call(server.origin, 'POST', path, body)
        expect([answer.status, typeof answer.body.error.code]).toEqual([400, 'string'])
      }
    },
  )

  it.each([
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['a method of nobody', 'FETCH / HTTP/1.1\r\nhost: x\r\n\r\n', 400],
    ['no host', 'GET /health HTTP/1.1\r\nconnection: close\r\n\r\n', 400],
    ['two lengths', 'POST /api/streams HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx', 400],
    ['too long a head', `GET / HTTP/1.1\r\nhost: x\r\nx-long: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
  ])('answers %s in the one form, with a request id', async (_what, text, status) => {
    const [head = '', body = ''] = (await raw(text)).split('\r\n\r\n')
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(head).toMatch(/\r\nx-request-id: [\w-]{36}/i)
    expect(JSON.parse(body).error).toEqual({ code: expect.stringMatching(/^[A-Z_]+$/), message: expect.any(String) })
  })

  it('does not leave a HEAD request waiting', async () => {
    const head = async (path: string): Promise<number> => (await fetch(server.origin + path, { method: 'HEAD' })).status
    expect([await head('/events'), await head('/health')]).toEqual([404, 200])
  })

  it('ends a body that stops on its way', async () => {
    const head = 'host: x\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{'
    const answer = await raw(`POST /api/streams HTTP/1.1\r\n${head}`)
    expect(answer).toMatch(/^HTTP\/1.1 408 [\s\S]*"code":"REQUEST_TIMEOUT"/)
    expect((await call(server.origin, 'GET', '/health')).status).toBe(200)
  }, 40_000)

  it('writes no seed to the log, wherever it came in', async () => {
    const { origin } = server
    await call(origin, 'GET', `/api/streams/${seed}`, undefined, { 'x-request-id': seed })
    await call(origin, 'POST', '/webhooks/fluxora', '{}', { 'x-fluxora-delivery-id': seed })
    await call(origin, 'POST', '/internal/ledgers', { ledgers: [{ sequence: 1, hash: 'a' }] })
    await call(origin, 'POST', '/internal/ledgers', { ledgers: [{ sequence: 1, hash: seed }] })
    await expect.poll(() => server.log()).toContain('"existingHash":"a"')
    expect(server.log()).not.toContain(seed)
    expect((await call(origin, 'GET', '/metrics')).body).not.toContain(seed)
  })
})

describe.skipIf(!isInstalled)('an unusable setting', () => {
  it.each([
    ['ENDPOINT_ALLOW', '10.0.0.0/99'],
    ['LOG_LEVEL', 'loud'],
    ['SIGNING_KEY', seed],
    ['FLUXORA_WEBHOOK_SECRET', ' space'],
    ['DATABASE_URL', 'garbage'],
    ['REDIS_URL', 'garbage'],
    ['PORT', '70000'],
    ['LEASE_SECONDS', '0'],
    ['INDEXER_ENABLED', 'maybe'],
    ['DATA_DIR', '/dev/null/folder'],
  ])('ends the start with a sentence that names %s', async (name, value) => {
    const failure = await start({ DATA_DIR: emptyFolder(), [name]: value }).then(
      (running) => `it started: ${running.process.kill('SIGKILL')}`,
      (error: Error) => error.message,
    )
    expect(failure).toMatch(/^The server ended with 1: /)
    const lines = failure.split('\n').filter((line) => !line.startsWith('{'))
    expect(lines[0]).toContain(name)
    expect(failure).not.toContain('    at ')
    expect(failure).not.toContain(seed)
  })
})
