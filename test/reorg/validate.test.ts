// How the ledgers of one event are read: what is merged, what contradicts itself, and what becomes of a negative zero.

import { describe, expect, it } from 'vitest'
import { createReorgState, type Ledger, type ReorgOptions, stepReorg } from '../../src/reorg/index.ts'
import { ledgerOf, ledgers } from './support.ts'

const read = (list: readonly Ledger[], options: ReorgOptions = {}) =>
  stepReorg(createReorgState(options), ledgers(...list))

describe('ledgers of one event', () => {
  it.each<[string, ReorgOptions, Ledger[]]>([
    ['ledgers: must link', {}, [ledgerOf(1), ledgerOf(2, 'b')]],
    ['ledgers: must not skip a sequence', { gapPolicy: 'need' }, [ledgerOf(1), ledgerOf(3)]],
    ['ledgers: closedAt goes back', {}, [ledgerOf(1, 'a', 'a', 10), ledgerOf(2, 'a', 'a', 9)]],
    ['ledgers: must not differ in hash', {}, [ledgerOf(1), ledgerOf(1, 'b')]],
    ['ledgers: must not differ in parentHash', {}, [ledgerOf(1), ledgerOf(1, 'a', 'b')]],
    ['ledgers: must not differ in closedAt', {}, [ledgerOf(1, 'a', 'a', 1), ledgerOf(1, 'a', 'a', 2)]],
    ['ledgers: must not repeat a hash', {}, [ledgerOf(1), { sequence: 5, hash: 'a1' }]],
    ['ledgers[0].closedAt: must be Unix seconds', {}, [ledgerOf(1, 'a', 'a', -1)]],
    ['ledgers[0].parentHash: is its own hash', {}, [{ sequence: 1, hash: 'x', parentHash: 'x' }]],
    [
      'ledgers[0].hash: must be 64 lowercase hex digits',
      { hashFormat: 'hex64' },
      [{ sequence: 1, hash: `x${'0'.repeat(64)}` }],
    ],
    [
      'ledgers[0].hash: must be 64 lowercase hex digits',
      { hashFormat: 'hex64' },
      [{ sequence: 1, hash: `${'0'.repeat(64)}x` }],
    ],
    ['ledgers: must be 1 to maxBatch ledgers', { maxBatch: 1 }, [ledgerOf(1), ledgerOf(2)]],
    ['ledgers: must be 1 to maxBatch ledgers', {}, []],
  ])('%s', (reason, options, list) => {
    expect(read(list, options)).toMatchObject({ code: 'INVALID', status: 400, reason })
  })

  it('are one where the same one stands twice, whichever of them says more', () => {
    const [whole, bare] = [ledgerOf(1, 'a', 'a', 5), { sequence: 1, hash: 'a1' }]
    for (const list of [
      [whole, bare],
      [bare, whole],
      [whole, whole],
    ]) {
      expect(read(list)).toMatchObject({ code: 'EXTENDED', state: { tip: whole, window: { size: 1 } } })
    }
  })

  it('may close in one second, and at the beginning of time', () => {
    expect(read([ledgerOf(1, 'a', 'a', 0), ledgerOf(2, 'a', 'a', 0)])).toMatchObject({ code: 'EXTENDED' })
  })

  it('hold no negative zero, which JSON would lose', () => {
    const { state } = read([{ sequence: -0, hash: 'x', closedAt: -0 }])
    expect(state.tip).toStrictEqual({ sequence: 0, hash: 'x', closedAt: 0 })
  })
})
