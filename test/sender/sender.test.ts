// One attempt, over real sockets: what is sent, and what becomes of every kind of answer.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import * as http from 'node:http'
import * as https from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { addressGuard, createWebhookSender, retrySchedules } from '../../src/sender/index.ts'
import { createWebhookVerifier } from '../../src/webhook/index.ts'
import { github, standardWebhooks } from '../../src/webhook/schemes/index.ts'
import { delivery, endpoint, listen, loopbackSender, rawEndpoint, readBody } from './endpoint.ts'

const answer = (status: number, headers: http.OutgoingHttpHeaders = {}) =>
  endpoint((_, response) => response.writeHead(status, headers).end('answer'))

describe('what is sent', () => {
  it('is a POST of the very bytes, signed afresh with the same id on each attempt', async () => {
    const seen: {
      headers: http.IncomingHttpHeaders
      body: string
      url: string | undefined
      method: string | undefined
    }[] = []
    const url = await endpoint(async (request, response) => {
      seen.push({ headers: request.headers, body: await readBody(request), url: request.url, method: request.method })
      response.end()
    })
    let now = 1_710_000_000
    const sender = loopbackSender({ now: () => now, userAgent: 'acme/1.0' })
    const target = { id: 'ep', url, secrets: 'topsecret', headers: { 'X-Tenant': 't1' } }
    const first = await sender.attempt(delivery(url, { endpoint: target }))
    now += 60
    await sender.attempt(delivery(url, { endpoint: target, attempt: 2 }))
    expect(first).toMatchObject({ outcome: 'delivered', reason: 'ok', statusCode: 200, attempt: 1 })
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: '/hooks?a=1',
      body: '{"a":1}',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'acme/1.0',
        'accept-encoding': 'identity',
        'content-length': '7',
        'x-tenant': 't1',
        'x-fluxora-event': 'stream.updated',
      },
    })
    for (const [index, { headers, body }] of seen.entries()) {
      const verifier = createWebhookVerifier({
        secrets: 'topsecret',
        now: () => 1_710_000_000 + 60 * index,
        toleranceSeconds: 0,
      })
      expect(verifier.verify({ headers, body })).toMatchObject({ ok: true, delivery: { deliveryId: 'evt_1' } })
    }
  })

  it('is signed by every secret where the scheme carries a list, and by the current one where it cannot', async () => {
    const seen: http.IncomingHttpHeaders[] = []
    const url = await endpoint((request, response) => {
      seen.push(request.headers)
      response.end()
    })
    const secrets = ['whsec_AAAA', 'whsec_BBBB', { secret: 'whsec_CCCC', expiresAt: 1 }]
    await loopbackSender({ scheme: standardWebhooks }).attempt(delivery(url, { endpoint: { id: 'e', url, secrets } }))
    await loopbackSender({ scheme: github }).attempt(
      delivery(url, { endpoint: { id: 'e', url, secrets: ['new', 'old'] } }),
    )
    expect(String(seen[0]?.['webhook-signature']).split(' ')).toHaveLength(2)
    const headers = { ...seen[1] }
    expect(createWebhookVerifier({ scheme: github, secrets: 'new' }).verify({ headers, body: '{"a":1}' }).code).toBe(
      'ok',
    )
  })

  it('keeps a connection for the next delivery, and tries once more if it has died in the meantime', async () => {
    const ports: (number | undefined)[] = []
    let isDying = false
    const server = http.createServer((request, response) => {
      ports.push(request.socket.remotePort)
      response.end()
    })
    server.on('connection', (socket) =>
      socket.on('data', () => isDying && ports.length < 3 && socket.resetAndDestroy()),
    )
    const url = await listen(server)
    const sender = loopbackSender()
    await sender.attempt(delivery(url))
    await sender.attempt(delivery(url))
    expect(ports[0]).toBe(ports[1])
    // The kept connection is reset as soon as it is used: nobody has seen that request.
    isDying = true
    const reset = sender.attempt(delivery(url))
    setTimeout(() => {
      isDying = false
    }, 0)
    expect(['delivered', 'retry']).toContain((await reset).outcome)
  })
})

