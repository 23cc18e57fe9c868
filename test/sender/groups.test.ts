// Many small calls become a few large ones, and each gets its own answer.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inGroups } from '../../src/sender/log/postgres/groups.ts'

/** A handler whose groups are answered when the test says so. */
function held() {
  const groups: { items: readonly number[]; resolve: () => void; reject: (error: Error) => void }[] = []
  const handle = (items: readonly number[]) =>
    new Promise<number[]>((resolve, reject) => {
      groups.push({ items, resolve: () => resolve(items.map((item) => 10 * item)), reject })
    })
  return { groups, call: inGroups(handle) }
}

/** Longer than any chain of microtasks. */
const later = () => new Promise((resolve) => setImmediate(resolve))

describe('calls in groups', () => {
  it('sends a single call at once, and calls of the same moment together', async () => {
    const { groups, call } = held()
    const one = call(1)
    await later()
    const others = [call(2), call(3)]
    await later()
    expect(groups.map(({ items }) => items)).toEqual([[1], [2, 3]])
    for (const { resolve } of groups) resolve()
    expect(await Promise.all([one, ...others])).toEqual([10, 20, 30])
  })

  it('lets calls wait while two groups are on their way, and then sends them as one', async () => {
    const { groups, call } = held()
    const calls: Promise<number>[] = []
    for (const item of [1, 2, 3, 4, 5]) {
      calls.push(call(item))
      await later()
    }
    expect(groups.map(({ items }) => items)).toEqual([[1], [2]])
    groups[0]?.resolve()
    await later()
    expect(groups.map(({ items }) => items)).toEqual([[1], [2], [3, 4, 5]])
    for (const { resolve } of groups) resolve()
    expect(await Promise.all(calls)).toEqual([10, 20, 30, 40, 50])
  })

  it('fails the calls of a group that fails, and goes on with the others', async () => {
    const { groups, call } = held()
    const failing = Promise.allSettled([call(1), call(2)])
    await later()
    const fine = call(3)
    await later()
    groups[0]?.reject(new Error('down'))
    expect(await failing).toEqual([
      { status: 'rejected', reason: new Error('down') },
      { status: 'rejected', reason: new Error('down') },
    ])
    const after = call(4)
    await later()
    for (const { resolve } of groups.slice(1)) resolve()
    expect(await Promise.all([fine, after])).toEqual([30, 40])
  })

  it('answers every call with its own answer, in groups of 128 at most and two at a time', async () => {
    const moments = fc.array(fc.tuple(fc.integer({ min: 1, max: 300 }), fc.boolean()), { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(moments, async (batches) => {
        let onTheirWay = 0
        const call = inGroups(async (items: readonly number[]) => {
          onTheirWay++
          expect(onTheirWay).toBeLessThanOrEqual(2)
          expect(items.length).toBeLessThanOrEqual(128)
          await later()
          onTheirWay--
          return items.map((item) => -item)
        })
        const answers: Promise<number>[] = []
        for (const [count, waits] of batches) {
          for (let n = 0; n < count; n++) answers.push(call(answers.length + 1))
          if (waits) await later()
        }
        expect(await Promise.all(answers)).toEqual(answers.map((_, index) => -(index + 1)))
      }),
      { numRuns: 50 },
    )
  })
})
