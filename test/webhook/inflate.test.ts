// Bodies that were signed before they were compressed.

import * as zlib from 'node:zlib'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type BodyBudget, createWebhookReceiver } from '../../src/webhook/index.ts'
import { webEngine } from '../../src/webhook/proof/web.ts'
import { nodeInflater } from '../../src/webhook/receiving/inflate-node.ts'
import { webInflater } from '../../src/webhook/receiving/inflate-web.ts'
import { receiverOver } from '../../src/webhook/receiving/receiver.ts'
import { clock, send } from './support.ts'

const body = '{"amount":"1.50"}'
const options = { secrets: 'topsecret', now: clock, inflate: true, maxBodyBytes: 1000 }
const receivers = {
  'node:zlib': createWebhookReceiver,
  DecompressionStream: (given: typeof options) => receiverOver({ proof: webEngine, inflater: webInflater }, given),
}

describe.each(Object.entries(receivers))('inflating by %s', (engine, make) => {
  const receive = (encoding: string, compressed: Uint8Array, signed: string | Uint8Array = body) =>
    make(options).receive(
      { headers: { ...send('fluxora', { body: signed }), 'content-encoding': encoding }, body: compressed },
      () => {},
    )

  it.each([
    ['gzip', gzipSync(body)],
    ['X-GZIP', gzipSync(body)],
    ['deflate', deflateSync(body)],
    ['br', brotliCompressSync(body)],
  ])('accepts %s', async (encoding, compressed) => {
    const isUnknown = encoding === 'br' && !webInflater.encodings().includes('br') && engine !== 'node:zlib'
    const outcome = await receive(encoding, compressed)
    expect(outcome.code).toBe(isUnknown ? 'unsupported_content_encoding' : 'ok')
  })

  it('refuses a body of another encoding, one that is too large, and an unknown encoding', async () => {
    expect(await receive('gzip', Buffer.from(body))).toMatchObject({ status: 400, code: 'invalid_body' })
    expect((await receive('gzip', gzipSync(body).subarray(0, -1))).code).toBe('invalid_body')
    expect((await receive('gzip', gzipSync('x'.repeat(1001)))).code).toBe('payload_too_large')
    expect((await receive('zstd', gzipSync(body))).code).toBe('unsupported_content_encoding')
    expect((await receive('gzip, gzip', gzipSync(gzipSync(body)))).code).toBe('unsupported_content_encoding')
  })
})

const inflaters = { 'node:zlib': nodeInflater, DecompressionStream: webInflater }
const unlimited: BodyBudget = { reserve: () => true }

const unhandled: unknown[] = []
const listen = (reason: unknown) => void unhandled.push(reason)
beforeAll(() => {
  process.on('unhandledRejection', listen).on('uncaughtException', listen)
})
afterAll(() => {
  process.off('unhandledRejection', listen).off('uncaughtException', listen)
  expect(unhandled).toEqual([])
})

/** Compressed as a sender's library may do it: at any level, flushed anywhere. */
function compress(encoding: string, pieces: readonly Uint8Array[], level: number): Promise<Buffer> {
  const make = {
    gzip: () => zlib.createGzip({ level }),
    deflate: () => zlib.createDeflate({ level }),
    'bare deflate': () => zlib.createDeflateRaw({ level }),
    br: () => zlib.createBrotliCompress({ params: { [zlib.constants.BROTLI_PARAM_QUALITY]: level } }),
  }[encoding] as () => zlib.Gzip | zlib.BrotliCompress
  const stream = make()
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () => resolve(Buffer.concat(chunks)))
    stream.on('error', reject)
    for (const piece of pieces) {
      stream.write(piece)
      stream.flush()
    }
    stream.end()
  })
}

/** A gibibyte of zeros in two MiB or less. For deflate it is one flushed block, repeated, because that is quick to create. */
async function bomb(encoding: string): Promise<Uint8Array> {
  if (encoding === 'br') return compress('br', new Array<Uint8Array>(64).fill(new Uint8Array(2 ** 24)), 1)
  const block = deflateRawSync(Buffer.alloc(2 ** 20), { finishFlush: zlib.constants.Z_FULL_FLUSH })
  const head = encoding === 'gzip' ? gzipSync('').subarray(0, 10) : deflateSync('').subarray(0, 2)
  return Buffer.concat([head, ...Array.from({ length: 1024 }, () => block)])
}

