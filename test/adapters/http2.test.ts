// The listener for Node over HTTP/2, in clear text: the same answers, without the headers that HTTP/2 does not have.

import { once } from 'node:events'
import { type ClientHttp2Session, connect, createServer, type IncomingHttpHeaders } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { createWebhookListener, type WebhookListenerOptions } from '../../src/adapters/http.ts'
import {
  createWebhookSigner,
  memoryDedupeStore,
  type OutcomeReport,
  type WebhookHandler,
} from '../../src/webhook/index.ts'

const secrets = 'topsecret'
const signer = createWebhookSigner({ secrets })
const closing: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function serve(options: Partial<WebhookListenerOptions> = {}, handle: WebhookHandler = () => {}) {
  const reports: OutcomeReport[] = []
  const listener = createWebhookListener({ secrets, onOutcome: (report) => reports.push(report), ...options }, handle)
  const failures: unknown[] = []
  const server = createServer((request, response) => {
    // The types of the compatibility layer are similar to node:http's, but not the same.
    listener(request as never, response as never).catch((error) => failures.push(error))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  closing.push(async () => {
    session.destroy()
    server.close()
    await once(server, 'close')
    expect(failures).toEqual([])
  })
  return { session, reports }
}

function open(session: ClientHttp2Session, headers: Record<string, string>, method = 'POST') {
  const stream = session.request({ ':method': method, ':path': '/', ...headers })
  stream.on('error', () => {})
  const answer = (async () => {
    const [head] = (await once(stream, 'response')) as [IncomingHttpHeaders]
    let text = ''
    for await (const chunk of stream) text += chunk
    return { status: head[':status'], headers: head, body: JSON.parse(text) as Record<string, unknown> }
  })()
  answer.catch(() => {})
  return { stream, answer }
}

async function post(session: ClientHttp2Session, body: string | Buffer, headers: Record<string, string>) {
  const { stream, answer } = open(session, headers)
  stream.end(body)
  return answer
}

const until = async (met: () => boolean): Promise<void> => {
  for (let left = 200; !met() && left > 0; left--) await sleep(10)
  expect(met()).toBe(true)
}

describe('http, over HTTP/2', () => {
  it('handles a delivery once, with or without a declared length', async () => {
    const bodies: string[] = []
    const { session } = await serve({}, (delivery) => void bodies.push(delivery.text()))
    const [one, two] = ['{"n":1}', '{"n":2}']
    const headers = signer.sign({ body: one, deliveryId: 'd1' })
    const answer = await post(session, one, headers)
    expect(answer).toMatchObject({ status: 200, body: { ok: true, deliveryId: 'd1' } })
    expect(answer.headers['content-type']).toMatch('application/json')
    expect(answer.headers['content-length']).toBe(String(JSON.stringify(answer.body).length))
    expect(await post(session, one, headers)).toMatchObject({ status: 200, body: { duplicate: true } })
    const announced = { ...signer.sign({ body: two, deliveryId: 'd2' }), 'content-length': String(two.length) }
    expect(await post(session, two, announced)).toMatchObject({ status: 200, body: { ok: true } })
    expect(bodies).toEqual([one, two])
  })

  it('accepts an empty body', async () => {
    const { session } = await serve()
    expect(await post(session, '', signer.sign({ body: '' }))).toMatchObject({ status: 200 })
  })

  it('answers a request whose body never comes, without a Connection header', async () => {
    const warnings: Error[] = []
    const note = (warning: Error): void => void warnings.push(warning)
    process.on('warning', note)
    try {
      const { session } = await serve({ bodyTimeoutSeconds: 0.05 })
      const { stream, answer } = open(session, signer.sign({ body: '{}' }))
      stream.write('{')
      expect(await answer).toMatchObject({ status: 408, body: { error: 'body_timeout' } })
      stream.close()
      await sleep(5)
      expect(warnings).toEqual([])
    } finally {
      process.off('warning', note)
    }
  })

  it('refuses forgeries, other methods and unsigned requests, and keeps the session', async () => {
    const { session, reports } = await serve()
    const headers = signer.sign({ body: '{}' })
    expect(await post(session, '{"n":1}', headers)).toMatchObject({
      status: 401,
      body: { error: 'signature_mismatch' },
    })
    expect(await post(session, '{}', {})).toMatchObject({ status: 401, body: { error: 'missing_delivery_id' } })
    const { stream, answer } = open(session, headers, 'GET')
    stream.end()
    expect(await answer).toMatchObject({ status: 405, body: { error: 'method_not_allowed' } })
    expect(await post(session, '{}', headers)).toMatchObject({ status: 200 })
    expect(reports.map(({ code }) => code)).toEqual([
      'signature_mismatch',
      'missing_delivery_id',
      'method_not_allowed',
      'ok',
    ])
  })

  it('refuses a body that is too large, by its declared length or its bytes, without a Connection header', async () => {
    const { session } = await serve({ maxBodyBytes: 1000 })
    const body = Buffer.alloc(1001, 'x')
    const headers = signer.sign({ body })
    for (const given of [headers, { ...headers, 'content-length': String(body.length) }]) {
      const answer = await post(session, body, given)
      expect(answer).toMatchObject({ status: 413, body: { error: 'payload_too_large' } })
      expect(answer.headers.connection).toBeUndefined()
    }
    const fits = body.subarray(1)
    expect(await post(session, fits, signer.sign({ body: fits }))).toMatchObject({ status: 200 })
  })

  it('answers a body that does not arrive in time, without a Connection header', async () => {
    const { session } = await serve({ bodyTimeoutSeconds: 0.05 })
    const { stream, answer } = open(session, signer.sign({ body: '{"n":1}' }))
    stream.write('{"n"')
    const { status, headers, body } = await answer
    expect({ status, error: body.error, connection: headers.connection }).toEqual({
      status: 408,
      error: 'body_timeout',
      connection: undefined,
    })
  })

  it('refuses a delivery whose sender disconnects in the middle of the body, and handles it on the next attempt', async () => {
    let handled = 0
    const { session, reports } = await serve({}, () => void handled++)
    const body = '{"n":1}'
    const headers = signer.sign({ body })
    const { stream } = open(session, headers)
    stream.write('{"n"')
    await sleep(20)
    stream.close(8) // CANCEL (RFC 9113 section 7)
    await until(() => reports.length === 1)
    // Node ends the body of a cancelled HTTP/2 request as if it were complete, and reports the cancellation after that.
    expect(reports[0]?.code).toBe('signature_mismatch')
    expect(await post(session, body, headers)).toMatchObject({ status: 200 })
    expect(handled).toBe(1)
  })

  it('runs no handler if the sender disconnects while its delivery is claimed', async () => {
    let stream: ReturnType<typeof open>['stream'] | undefined
    let handled = 0
    const memory = memoryDedupeStore()
    const claim: typeof memory.claim = async (asked) => {
      stream?.close(8) // CANCEL (RFC 9113 section 7)
      await sleep(30)
      return memory.claim(asked)
    }
    const { session, reports } = await serve({ dedupe: { ...memory, claim } }, () => void handled++)
    const headers = signer.sign({ body: '{}' })
    stream = open(session, headers).stream
    stream.end('{}')
    await until(() => reports.length === 1)
    expect([reports[0]?.code, handled]).toEqual(['request_aborted', 0])
    stream = undefined
    expect(await post(session, '{}', headers)).toMatchObject({ status: 200 })
  })

  it('commits if a handler finishes after the sender has disconnected', async () => {
    let finish = (): void => {}
    const started = new Promise<void>((resolve) => {
      finish = resolve
    })
    let isStarted = false
    const { session, reports } = await serve({}, () => {
      isStarted = true
      return started
    })
    const headers = signer.sign({ body: '{}' })
    const { stream } = open(session, headers)
    stream.end('{}')
    await until(() => isStarted)
    stream.close(8)
    await sleep(20)
    finish()
    await until(() => reports.length === 1)
    expect(reports[0]?.code).toBe('ok')
    expect(await post(session, '{}', headers)).toMatchObject({ status: 200, body: { duplicate: true } })
  })
})
