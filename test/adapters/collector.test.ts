// What a body costs in memory while it is gathered: no more than the limit, however it comes.

import { describe, expect, it } from 'vitest'
import { collector } from '../../src/adapters/shared/collector.ts'

const chunk = (length: number, fill = 1) => new Uint8Array(length).fill(fill)

describe('collector', () => {
  it('takes a body of one chunk as it is', () => {
    const only = chunk(5)
    const bytes = collector(10)
    expect(bytes.add(only)).toBe(true)
    expect(bytes.take().buffer).toBe(only.buffer)
    expect(bytes.take()).toEqual(only)
  })

  it('grows by doubling, up to the limit and not beyond it', () => {
    const bytes = collector(10)
    const sizes = [3, 3, 3, 1].map((length, at) => {
      expect(bytes.add(chunk(length, at))).toBe(true)
      return bytes.take().buffer.byteLength
    })
    expect(sizes).toEqual([3, 6, 10, 10])
    expect([...bytes.take()]).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2, 3])
  })

  it('grows at once to what one chunk needs', () => {
    const bytes = collector(1000)
    bytes.add(chunk(2))
    bytes.add(chunk(100))
    expect(bytes.take().buffer.byteLength).toBe(102)
  })

  it('does not grow for what there is room for', () => {
    const bytes = collector(100)
    for (const length of [10, 5]) bytes.add(chunk(length))
    const { buffer } = bytes.take()
    expect(buffer.byteLength).toBe(20)
    bytes.add(chunk(5))
    expect(bytes.take().buffer).toBe(buffer)
  })

  it('does not take what passes the limit, and keeps what came before', () => {
    const bytes = collector(10)
    expect(bytes.add(chunk(10))).toBe(true)
    expect(bytes.add(chunk(1))).toBe(false)
    expect(bytes.take()).toEqual(chunk(10))
    expect(bytes.add(chunk(0))).toBe(true)
    expect(collector(0).add(chunk(1))).toBe(false)
    expect(collector(0).take()).toEqual(new Uint8Array(0))
  })
})