describe.each(Object.entries(inflaters))('what %s inflates', (engine, inflater) => {
  const encodings = ['gzip', 'deflate', 'bare deflate', 'br'].filter(
    (encoding) => encoding !== 'br' || inflater.encodings().includes('br'),
  )
  const inflate = (encoding: string, compressed: Uint8Array, maxBytes = 2 ** 20, budget = unlimited) =>
    inflater.inflate(encoding === 'bare deflate' ? 'deflate' : encoding, compressed, maxBytes, budget)

  it.each(encodings)(
    '%s: any body, compressed at any level and flushed anywhere, comes out unchanged',
    async (encoding) => {
      const piece = fc.oneof(
        fc.uint8Array({ maxLength: 2000 }),
        fc.integer({ min: 0, max: 70_000 }).map((length) => new Uint8Array(length).fill(length)),
      )
      await fc.assert(
        fc.asyncProperty(fc.array(piece, { maxLength: 4 }), fc.integer({ min: 1, max: 9 }), async (pieces, level) => {
          const given = Buffer.concat(pieces)
          const compressed = await compress(encoding, pieces, level)
          const found = await inflate(encoding, compressed, given.length)
          if (!found.ok) throw new Error(found.message)
          expect(Buffer.compare(found.bytes, given)).toBe(0)
          if (given.length > 0) {
            expect(await inflate(encoding, compressed, given.length - 1)).toMatchObject({ code: 'payload_too_large' })
          }
        }),
        { numRuns: 60 },
      )
    },
  )

  it.each(encodings)('%s: a body that is cut off anywhere is broken, and so is an empty one', async (encoding) => {
    const compressed = await compress(encoding, [Buffer.from(body.repeat(20))], 6)
    for (let length = 0; length < compressed.length; length++) {
      expect([length, await inflate(encoding, compressed.subarray(0, length))]).toEqual([
        length,
        { ok: false, status: 400, code: 'invalid_body', message: expect.any(String) },
      ])
    }
  })

  it.each(encodings)('%s: an empty body may be compressed', async (encoding) => {
    expect(await inflate(encoding, await compress(encoding, [], 6), 0)).toMatchObject({
      ok: true,
      bytes: { length: 0 },
    })
  })

  it.each(encodings)('%s: anything after the end is never part of the body', async (encoding) => {
    const compressed = await compress(encoding, [Buffer.from(body)], 6)
    for (const garbage of ['x', 'garbage', '\0\0\0']) {
      const found = await inflate(encoding, Buffer.concat([compressed, Buffer.from(garbage)]))
      // DecompressionStream in older runtimes ignores it.
      if (found.ok) expect([engine, Buffer.from(found.bytes).toString()]).toEqual(['DecompressionStream', body])
      else expect(found.code).toBe('invalid_body')
    }
  })

  it.each(encodings)('%s: bytes that are not compressed data are broken', async (encoding) => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const found = await inflate(encoding, bytes, 1000)
        // By chance they may be a valid short body; then the signature decides.
        if (!found.ok) expect(['invalid_body', 'payload_too_large']).toContain(found.code)
      }),
    )
  })

  it.each(encodings.filter((encoding) => encoding !== 'bare deflate'))(
    '%s: a bomb of a gibibyte stops at the limit, and no more is kept in memory',
    async (encoding) => {
      const limit = 2 ** 21
      const compressed = await bomb(encoding)
      expect(compressed.length).toBeLessThan(2 ** 21)
      let held = 0
      let most = 0
      const before = process.memoryUsage().arrayBuffers
      const budget = {
        reserve(bytes: number) {
          held += bytes
          most = Math.max(most, process.memoryUsage().arrayBuffers - before)
          return true
        },
      }
      expect(await inflate(encoding, compressed, limit, budget)).toMatchObject({ code: 'payload_too_large' })
      expect(held).toBeLessThanOrEqual(limit)
      expect(most).toBeLessThan(32 * 2 ** 20)
    },
  )

  it('stops when the budget is used up', async () => {
    let left = 40_000
    const budget = {
      reserve(bytes: number) {
        left -= bytes
        return left >= 0
      },
    }
    expect(await inflate('gzip', gzipSync(Buffer.alloc(100_000)), 2 ** 20, budget)).toMatchObject({
      code: 'overloaded',
    })
  })
})

describe('in other runtimes, DecompressionStream', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
  })

  /** A decoder that inflates each byte to a thousand at once, even if nobody reads them. */
  function eagerDecoder(formats: readonly string[]) {
    let produced = 0
    class Eager extends TransformStream<Uint8Array, Uint8Array> {
      constructor(format: string) {
        if (!formats.includes(format)) throw new TypeError(`unknown format ${format}`)
        super({
          transform(chunk, controller) {
            produced += 1000 * chunk.length
            controller.enqueue(new Uint8Array(1000 * chunk.length))
          },
        })
      }
    }
    vi.stubGlobal('DecompressionStream', Eager)
    return () => produced
  }

  it.each([
    ['gzip', 2],
    ['br', 1.1],
  ])('may inflate ahead of the reader, so it gets %s a little at a time', async (encoding, most) => {
    const produced = eagerDecoder(['gzip', 'brotli'])
    const limit = 2 ** 21
    const found = await webInflater.inflate(encoding, new Uint8Array(2 ** 18), limit, unlimited)
    expect(found).toMatchObject({ code: 'payload_too_large' })
    expect(produced()).toBeLessThanOrEqual(most * limit)
  })

  it('may know br, or not even every form of deflate', async () => {
    eagerDecoder(['gzip', 'deflate', 'brotli'])
    expect(webInflater.encodings()).toEqual(['gzip', 'x-gzip', 'deflate', 'br'])
    expect(await webInflater.inflate('deflate', deflateRawSync(body), 1000, unlimited)).toMatchObject({
      code: 'invalid_body',
    })
    eagerDecoder(['gzip'])
    expect(webInflater.encodings()).toEqual(['gzip', 'x-gzip'])
  })

  it('may be missing: then every Content-Encoding is refused', async () => {
    vi.stubGlobal('DecompressionStream', undefined)
    expect(webInflater.encodings()).toEqual([])
    const receiver = receivers.DecompressionStream(options)
    const headers = { ...send('fluxora', { body }), 'content-encoding': 'gzip' }
    expect(await receiver.receive({ headers, body: gzipSync(body) }, () => {})).toMatchObject({
      status: 415,
      code: 'unsupported_content_encoding',
    })
  })
})

