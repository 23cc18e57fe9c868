// What an operator may command, and the answers to anyone else.

import { describe, expect, it } from 'vitest'
import { stepReorg } from '../../src/reorg/index.ts'
import { chain, feed, ledgers } from './support.ts'

const step = (event: object) => stepReorg(feed({}, ledgers(...chain(100, 102))).state, event as never)

describe('a command', () => {
  it('may give a reason of a thousand characters', () => {
    const reset = (reason: string) => step({ type: 'reset', actor: 'operator', reason })
    expect(reset('x'.repeat(1000)).code).toBe('RESET')
    expect(reset('x'.repeat(1001))).toMatchObject({
      code: 'FORBIDDEN',
      reason: 'actor must be "operator", with a reason of 1 to 1000 characters.',
    })
  })

  it.each([
    [-1, 101],
    [100, 'x'],
    ['a', 'b'],
    [undefined, 101],
    [100, undefined],
    [102, 101],
  ])('to replay from %j to %j is invalid', (from, to) => {
    expect(step({ type: 'replay', actor: 'operator', reason: 'x', from, to })).toMatchObject({
      code: 'INVALID',
      status: 400,
      reason: 'from and to must be whole numbers, 0 or more, and from must not be above to.',
    })
  })

  it('of an unknown type is invalid', () => {
    expect(step({ type: 'undo', actor: 'operator', reason: 'x' })).toMatchObject({
      code: 'INVALID',
      reason: 'type must be "ledgers", "finalized", "reset" or "replay".',
    })
  })
})
