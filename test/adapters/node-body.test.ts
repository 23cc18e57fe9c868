// Reading a body from Node streams that a connection does not produce on demand: read before, ended, destroyed, made up by a host.

import { createServer, type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createWebhookListener } from '../../src/adapters/http.ts'
import { drain, isTooMuchToDrain } from '../../src/adapters/shared/drain.ts'
import { type NodeRequest, readNodeBody } from '../../src/adapters/shared/node-body.ts'
import { request, SECRET } from './support/client.ts'

const LIMITS = { maxBodyBytes: 10, timeoutMs: 1000 }
const EVENTS = ['data', 'end', 'close', 'error'] as const

/** A request that is only a stream, with `fields`. */
function makeRequest(fields: object = {}, stream = new PassThrough()): NodeRequest & PassThrough {
  const headers: Record<string, string> = {}
  return Object.assign(stream, { headers, httpVersionMajor: 1, ...fields }) as unknown as NodeRequest & PassThrough
}

function read(stream: NodeRequest, limits = LIMITS) {
  return readNodeBody({ request: stream, stream, alreadyParsed: 'Read before.' }, limits, { reserve: () => true })
}

function listeners(stream: PassThrough): number[] {
  return EVENTS.map((event) => stream.listenerCount(event))
}

describe('the declared length', () => {
  it.each<[string, object, boolean]>([
    ['is read from parsed headers', { headers: { 'content-length': '11' } }, true],
    [
      'is read from parsed headers if the raw list is empty',
      { rawHeaders: [], headers: { 'content-length': '11' } },
      true,
    ],
    ['is read from raw headers, in any case', { rawHeaders: ['Host', 'x', 'Content-LENGTH', '11'] }, true],
    ['may be the limit', { rawHeaders: ['content-length', '10'] }, false],
    [
      'is not read from a header whose name has the same length',
      { rawHeaders: ['accept-charset', '99', 'content-length', '9'] },
      false,
    ],
    ['may be missing', { rawHeaders: ['transfer-encoding', 'chunked'] }, false],
  ])('%s', (_where, fields, isBeyond) => {
    expect(isTooMuchToDrain(makeRequest(fields), 10)).toBe(isBeyond)
  })

  it('is found without the object that Node builds of all headers', () => {
    const stream = makeRequest({ rawHeaders: ['content-length', '11'] })
    Object.defineProperty(stream, 'headers', { get: () => expect.fail('headers were read') })
    expect(isTooMuchToDrain(stream, 10)).toBe(true)
  })

  it('does not count after the body was read', async () => {
    const stream = makeRequest({ headers: { 'content-length': '11' } })
    stream.end()
    stream.resume()
    await new Promise((resolve) => stream.once('end', resolve))
    expect(isTooMuchToDrain(stream, 10)).toBe(false)
  })
})

describe('a body that was read before', () => {
  async function readBefore(fields: object): Promise<NodeRequest> {
    const stream = makeRequest(fields)
    stream.end('x')
    for await (const _ of stream);
    return stream
  }
  const empty = new Uint8Array(0)
  const refused = { code: 'body_already_parsed', message: 'Read before.' }

  it.each<[string, object, object]>([
    ['HTTP/1 declares none', {}, empty],
    ['a host without a version declares none', { httpVersionMajor: undefined }, empty],
    ['its length is 0', { headers: { 'content-length': '0' }, httpVersionMajor: 2 }, empty],
    ['its length is not 0', { headers: { 'content-length': '1' } }, refused],
    ['it came in chunks', { headers: { 'transfer-encoding': 'chunked' } }, refused],
    ['HTTP/2 does not declare a length', { httpVersionMajor: 2 }, refused],
    ['HTTP/3 does not declare a length', { httpVersionMajor: 3 }, refused],
    ['a parser kept it', { rawBody: Buffer.from('kept'), headers: { 'content-length': '4' } }, Buffer.from('kept')],
    ['express.raw kept it', { body: Buffer.from('kept'), headers: { 'content-length': '4' } }, Buffer.from('kept')],
    ['only text was kept', { rawBody: 'kept', body: {}, headers: { 'content-length': '4' } }, refused],
  ])('is known, or refused, if %s', async (_what, fields, expected) => {
    expect(await read(await readBefore(fields))).toMatchObject(expected)
  })

  it('is refused at once if part of it was read', async () => {
    const stream = makeRequest({ headers: { 'content-length': '9' } })
    stream.write('one')
    await new Promise((resolve) => stream.once('readable', resolve))
    stream.read(1)
    expect(await read(stream)).toMatchObject(refused)
  })

  it('is refused at once if the stream decodes text', async () => {
    const stream = makeRequest({ headers: { 'content-length': '9' } })
    stream.setEncoding('utf8')
    expect(await read(stream)).toMatchObject(refused)
  })

  it('is empty if an empty stream has ended', async () => {
    const stream = makeRequest()
    stream.end()
    stream.resume()
    await new Promise((resolve) => stream.once('end', resolve))
    expect(await read(stream)).toEqual(empty)
  })
})