describe('answers', () => {
  it.each([
    [200, 'delivered', 'ok'],
    [204, 'delivered', 'ok'],
    [299, 'delivered', 'ok'],
    [301, 'retry', 'redirect_refused'],
    [400, 'dead', 'http_status'],
    [401, 'dead', 'http_status'],
    [404, 'dead', 'http_status'],
    [408, 'retry', 'http_status'],
    [410, 'dead', 'gone'],
    [425, 'retry', 'http_status'],
    [429, 'retry', 'http_status'],
    [500, 'retry', 'http_status'],
    [503, 'retry', 'http_status'],
  ] as const)('%i is %s for %s', async (status, outcome, reason) => {
    const result = await loopbackSender().attempt(delivery(await answer(status, { location: 'http://127.0.0.1:1/' })))
    expect(result).toMatchObject({ outcome, reason, statusCode: status })
    expect(result.delayMs !== undefined).toBe(outcome === 'retry')
  })

  it('follows the schedule to its end', async () => {
    const url = await answer(500)
    const sender = loopbackSender({ schedule: retrySchedules.stellarPayment })
    const delays: unknown[] = []
    for (let attempt = 1; attempt <= 5; attempt++) {
      const { outcome, reason, delayMs } = await sender.attempt(delivery(url, { attempt }))
      delays.push(delayMs ?? `${outcome} ${reason}`)
    }
    expect(delays).toEqual([10_000, 30_000, 60_000, 'dead http_status', 'dead exhausted'])
  })

  it('takes 410 as final on the last attempt too', async () => {
    const result = await loopbackSender().attempt(delivery(await answer(410), { attempt: 5 }))
    expect(result).toMatchObject({ outcome: 'dead', reason: 'gone' })
  })

  it.each([
    [429, '30', 30_000],
    [503, '30', 30_000],
    [500, '30', 1_000],
    [503, '0', 1_000],
    [503, '-5', 1_000],
    [503, '1.5', 1_000],
    [503, 'soon', 1_000],
    [503, '9'.repeat(400), 60_000],
    [503, 'Sat, 09 Mar 2024 16:00:30 GMT', 30_000],
    [503, 'Sat, 09 Mar 2024 15:00:00 GMT', 1_000],
    [503, '2024-03-09T16:00:30Z', 1_000],
  ])('%i with Retry-After %s waits %i ms', async (status, value, delayMs) => {
    const sender = loopbackSender({ now: () => 1_710_000_000 })
    expect(await sender.attempt(delivery(await answer(status, { 'retry-after': value })))).toMatchObject({ delayMs })
  })

  it('gives back what was answered', async () => {
    const { response } = await loopbackSender().attempt(delivery(await answer(500, { 'x-request-id': 'r-1' })))
    expect(response?.headers['x-request-id']).toBe('r-1')
    expect(new TextDecoder().decode(response?.body)).toBe('answer')
  })
})

describe('a hostile endpoint', () => {
  const fast = () => loopbackSender({ timeoutMs: 300, maxResponseBytes: 1_000 })

  it('cannot hold on to an attempt: a head that never comes, a body that drips', async () => {
    const silent = await rawEndpoint(() => {})
    const dripping = await endpoint((_, response) => {
      response.writeHead(200)
      const timer = setInterval(() => response.write('.'), 20)
      response.on('close', () => clearInterval(timer))
    })
    for (const url of [silent, dripping]) {
      const result = await fast().attempt(delivery(url))
      expect(result).toMatchObject({ outcome: 'retry', reason: 'timeout' })
      expect(result.durationMs).toBeLessThan(5_000)
    }
  })

  it('cannot make it read an endless body, whatever the status', async () => {
    let wasClosed = false
    const url = await endpoint((_, response) => {
      response.writeHead(200)
      const write = (): void => {
        if (!response.destroyed && response.write('x'.repeat(10_000))) setImmediate(write)
        else response.once('drain', write)
      }
      write()
      response.on('close', () => {
        wasClosed = true
      })
    })
    const result = await fast().attempt(delivery(url))
    expect(result).toMatchObject({ outcome: 'retry', reason: 'response_too_large', statusCode: 200 })
    expect(result.response?.body.length).toBeLessThanOrEqual(1_000)
    while (!wasClosed) await new Promise((resolve) => setTimeout(resolve, 5))
  })

  it('cannot make it inflate a bomb', async () => {
    const bomb = gzipSync(Buffer.alloc(1_000_000))
    const url = await endpoint((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb))
    const result = await loopbackSender({ maxResponseBytes: 10_000 }).attempt(delivery(url))
    expect(result.response?.body.length).toBe(bomb.length)
  })

  it.each<[string, string, string]>([
    ['a 60 kB header', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(60_000)}\r\n\r\n`, 'response_too_large'],
    ['a body that is too short', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort', 'response_incomplete'],
    ['a chunk that is cut off', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab', 'response_incomplete'],
    ['no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n', 'response_incomplete'],
  ])('%s is not delivered', async (_, text, reason) => {
    const url = await rawEndpoint((socket) => socket.end(text))
    expect(await fast().attempt(delivery(url))).toMatchObject({ outcome: 'retry', reason })
  })

  it('may reset the connection, or listen no longer', async () => {
    const url = await rawEndpoint((socket) => socket.resetAndDestroy())
    expect(await fast().attempt(delivery(url))).toMatchObject({ outcome: 'retry', reason: 'connection_reset' })
    expect(await fast().attempt(delivery('http://127.0.0.1:9/'))).toMatchObject({
      outcome: 'dead',
      reason: 'url_refused',
    })
    const gone = await listen(http.createServer())
    const port = Number(new URL(gone).port)
    const closed = `http://127.0.0.1:${port === 65_535 ? port - 1 : port + 1}/`
    expect((await fast().attempt(delivery(closed))).reason).toMatch(
      /connection_refused|response_incomplete|http_status|timeout|url_refused/,
    )
  })
})

