// proof/node.ts against createHmac: it computes short messages in another way, so both ways are tried over every length that matters.

import { createHash, createHmac } from 'node:crypto'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { SignedContent } from '../../src/webhook/proof/engine.ts'
import { nodeEngine, nodeSign } from '../../src/webhook/proof/node.ts'
import { webEngine } from '../../src/webhook/proof/web.ts'
import { hmacKey } from './support.ts'

type Module = Pick<typeof import('../../src/webhook/proof/node.ts'), 'nodeEngine' | 'nodeSign'>

/** The engine's HMAC-SHA256. */
const macOver = ({ nodeEngine: engine, nodeSign: sign }: Module) => ({
  importKey: (key: Uint8Array) => engine.importKey(hmacKey(key)),
  mac: sign,
  matches: engine.matches,
  digest: engine.digest,
})
type Mac = ReturnType<typeof macOver>

const content = (before: string, body: Uint8Array, after: string): SignedContent => ({ before, body, after })

const bytes = (length: number, from: number): Uint8Array =>
  Uint8Array.from({ length }, (_, at) => (at * 31 + from) % 256)

function expectSame(mac: Mac, key: Uint8Array, before: string, body: Uint8Array, after: string): void {
  const expected = createHmac('sha256', key).update(before).update(body).update(after).digest('hex')
  expect(Buffer.from(mac.mac(mac.importKey(key), content(before, body, after))).toString('hex')).toBe(expected)
}

const engines: [string, () => Promise<Mac>][] = [
  ['with crypto.hash', async () => macOver({ nodeEngine, nodeSign })],
  [
    'without crypto.hash, as in Node before 20.12',
    async () => {
      vi.resetModules()
      vi.doMock('node:crypto', async (importOriginal) => ({ ...(await importOriginal<object>()), hash: undefined }))
      return macOver(await import('../../src/webhook/proof/node.ts'))
    },
  ],
]