describe('reading', () => {
  it('collects chunks up to the limit, and removes its listeners', async () => {
    const stream = makeRequest({ headers: { 'transfer-encoding': 'chunked' } }, new PassThrough({ autoDestroy: false }))
    const before = listeners(stream)
    const body = read(stream)
    stream.write('01234')
    stream.end('56789')
    expect(Buffer.from((await body) as Uint8Array).toString()).toBe('0123456789')
    expect(stream.listenerCount('close')).toBe(before[2])
  })

  it('gives up beyond the limit, and keeps only an error listener, so an error does not end the process', async () => {
    const stream = makeRequest({ headers: { 'transfer-encoding': 'chunked' } })
    const [data, end, close, error] = listeners(stream)
    const body = read(stream)
    stream.write('01234567890')
    expect(await body).toMatchObject({ code: 'payload_too_large' })
    expect(listeners(stream)).toEqual([data, end, close, (error as number) + 1])
    expect(stream.isPaused()).toBe(true)
    stream.destroy(new Error('reset'))
    await sleep(5)
  })

  it('refuses text and objects from a stream with which a hook replaced the request', async () => {
    for (const chunk of ['text', { a: 1 }]) {
      const stream = makeRequest({}, new PassThrough({ objectMode: true }))
      const body = read(stream)
      stream.write(chunk)
      expect(await body).toMatchObject({ code: 'body_already_parsed', message: 'Read before.' })
    }
  })

  it('says how long it has waited', async () => {
    expect(await read(makeRequest(), { maxBodyBytes: 10, timeoutMs: 20 })).toMatchObject({
      code: 'body_timeout',
      message: 'The body did not arrive within 0.02 seconds.',
    })
  })

  it.each([undefined, new Error('reset')])(
    'reports a stream that is destroyed with %s as request_aborted',
    async (why) => {
      const stream = makeRequest()
      const body = read(stream)
      stream.destroy(why)
      expect(await body).toMatchObject({ code: 'request_aborted' })
    },
  )

  it('reports a stream that was already destroyed as request_aborted', async () => {
    const stream = makeRequest()
    stream.destroy()
    await sleep(5)
    expect(await read(stream)).toMatchObject({ code: 'request_aborted' })
  })
})

describe('draining', () => {
  function drained(maxBytes: number, stream = new PassThrough({ autoDestroy: false })) {
    let closed = 0
    const rest = makeRequest({ socket: { destroySoon: () => closed++ } }, stream)
    const before = listeners(rest)
    drain(rest, maxBytes)
    return { rest, before, closed: () => closed }
  }

  it('reads up to its limit, and closes at the first byte beyond', async () => {
    const { rest, closed } = drained(5)
    rest.write('01234')
    await sleep(5)
    expect(closed()).toBe(0)
    rest.write('5')
    await sleep(5)
    expect(closed()).toBe(1)
  })

  it.each<[string, (rest: PassThrough) => unknown]>([
    ['ends', (rest) => rest.end()],
    ['closes', (rest) => rest.destroy()],
    ['fails', (rest) => rest.emit('error', new Error('reset'))],
  ])('stops if the request %s, and closes nothing', async (_how, stop) => {
    const { rest, before, closed } = drained(5)
    rest.write('0')
    stop(rest)
    await sleep(5)
    expect(listeners(rest)).toEqual(before)
    await sleep(1100)
    expect(closed()).toBe(0)
  })

  it('closes after a second', async () => {
    const { rest, before, closed } = drained(5)
    await sleep(1100)
    expect(closed()).toBe(1)
    expect(listeners(rest)).toEqual(before)
  })

  it('works without a socket', async () => {
    const rest = makeRequest()
    drain(rest, 0)
    rest.write('0')
    await sleep(5)
    expect(rest.listenerCount('data')).toBe(0)
  })
})

it('serves a request of a serverless host that has parsed headers only', async () => {
  const { signed, body } = request()
  const runs: unknown[] = []
  const listener = createWebhookListener({ secrets: SECRET }, (delivery) => void runs.push(delivery))
  const stream = makeRequest({ method: 'POST', headers: { ...signed, 'content-length': String(body.length) } })
  stream.end(body)
  const response = new ServerResponse({ method: 'POST' } as IncomingMessage)
  await listener(stream, response)
  expect([response.statusCode, runs.length]).toEqual([200, 1])
})

it('runs no handler if the sender disconnects while its delivery is claimed', async () => {
  let runs = 0
  let socket: Socket | undefined
  const reports: unknown[] = []
  const released: unknown[] = []
  const dedupe = {
    async claim({ keys }: { keys: readonly { key: string }[] }) {
      socket?.destroy()
      await sleep(20)
      return { status: 'claimed' as const, claim: { token: 'x'.repeat(20), keys } }
    },
    commit: async () => true,
    release: async (claim: unknown) => released.push(claim) > 0,
  }
  const onOutcome = (report: unknown): void => void reports.push(report)
  const listener = createWebhookListener({ secrets: SECRET, dedupe, onOutcome }, () => void runs++)
  const server = createServer(listener).listen(0, '127.0.0.1')
  server.on('connection', (connection) => {
    socket = connection
  })
  await new Promise((resolve) => server.once('listening', resolve))
  const { signed: headers, body } = request()
  const { port } = server.address() as { port: number }
  const sent = fetch(`http://127.0.0.1:${port}`, { method: 'POST', headers, body: body as never })
  await expect(sent).rejects.toThrow()
  while (reports.length === 0) await sleep(1)
  server.close()
  expect(reports).toMatchObject([{ code: 'request_aborted' }])
  expect([runs, released.length]).toEqual([0, 1])
})
