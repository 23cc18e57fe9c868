// Batching calls: one batch for all calls of a moment, with an answer for each.

import { describe, expect, it } from 'vitest'
import { batchCalls } from '../../src/stores/shared/batch.ts'

function asker(answer: (item: number) => number | Promise<number> = (item) => 10 * item) {
  const asked: number[][] = []
  const ask = batchCalls(async (items: readonly number[]) => {
    asked.push([...items])
    return items.map(answer)
  })
  return { asked, ask }
}

describe('batchCalls', () => {
  it('makes one batch of the calls of one moment, and another of later ones', async () => {
    const { asked, ask } = asker()
    expect(await Promise.all([ask(1), ask(2), ask(3)])).toEqual([10, 20, 30])
    expect(await ask(4)).toBe(40)
    expect(asked).toEqual([[1, 2, 3], [4]])
  })

  it('batches the calls of functions that were waiting for the same promise', async () => {
    const { asked, ask } = asker()
    const wake = Promise.resolve()
    const worker = async (item: number) => {
      await wake
      return ask(item)
    }
    expect(await Promise.all([worker(1), worker(2), worker(3)])).toEqual([10, 20, 30])
    expect(asked).toEqual([[1, 2, 3]])
  })

  it.each([
    [127, [127]],
    [128, [128]],
    [129, [128, 1]],
    [300, [128, 128, 44]],
  ])('splits %i calls into batches of at most 128, none of them empty', async (count, lengths) => {
    const { asked, ask } = asker()
    const items = Array.from({ length: count }, (_, i) => i)
    expect(await Promise.all(items.map(ask))).toEqual(items.map((item) => 10 * item))
    expect(asked.map(({ length }) => length)).toEqual(lengths)
  })

  it('fails all calls of a batch that fails, and starts a new batch after that', async () => {
    let fails = true
    const ask = batchCalls(async (items: readonly number[]) => {
      if (fails) throw new Error('gone')
      return items
    })
    const answers = await Promise.allSettled([ask(1), ask(2)])
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    fails = false
    expect(await ask(3)).toBe(3)
  })

  it('fails only one call if its own answer is a promise that rejects', async () => {
    const { ask } = asker((item) => (item === 2 ? Promise.reject(new Error('two')) : item))
    const answers = await Promise.allSettled([ask(1), ask(2), ask(3)])
    expect(answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : answer.reason.message))).toEqual([
      1,
      'two',
      3,
    ])
  })

  it('fails all calls if the batch throws synchronously', async () => {
    const ask = batchCalls((): never => {
      throw new Error('at once')
    })
    await expect(ask(1)).rejects.toThrow('at once')
  })
})
