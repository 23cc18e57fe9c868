// What clients of providers pass where a number belongs: bigints, hexadecimal text, times as text. The reason says what to do.

import { describe, expect, it } from 'vitest'
import { createQuorum, createReorgState, stepQuorum, stepReorg } from '../../src/reorg/index.ts'
import { feed, ledgerOf, ledgers } from './support.ts'

const show = (ledger: object) => stepReorg(createReorgState(), { type: 'ledgers', ledgers: [ledger] } as never)

describe('a height', () => {
  it.each<[unknown, string]>([
    [5n, 'ledgers[0].sequence must be a number, not a bigint; convert it with Number().'],
    ['5', 'ledgers[0].sequence must be a number, not a string.'],
    ['0x10d4f', 'ledgers[0].sequence must be a number, not a string.'],
    [2 ** 53, 'ledgers[0].sequence must be a whole number, 0 or more.'],
    [0.5, 'ledgers[0].sequence must be a whole number, 0 or more.'],
    [-1, 'ledgers[0].sequence must be a whole number, 0 or more.'],
    [undefined, 'ledgers[0].sequence must be a whole number, 0 or more.'],
  ])('%s', (sequence, reason) => {
    expect(show({ sequence, hash: 'a' })).toMatchObject({ code: 'INVALID', status: 400, reason })
  })

  it('as a bigint in other events', () => {
    const step = (event: object) => feed({}, ledgers(ledgerOf(1)), event as never)
    expect(step({ type: 'finalized', sequence: 1n }).reason).toBe(
      'sequence must be a number, not a bigint; convert it with Number().',
    )
    for (const range of [
      { from: 1n, to: 1n },
      { from: 1n, to: 1 },
      { from: 1, to: 1n },
    ])
      expect(step({ type: 'replay', actor: 'operator', reason: 'x', ...range }).reason).toBe(
        'from and to must be numbers, not bigints; convert them with Number().',
      )
    const quorum = createQuorum({ sources: ['one'], required: 1 })
    const page = { type: 'ledgers', ledgers: [{ sequence: 5n, hash: 'a' }], source: 'one' } as never
    expect(stepQuorum(quorum, page).reason).toBe(
      'ledgers[0].sequence must be a number, not a bigint; convert it with Number().',
    )
  })
})

describe('a close time', () => {
  it.each<[unknown, string]>([
    [5n, 'ledgers[0].closedAt must be a number of Unix seconds, not a bigint; convert it with Number().'],
    ['2024-03-09T16:00:00Z', 'ledgers[0].closedAt must be a number of Unix seconds, not a string.'],
    [new Date(0), 'ledgers[0].closedAt must be a number of Unix seconds.'],
    [1_710_000_000_000, 'ledgers[0].closedAt must be in Unix seconds, not milliseconds.'],
    [Infinity, 'ledgers[0].closedAt must be a number of Unix seconds.'],
  ])('%s', (closedAt, reason) => {
    expect(show({ sequence: 5, hash: 'a', closedAt })).toMatchObject({ code: 'INVALID', status: 400, reason })
  })
})