describe('addresses', () => {
  const refusedOutright = [
    'http://127.0.0.1/',
    'https://127.0.0.1/',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://169.254.169.254/latest/meta-data',
    'https://10.0.0.1/',
    'https://localhost/',
    'https://service.internal/',
    'https://intranet/',
    'https://user:pw@example.com/',
    'ftp://example.com/',
    'https://example.com:22/',
    'not a url',
  ]
  it.each(refusedOutright)('%s is dead, and nothing is looked up', async (url) => {
    const lookups: string[] = []
    const guard = addressGuard({ resolve: async (name) => void lookups.push(name) as never })
    const result = await createWebhookSender({ guard }).attempt(delivery(url))
    expect(result).toMatchObject({ outcome: 'dead', reason: expect.stringMatching(/^(url|address)_refused$/) })
    expect(lookups).toEqual([])
  })

  const named = (url: string): string => url.replace('127.0.0.1', 'hooks.example.com')
  const guardBy = (resolve: (name: string) => Promise<{ address: string; family: 4 | 6 }[]>) =>
    addressGuard({ allow: ['127.0.0.0/8'], allowHttp: true, resolve })

  it('connects to the address that was vetted, under the name of the URL', async () => {
    let host: string | undefined
    const url = await endpoint((request, response) => {
      host = request.headers.host
      response.end()
    })
    const guard = guardBy(async () => [{ address: '127.0.0.1', family: 4 }])
    expect((await loopbackSender({ guard }).attempt(delivery(named(url)))).outcome).toBe('delivered')
    expect(host).toBe(`hooks.example.com:${new URL(url).port}`)
  })

  it('refuses a name with one good and one bad address', async () => {
    const url = await answer(200)
    const guard = guardBy(async () => [
      { address: '127.0.0.1', family: 4 },
      { address: '10.0.0.1', family: 4 },
    ])
    expect(await loopbackSender({ guard }).attempt(delivery(named(url)))).toMatchObject({
      outcome: 'dead',
      reason: 'address_refused',
    })
  })

  it('asks again for each connection, so a name that changes between attempts is caught', async () => {
    const url = await endpoint((_, response) => response.writeHead(500, { connection: 'close' }).end())
    const answers = ['127.0.0.1', '169.254.169.254']
    const guard = guardBy(async () => [{ address: answers.shift() ?? '', family: 4 }])
    const sender = loopbackSender({ guard })
    expect((await sender.attempt(delivery(named(url)))).reason).toBe('http_status')
    expect(await sender.attempt(delivery(named(url), { attempt: 2 }))).toMatchObject({
      outcome: 'dead',
      reason: 'address_refused',
    })
  })

  it('tells a name that does not exist from a resolver that fails, and from one that hangs', async () => {
    const failing = (code: string) => guardBy(() => Promise.reject(Object.assign(new Error(code), { code })))
    const attempt = (guard: ReturnType<typeof guardBy>) =>
      loopbackSender({ guard, timeoutMs: 200 }).attempt(delivery('http://hooks.example.com/'))
    expect(await attempt(failing('ENOTFOUND'))).toMatchObject({ outcome: 'retry', reason: 'dns_error' })
    expect(await attempt(failing('EAI_AGAIN'))).toMatchObject({ outcome: 'not_counted', reason: 'own_fault' })
    expect(await attempt(guardBy(() => new Promise(() => {})))).toMatchObject({ outcome: 'retry', reason: 'timeout' })
  })

  it('shares no connection between two policies', async () => {
    const url = await answer(200)
    const lax = loopbackSender()
    expect((await lax.attempt(delivery(url))).outcome).toBe('delivered')
    const strict = createWebhookSender({ guard: addressGuard({ allowHttp: true }) })
    expect((await strict.attempt(delivery(url))).reason).toBe('address_refused')
    const strictByName = loopbackSender({
      guard: addressGuard({ allowHttp: true, resolve: async () => [{ address: '127.0.0.1', family: 4 }] }),
    })
    expect((await strictByName.attempt(delivery(named(url)))).reason).toBe('address_refused')
  })
})