describe('a receiver that inflates', () => {
  it('counts inflated bytes as a body that is being read, and gives them back', async () => {
    const receiver = createWebhookReceiver({ ...options, maxBodyBytes: 1000, maxBufferedBytes: 1000 })
    const text = 'x'.repeat(600)
    const input = (id: string) => ({
      headers: { ...send('fluxora', { id, body: text }), 'content-encoding': 'gzip' },
      body: async (_: number, budget: BodyBudget) => {
        expect(budget.reserve(400)).toBe(true)
        return gzipSync(text)
      },
    })
    expect((await receiver.receive(input('a'), () => {})).code).toBe('ok')
    expect((await receiver.receive(input('a'), () => {})).code).toBe('duplicate_delivery')
    const full = { ...input('b'), body: async (_: number, budget: BodyBudget) => budget.reserve(401) && gzipSync(text) }
    expect(await receiver.receive(full as never, () => {})).toMatchObject({
      code: 'overloaded',
      headers: { 'retry-after': '1' },
    })
    expect((await receiver.receive(input('a'), () => {})).code).toBe('duplicate_delivery')
  })

  it('limits the compressed body too', async () => {
    const receiver = createWebhookReceiver({ ...options, maxBodyBytes: 10 })
    const headers = { ...send('fluxora', { body: '' }), 'content-encoding': 'gzip' }
    expect((await receiver.receive({ headers, body: gzipSync('') }, () => {})).code).toBe('payload_too_large')
  })

  it('inflates nothing for a request that is refused earlier', async () => {
    let decoders = 0
    const inflater = {
      ...nodeInflater,
      inflate: async () => {
        decoders++
        return { ok: true as const, bytes: new Uint8Array() }
      },
    }
    const receiver = receiverOver({ proof: webEngine, inflater }, options)
    const input = (changes: Record<string, string>) => ({
      headers: { ...send('fluxora', { body }), 'content-encoding': 'gzip', ...changes },
      body: gzipSync(body),
    })
    for (const changes of [{ 'x-fluxora-signature': '' }, { 'x-fluxora-timestamp': '1' }]) {
      expect((await receiver.receive(input(changes), () => {})).ok).toBe(false)
    }
    expect(decoders).toBe(0)
  })

  it('uses a body without a Content-Encoding, or with identity, as it is', async () => {
    for (const encoding of [undefined, '', 'identity', ' Identity ']) {
      const headers = {
        ...send('fluxora', { body }),
        ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
      }
      expect((await createWebhookReceiver(options).receive({ headers, body }, () => {})).code).toBe('ok')
    }
  })

  it('passes the handler the bytes that were signed', async () => {
    const headers = { ...send('fluxora', { body }), 'content-encoding': 'br' }
    let text: string | undefined
    await createWebhookReceiver(options).receive({ headers, body: brotliCompressSync(body) }, (delivery) => {
      text = delivery.text()
    })
    expect(text).toBe(body)
  })

  it('refuses a duplicated Content-Encoding', async () => {
    const headers = { ...send('fluxora', { body }), 'content-encoding': ['gzip', 'gzip'] }
    const outcome = await createWebhookReceiver(options).receive({ headers, body: gzipSync(body) }, () => {})
    expect(outcome.code).toBe('unsupported_content_encoding')
  })
})

describe('without inflate', () => {
  it('a Content-Encoding is refused; with it, a body that was inflated earlier is used as it is', async () => {
    const input = { headers: { ...send('fluxora', { body }), 'content-encoding': 'gzip' }, body, isInflated: true }
    const plain = createWebhookReceiver({ ...options, inflate: false })
    expect((await plain.receive(input, () => {})).code).toBe('unsupported_content_encoding')
    expect((await createWebhookReceiver(options).receive(input, () => {})).code).toBe('ok')
  })
})