describe.each(engines)('nodeEngine %s', (_, load) => {
  afterEach(() => {
    vi.doUnmock('node:crypto')
    vi.resetModules()
  })

  it('accepts keys of every length around the block', async () => {
    const mac = await load()
    for (let length = 0; length <= 200; length++) expectSame(mac, bytes(length, length), '1.', bytes(50, 1), '')
  })

  it('accepts bodies of every length around the blocks and around the change from one way to the other', async () => {
    const mac = await load()
    const key = bytes(32, 7)
    for (let length = 0; length <= 200; length++) expectSame(mac, key, '', bytes(length, 3), '')
    for (let length = 33_740; length <= 33_800; length++) {
      for (const [before, after] of [
        ['', ''],
        ['1710000000.', ''],
        ['', '.1710000000'],
        ['a', 'b'],
      ] as const) {
        expectSame(mac, key, before, bytes(length, 5), after)
      }
    }
    expectSame(mac, key, '1710000000.', bytes(262_144, 9), 'end')
  })

  it('takes text in UTF-8, even if each unit is three bytes', async () => {
    const mac = await load()
    for (const text of ['é', '\ufeff', '€'.repeat(2000), '😀', '\ud800', 'a\udc00b', '\0']) {
      expectSame(mac, bytes(32, 1), text, bytes(10, 1), text)
      expectSame(mac, bytes(32, 1), text, bytes(0, 1), '')
    }
    expectSame(mac, bytes(32, 1), '€'.repeat(4095), bytes(1, 1), '')
    for (const units of [11_263, 11_264, 11_265]) expectSame(mac, bytes(32, 1), '€'.repeat(units), bytes(0, 1), '')
    expectSame(mac, bytes(32, 1), '€'.repeat(4000), bytes(4000, 1), '')
    expectSame(mac, bytes(32, 1), 'x'.repeat(20_000), bytes(1, 1), 'y'.repeat(20_000))
    expectSame(mac, bytes(32, 1), '€'.repeat(2048), bytes(0, 1), '€'.repeat(2048))
  })

  it('takes every byte in key and body', async () => {
    const mac = await load()
    for (let byte = 0; byte < 256; byte++) {
      expectSame(mac, new Uint8Array(64).fill(byte), '', new Uint8Array(64).fill(255 - byte), '')
    }
  })

  it('gives results that stay as they are', async () => {
    const mac = await load()
    const key = mac.importKey(bytes(32, 1))
    const first = mac.mac(key, content('', bytes(10, 1), ''))
    const kept = Buffer.from(first).toString('hex')
    mac.mac(key, content('', bytes(10, 2), ''))
    mac.mac(mac.importKey(bytes(99, 2)), content('x', bytes(4000, 2), 'y'))
    expect(Buffer.from(first).toString('hex')).toBe(kept)
    expect(first).toHaveLength(32)
  })

  it('keeps a key that does not change with the bytes it was made of', async () => {
    const mac = await load()
    const raw = bytes(32, 1)
    const key = mac.importKey(raw)
    const before = Buffer.from(mac.mac(key, content('', bytes(9, 1), ''))).toString('hex')
    expect(before).toBe(createHmac('sha256', raw).update(bytes(9, 1)).digest('hex'))
    expect(Buffer.from(mac.mac(key, content('', bytes(9, 1), ''))).toString('hex')).toBe(before)
  })

  it('digests text and bytes alike', async () => {
    const mac = await load()
    for (const text of ['', 'abc', 'é€😀', 'x'.repeat(100_000)]) {
      const expected = createHash('sha256').update(text).digest('hex')
      expect(mac.digest(text)).toBe(expected)
      expect(mac.digest(Buffer.from(text))).toBe(expected)
    }
  })

  it('compares every bit with every candidate', async () => {
    const mac = await load()
    for (const length of [10, 5000]) {
      const key = mac.importKey(bytes(32, 1))
      const given = [key, content('t.', bytes(length, 2), '.x')] as const
      const right = mac.mac(...given)
      const wrong = Array.from({ length: 256 }, (_, bit) => {
        const other = right.slice()
        other[bit >> 3]! ^= 1 << (bit & 7)
        return other
      })
      expect(mac.matches(...given, [right])).toBe(true)
      for (const other of wrong) expect(mac.matches(...given, [other])).toBe(false)
      expect(mac.matches(...given, wrong)).toBe(false)
      expect(mac.matches(...given, [...wrong, right])).toBe(true)
      expect(mac.matches(...given, [right, ...wrong])).toBe(true)
      expect(mac.matches(...given, [])).toBe(false)
      for (const other of [right.slice(1), new Uint8Array([...right, 0]), new Uint8Array(0)]) {
        expect(mac.matches(...given, [other])).toBe(false)
        expect(mac.matches(...given, [right, other])).toBe(true)
      }
    }
  })

  it('returns MACs that the next one does not overwrite', async () => {
    const mac = await load()
    const key = mac.importKey(bytes(32, 1))
    const first = mac.mac(key, content('', bytes(10, 2), ''))
    const kept = first.slice()
    expect(mac.mac(key, content('', bytes(10, 3), ''))).not.toEqual(kept)
    expect(first).toEqual(kept)
    expect(first.buffer.byteLength).toBe(32)
  })
})

describe('webEngine', () => {
  const key = bytes(32, 7)
  const macOf = (before: string, body: Uint8Array, after: string) =>
    createHmac('sha256', key).update(before).update(body).update(after).digest()

  it('imports keys that cannot be read back and can only sign', async () => {
    expect(await webEngine.importKey(hmacKey(key))).toMatchObject({
      kind: 'hmac',
      key: {
        type: 'secret',
        extractable: false,
        usages: ['sign'],
        algorithm: { name: 'HMAC', hash: { name: 'SHA-256' } },
      },
    })
  })

  it.each([
    ['before', 0, 600_000, 0],
    ['in the body', 600_000, 0, 0],
    ['after', 0, 0, 600_000],
    ['around', 5, 300_000, 300_000],
    ['nowhere', 0, 0, 0],
  ])('computes over much text %s, and little right after it', async (_, body, before, after) => {
    const imported = await webEngine.importKey(hmacKey(key))
    for (const shrink of [1, 100_000]) {
      const parts = ['é'.repeat(before / shrink), bytes(body / shrink, 1), '€'.repeat(after / shrink)] as const
      expect(await webEngine.matches(imported, content(...parts), [macOf(...parts)])).toBe(true)
      expect(await webEngine.matches(imported, content(...parts), [key])).toBe(false)
    }
  })

  it('computes over a body that could be resized', async () => {
    const buffer = new (ArrayBuffer as new (length: number, options: object) => ArrayBuffer)(8, { maxByteLength: 16 })
    const body = new Uint8Array(buffer).fill(3)
    const imported = await webEngine.importKey(hmacKey(key))
    expect(await webEngine.matches(imported, content('', body, ''), [macOf('', body, '')])).toBe(true)
    expect(await webEngine.digest(body)).toBe(createHash('sha256').update(body).digest('hex'))
  })
})