describe('TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tls-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      key,
      '-out',
      cert,
      '-days',
      '1',
      '-subj',
      '/CN=hooks.example.com',
    ],
    { stdio: 'ignore' },
  )
  const options = { key: readFileSync(key), cert: readFileSync(cert) }
  rmSync(folder, { recursive: true })

  it('refuses a certificate that nobody vouches for', async () => {
    const server = https.createServer(options, (_, response) => response.end())
    server.on('tlsClientError', () => {})
    const url = (await listen(server)).replace('http:', 'https:')
    expect(await loopbackSender().attempt(delivery(url))).toMatchObject({ outcome: 'retry', reason: 'tls_error' })
  })

  it('tells a server that does not speak TLS', async () => {
    const url = (await answer(200)).replace('http:', 'https:')
    expect(await loopbackSender().attempt(delivery(url))).toMatchObject({ outcome: 'retry', reason: 'tls_error' })
  })
})

describe('misuse', () => {
  it.each<[string, object, string, string]>([
    [
      'a header of the transport',
      { endpoint: { headers: { 'Transfer-Encoding': 'chunked' } } },
      'dead',
      'header_refused',
    ],
    ['a header of the scheme', { endpoint: { headers: { 'X-Fluxora-Signature': 'x' } } }, 'dead', 'header_refused'],
    ['a header of a cloud', { endpoint: { headers: { 'Metadata-Flavor': 'Google' } } }, 'dead', 'header_refused'],
    ['a header twice', { endpoint: { headers: { a: '1', A: '2' } } }, 'dead', 'header_refused'],
    ['a line break in a header', { endpoint: { headers: { a: 'b\r\nc: d' } } }, 'dead', 'header_refused'],
    [
      '33 headers',
      { endpoint: { headers: Object.fromEntries(Array.from({ length: 33 }, (_, at) => [`x${at}`, '1'])) } },
      'dead',
      'header_refused',
    ],
    ['too large a body', { body: 'x'.repeat(262_145) }, 'dead', 'payload_too_large'],
    ['a body that is an object', { body: { a: 1 } }, 'not_counted', 'own_fault'],
    ['ill-formed text', { body: '\ud800' }, 'not_counted', 'own_fault'],
    ['no secret', { endpoint: { secrets: undefined } }, 'not_counted', 'own_fault'],
    ['an id that no header can carry', { deliveryId: 'a\nb' }, 'not_counted', 'own_fault'],
    ['attempt 0', { attempt: 0 }, 'not_counted', 'own_fault'],
    ['attempt NaN', { attempt: Number.NaN }, 'not_counted', 'own_fault'],
  ])('%s is a value', async (_, changes, outcome, reason) => {
    const url = await answer(200)
    const base = delivery(url)
    const { endpoint: more = {}, ...rest } = changes as { endpoint?: object }
    const result = await loopbackSender().attempt({ ...base, ...rest, endpoint: { ...base.endpoint, ...more } })
    expect(result).toMatchObject({ outcome, reason })
  })

  it('is a value even for what is no delivery', async () => {
    for (const given of [undefined, null, 5, {}, { endpoint: null }]) {
      expect(await loopbackSender().attempt(given as never)).toMatchObject({
        outcome: 'not_counted',
        reason: 'own_fault',
      })
    }
  })

  it.each([
    ['timeoutMs', 0],
    ['timeoutMs', Number.NaN],
    ['maxResponseBytes', -1],
    ['userAgent', 'a\nb'],
    ['schedule', {}],
    ['guard', {}],
    ['transport', () => {}],
    ['now', 5],
    ['random', 5],
    ['timeout', 5],
  ])('%s: %j throws when the sender is made', (name, value) => {
    expect(() => createWebhookSender({ [name]: value })).toThrow(expect.objectContaining({ code: 'invalid_option' }))
  })

  it('keeps secrets out of what can be printed', async () => {
    const sender = loopbackSender()
    const result = await sender.attempt(delivery(await answer(500)))
    expect(JSON.stringify([sender, result])).not.toContain('topsecret')
  })
})

describe('close', () => {
  it('waits for what is running, and sends nothing after', async () => {
    let count = 0
    const url = await endpoint((_, response) => {
      count++
      setTimeout(() => response.end(), 100)
    })
    const sender = loopbackSender()
    const running = sender.attempt(delivery(url))
    await new Promise((resolve) => setTimeout(resolve, 30))
    await sender.close()
    expect((await running).outcome).toBe('delivered')
    expect(await sender.attempt(delivery(url))).toMatchObject({ outcome: 'not_counted', reason: 'own_fault' })
    expect(count).toBe(1)
  })
})
