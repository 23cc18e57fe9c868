// How much memory a body takes while it is collected: no more than the limit, however it arrives, and no more than was reserved for it.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Collector, collector } from '../../src/adapters/shared/collector.ts'

const chunk = (length: number, fill = 1) => new Uint8Array(length).fill(fill)
const gather = (maxBytes: number, reserve: (bytes: number) => boolean = () => true): Collector =>
  collector(maxBytes, { reserve })

describe('collector', () => {
  it('does not copy a body of one chunk', () => {
    const only = chunk(5)
    const gathered = gather(10)
    expect(gathered.add(only)).toBe(undefined)
    expect(gathered.bytes.buffer).toBe(only.buffer)
    expect(gathered.bytes).toEqual(only)
  })

  it('copies a first chunk that is a small part of a large buffer', () => {
    const large = new Uint8Array(65_536).fill(7)
    const gathered = gather(10)
    gathered.add(large.subarray(100, 105))
    expect(gathered.bytes).toEqual(chunk(5, 7))
    expect(gathered.bytes.buffer.byteLength).toBe(5)
  })

  it('grows by doubling, up to the limit and not beyond it', () => {
    const gathered = gather(10)
    const sizes = [3, 3, 3, 1].map((length, at) => {
      expect(gathered.add(chunk(length, at))).toBe(undefined)
      return gathered.bytes.buffer.byteLength
    })
    expect(sizes).toEqual([3, 6, 10, 10])
    expect([...gathered.bytes]).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2, 3])
  })

  it('grows to what a large chunk needs', () => {
    const gathered = gather(1000)
    gathered.add(chunk(2))
    gathered.add(chunk(100))
    expect(gathered.bytes.buffer.byteLength).toBe(102)
  })

  it('does not grow for a chunk that fits', () => {
    const gathered = gather(100)
    for (const length of [10, 5]) gathered.add(chunk(length))
    const { buffer } = gathered.bytes
    expect(buffer.byteLength).toBe(20)
    gathered.add(chunk(5))
    expect(gathered.bytes.buffer).toBe(buffer)
  })

  it('refuses a chunk beyond the limit, and keeps what came before', () => {
    const gathered = gather(10)
    expect(gathered.add(chunk(10))).toBe(undefined)
    expect(gathered.add(chunk(1))).toMatchObject({ code: 'payload_too_large' })
    expect(gathered.bytes).toEqual(chunk(10))
    expect(gathered.add(chunk(0))).toBe(undefined)
    expect(gather(0).add(chunk(1))).toMatchObject({ code: 'payload_too_large' })
    expect(gather(0).bytes).toEqual(new Uint8Array(0))
  })

  it('refuses a chunk if the shared budget is used up', () => {
    let room = 12
    const gathered = gather(100, (bytes) => {
      if (bytes > room) return false
      room -= bytes
      return true
    })
    expect(gathered.add(chunk(4))).toBe(undefined)
    expect(gathered.add(chunk(4))).toBe(undefined)
    expect(gathered.add(chunk(1))).toMatchObject({ code: 'overloaded', status: 429 }) // the buffer would double to 16
    expect(gathered.bytes).toHaveLength(8)
    expect(gather(100, () => false).add(chunk(1))).toMatchObject({ code: 'overloaded' })
  })

  it('drops what it has collected', () => {
    const gathered = gather(10)
    gathered.add(chunk(5))
    gathered.clear()
    expect(gathered.bytes).toHaveLength(0)
  })

  it('reserves what it holds, and returns the bytes of chunks of any size', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 300 })),
        fc.integer({ min: 0, max: 2000 }),
        (chunks, maxBytes) => {
          let reserved = 0
          const gathered = gather(maxBytes, (bytes) => {
            reserved += bytes
            return true
          })
          const taken: number[] = []
          for (const each of chunks) if (!gathered.add(each)) taken.push(...each)
          expect([...gathered.bytes]).toEqual(taken)
          expect(gathered.bytes.buffer.byteLength).toBeLessThanOrEqual(Math.max(2 * reserved, 0))
          expect(reserved).toBeLessThanOrEqual(maxBytes)
        },
      ),
    )
  })
})
