// How the ledgers of one event are read: what is merged, what contradicts itself, and what a negative zero becomes.

import { describe, expect, it } from 'vitest'
import { createReorgState, type Ledger, type ReorgOptions, stepReorg } from '../../src/reorg/index.ts'
import { ledgerOf, ledgers } from './support.ts'

const read = (list: readonly Ledger[], options: ReorgOptions = {}) =>
  stepReorg(createReorgState(options), ledgers(...list))

describe('ledgers of one event', () => {
  it.each<[string, ReorgOptions, Ledger[]]>([
    ['ledgers must be of one chain, each linked to the one below it.', {}, [ledgerOf(1), ledgerOf(2, 'b')]],
    ['ledgers must not skip a sequence with gapPolicy "need".', { gapPolicy: 'need' }, [ledgerOf(1), ledgerOf(3)]],
    ['ledgers must have close times that never go back.', {}, [ledgerOf(1, 'a', 'a', 10), ledgerOf(2, 'a', 'a', 9)]],
    ['ledgers must not repeat a sequence with a different hash.', {}, [ledgerOf(1), ledgerOf(1, 'b')]],
    ['ledgers must not repeat a sequence with a different parentHash.', {}, [ledgerOf(1), ledgerOf(1, 'a', 'b')]],
    [
      'ledgers must not repeat a sequence with a different closedAt.',
      {},
      [ledgerOf(1, 'a', 'a', 1), ledgerOf(1, 'a', 'a', 2)],
    ],
    ['ledgers must not repeat a hash at another sequence.', {}, [ledgerOf(1), { sequence: 5, hash: 'a1' }]],
    ['ledgers[0].closedAt must be a number of Unix seconds.', {}, [ledgerOf(1, 'a', 'a', -1)]],
    [
      'ledgers[0].parentHash must not be the hash of the ledger itself.',
      {},
      [{ sequence: 1, hash: 'x', parentHash: 'x' }],
    ],
    [
      'ledgers[0].hash must be 64 lowercase hexadecimal digits.',
      { hashFormat: 'hex64' },
      [{ sequence: 1, hash: `x${'0'.repeat(64)}` }],
    ],
    [
      'ledgers[0].hash must be 64 lowercase hexadecimal digits.',
      { hashFormat: 'hex64' },
      [{ sequence: 1, hash: `${'0'.repeat(64)}x` }],
    ],
    [
      'ledgers[0].hash must be 64 lowercase hexadecimal digits.',
      { hashFormat: 'hex64' },
      [{ sequence: 1, hash: ['0'.repeat(64)] as never }],
    ],
    ['ledgers must be an array of 1 to 1 ledgers.', { maxBatch: 1 }, [ledgerOf(1), ledgerOf(2)]],
    ['ledgers must be an array of 1 to 10000 ledgers.', {}, []],
  ])('%s', (reason, options, list) => {
    expect(read(list, options)).toMatchObject({ code: 'INVALID', status: 400, reason })
  })

  it('are merged if the same one appears twice, whichever copy has more members', () => {
    const [whole, bare] = [ledgerOf(1, 'a', 'a', 5), { sequence: 1, hash: 'a1' }]
    for (const list of [
      [whole, bare],
      [bare, whole],
      [whole, whole],
    ]) {
      expect(read(list)).toMatchObject({ code: 'EXTENDED', state: { tip: whole, window: { size: 1 } } })
    }
    // No member that neither copy has.
    expect(read([bare, bare]).state.tip).toStrictEqual(bare)
  })

  it('merge before they are linked, so a copy without a parent makes no gap', () => {
    const complete = { sequence: 5, hash: 'b', parentHash: 'a' }
    const copies = [{ sequence: 5, hash: 'b' }, complete]
    for (const repeats of [copies, [...copies].reverse()]) {
      const page = [{ sequence: 1, hash: 'a' }, ...repeats]
      const step = read(page, { heights: 'sparse', gapPolicy: 'need' })
      expect(step).toMatchObject({ code: 'EXTENDED', state: { tip: complete, window: { size: 2 } } })
    }
  })

  it('may close in the same second, and at time 0', () => {
    expect(read([ledgerOf(1, 'a', 'a', 0), ledgerOf(2, 'a', 'a', 0)])).toMatchObject({ code: 'EXTENDED' })
  })

  it('never hold a negative zero, which JSON would lose', () => {
    const { state } = read([{ sequence: -0, hash: 'x', closedAt: -0 }])
    expect(state.tip).toStrictEqual({ sequence: 0, hash: 'x', closedAt: 0 })
  })
})
