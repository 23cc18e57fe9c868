// The senders of the adapter soak: every kind of bad request over HTTP/1 and HTTP/2, with honest ones in between.

import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fluxoraHeaders } from '../shared/fluxora-headers.mjs'
import { SECRET } from './adapter-servers.mjs'

/** How many requests were sent, and how many honest ones were served. */
export const tally = { count: 0, served: 0 }

const FILLER = 'f'.repeat(65_536)

/** Requests over HTTP/1, each to a port. `answering` is the port of a server whose application writes its own answer. */
export const attacks = {
  honest: async (port) => {
    const { head, body } = request(`{"n":${tally.count}}`)
    const wire = await dial(port)
    wire.write(head + body)
    const status = await answered(wire)
    if (status === 200 || status === 500) tally.served++
    else throw new Error(`An honest sender got ${status}.`)
  },
  twice: async (port) => {
    const { head, body } = request(`{"twice":${tally.count}}`)
    const wires = [await dial(port), await dial(port)]
    for (const wire of wires) wire.write(head + body)
    await Promise.all(wires.map(answered))
  },
  slow: async (port) => {
    const wire = await dial(port)
    const { head, body } = request('x'.repeat(2000))
    wire.write(head)
    for (let at = 0; at < body.length && !wire.destroyed; at += 20) {
      wire.write(body.slice(at, at + 20))
      await sleep(25)
    }
    wire.destroy()
  },
  declared: async (port) => {
    const wire = await dial(port)
    wire.write(request('', { 'content-length': 1e9 }).head)
    for (let i = 0; i < 200 && !wire.destroyed; i++) if (!wire.write(FILLER)) await drained(wire)
    wire.destroy()
  },
  streamed: async (port) => {
    const wire = await dial(port)
    wire.write(request('', { 'transfer-encoding': 'chunked', 'content-length': undefined }).head)
    for (let i = 0; i < 200 && !wire.destroyed; i++) if (!wire.write(`10000\r\n${FILLER}\r\n`)) await drained(wire)
    wire.destroy()
  },
  aborted: async (port) => {
    const wire = await dial(port)
    const { head, body } = request('y'.repeat(1000))
    wire.write(head + body.slice(0, tally.count % 1000))
    await sleep(tally.count % 5)
    wire.resetAndDestroy()
  },
  gone: async (port) => {
    const wire = await dial(port)
    const { head, body } = request(`{"gone":${tally.count}}      `)
    wire.write(head + body)
    await sleep(tally.count % 3)
    wire.destroy()
  },
  junk: async (port) => {
    const wire = await dial(port)
    wire.write(Buffer.from(crypto.getRandomValues(new Uint8Array(500))))
    await answered(wire)
  },
  forged: async (port) => {
    const { head, body } = request('z'.repeat(4000), { 'x-fluxora-signature': '0'.repeat(64) })
    const wire = await dial(port)
    wire.write(head + body)
    await answered(wire)
  },
  headers: async (port) => {
    const wire = await dial(port)
    wire.write(request('', { 'x-fluxora-signature': 'a,'.repeat(6000) }).head)
    await answered(wire)
  },
  pipelined: async (port) => {
    const wire = await dial(port)
    let all = ''
    for (let i = 0; i < 20; i++) {
      const { head, body } = request(`{"p":${tally.count++}}`, i % 3 === 0 ? { 'content-encoding': 'gzip' } : {})
      all += head + body
    }
    wire.write(all)
    await sleep(50)
    wire.destroy()
  },
  wrong: async (_port, port) => {
    const { head, body } = request(`{"wrong":${tally.count}}`)
    const wire = await dial(port)
    wire.write(head + body)
    if ((await answered(wire)) < 0)
      throw new Error(`Request ${tally.count}, whose application makes a mistake, got no answer.`)
  },
  silent: async (_port, port) => {
    // The sender disconnects and the application never answers. The claim is released after abandonedSeconds.
    const { head, body } = request(`{"silent":${tally.count}}`)
    const wire = await dial(port)
    wire.write(head + body)
    await sleep(5)
    wire.destroy()
  },
}

/** Requests over HTTP/2, on sessions that all of them share. */
export const streams = {
  honest: async (session) => {
    const body = `{"h2":${tally.count}}`
    const status = await answeredHttp2(session, signed(body), (stream) => stream.end(body))
    if (status === 200 || status === 500) tally.served++
    else throw new Error(`An honest sender got ${status} over HTTP/2.`)
  },
  declared: (session) => answeredHttp2(session, { 'content-length': '1000000000' }, flood),
  endless: (session) => answeredHttp2(session, {}, flood),
  endlessSigned: (session) => answeredHttp2(session, signed('x'), flood),
  stalled: (session) => answeredHttp2(session, signed('xx'), (stream) => stream.write('x')),
  silent: (session) => answeredHttp2(session, {}, () => {}),
  reset: (session) =>
    answeredHttp2(session, signed('xx'), (stream) => {
      stream.write('x')
      setTimeout(() => stream.close(8), tally.count % 5)
    }),
}

/** A session with each server; `onEnd` is called if one ends. */
export function openSessions(servers, onEnd) {
  return servers.map((server) => {
    // Node's client counts data that it could not send yet against its own memory limit.
    const session = connectHttp2(`http://127.0.0.1:${server.address().port}`, { maxSessionMemory: 1000 })
    return session.on('error', onEnd).on('goaway', (code) => onEnd(`goaway ${code}`))
  })
}

function signed(body) {
  const timestamp = Math.floor(Date.now() / 1000)
  return fluxoraHeaders({ secret: SECRET, id: `dlv-${tally.count}-${Math.random()}`, timestamp, body })
}

function request(body, change = {}) {
  const headers = { host: 'localhost', 'content-length': body.length, ...signed(body), ...change }
  const lines = Object.entries(headers).filter(([, value]) => value !== undefined)
  return { head: `POST / HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`, body }
}

async function dial(port) {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.on('error', () => {})
  await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve))
  return socket
}

/** The status of the first answer; 0 if the connection closed without one, -1 after five seconds. */
function answered(socket) {
  return new Promise((resolve) => {
    const settle = (status) => {
      socket.destroy()
      resolve(status)
    }
    socket.once('data', (data) => settle(Number(data.toString('latin1', 9, 12))))
    socket.once('close', () => settle(0))
    socket.setTimeout(5000, () => settle(-1))
  })
}

/** The status of a stream's answer, once the stream is closed; 0 if there was none. */
function answeredHttp2(session, headers, send) {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':method': 'POST', ':path': '/', ...headers })
    const late = setTimeout(() => reject(new Error('An HTTP/2 stream stays open.')), 8000)
    let status = 0
    stream
      .on('error', () => {})
      .on('response', (head) => {
        status = head[':status']
      })
    stream.on('close', () => {
      clearTimeout(late)
      resolve(status)
    })
    stream.resume().on('end', () => stream.destroy()) // otherwise Node's client waits for ever to send data that nobody wants
    send(stream)
  })
}

async function flood(stream) {
  while (!stream.closed && !stream.writableEnded) {
    stream.write(FILLER)
    await sleep(5)
  }
}

function drained(socket) {
  return new Promise((resolve) => {
    socket.once('drain', resolve).once('close', resolve)
    setTimeout(resolve, 1000).unref()
  })
}
