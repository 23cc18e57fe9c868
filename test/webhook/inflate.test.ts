// Bodies that were signed before they were compressed.

import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { createWebhookReceiver } from '../../src/webhook/index.ts'
import { webInflater } from '../../src/webhook/inflate-web.ts'
import { webMac } from '../../src/webhook/mac-web.ts'
import { receiverOver } from '../../src/webhook/receiver.ts'
import { clock, send } from './support.ts'

const body = '{"amount":"1.50"}'
const options = { secrets: 'topsecret', now: clock, inflate: true, maxBodyBytes: 1000 }
const receivers = {
  'node:zlib': createWebhookReceiver,
  DecompressionStream: (given: typeof options) => receiverOver({ mac: webMac, inflater: webInflater }, given),
}

describe.each(Object.entries(receivers))('inflate by %s', (engine, make) => {
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
  ])('takes %s', async (encoding, compressed) => {
    const isUnknown = encoding === 'br' && !webInflater.encodings().includes('br') && engine !== 'node:zlib'
    const outcome = await receive(encoding, compressed)
    expect(outcome.code).toBe(isUnknown ? 'unsupported_content_encoding' : 'ok')
  })

  it('refuses what is not what it says, what is too much, and what is not known', async () => {
    expect(await receive('gzip', Buffer.from(body))).toMatchObject({ status: 400, code: 'invalid_body' })
    expect((await receive('gzip', gzipSync(body).subarray(0, -1))).code).toBe('invalid_body')
    expect((await receive('gzip', gzipSync('x'.repeat(1001)))).code).toBe('payload_too_large')
    expect((await receive('zstd', gzipSync(body))).code).toBe('unsupported_content_encoding')
    expect((await receive('gzip, gzip', gzipSync(gzipSync(body)))).code).toBe('unsupported_content_encoding')
  })
})

describe('without inflate', () => {
  it('a Content-Encoding is refused, and with it a body that was inflated before is taken as it is', async () => {
    const input = { headers: { ...send('fluxora', { body }), 'content-encoding': 'gzip' }, body, isInflated: true }
    const plain = createWebhookReceiver({ ...options, inflate: false })
    expect((await plain.receive(input, () => {})).code).toBe('unsupported_content_encoding')
    expect((await createWebhookReceiver(options).receive(input, () => {})).code).toBe('ok')
  })
})
