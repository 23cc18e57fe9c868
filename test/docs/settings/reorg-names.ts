import { expect } from 'vitest'
import { createReorgState, type ReorgOptions, stepReorg } from '@fluxora/verify/reorg'

//// block

const follow = (ledgers: Ledger[], options: ReorgOptions) =>
  stepReorg(createReorgState({ ...options, gapPolicy: 'need', requireParent: true }), { type: 'ledgers', ledgers })

const horizon = [
  { sequence: 7, hash: 'b7', prev_hash: 'b6', closed_at: '2024-03-09T16:00:00Z', id: 'b7', paging_token: '30064771072' },
  { sequence: 8, hash: 'b8', prev_hash: 'b7', closed_at: '2024-03-09T16:00:05Z', id: 'b8', paging_token: '34359738368' },
]
expect(follow(horizon.map(fromHorizon), {})).toMatchObject({
  code: 'EXTENDED',
  state: { tip: { sequence: 8, hash: 'b8', parentHash: 'b7', closedAt: 1_710_000_005 } },
})

const solana = [
  fromSolana(250, { blockhash: 'Hx1', previousBlockhash: 'Hx0', blockTime: 1_710_000_000 }),
  fromSolana(253, { blockhash: 'Hx2', previousBlockhash: 'Hx1', blockTime: null }),
  fromSolana(254, { blockhash: 'Hx3', previousBlockhash: 'Hx2', blockTime: 1_710_000_001 }),
]
expect(follow(solana, { heights: 'sparse' })).toMatchObject({ code: 'EXTENDED', state: { tip: { sequence: 254 }, need: null } })
expect(follow(solana, {}).code).toBe('INVALID')

const bitcoin = [
  fromBitcoin({ height: 840_000, hash: '00a', previousblockhash: '009', time: 1_713_571_767 }),
  fromBitcoin({ height: 840_001, hash: '00b', previousblockhash: '00a', time: 1_713_571_533 }),
]
expect(follow(bitcoin, { closeTimes: 'unordered' })).toMatchObject({ code: 'EXTENDED', state: { tip: { sequence: 840_001 } } })
expect(follow(bitcoin, {}).code).toBe('INVALID')
expect(fromBitcoin({ height: 0, hash: '000', time: 1_231_006_505 })).toEqual({ sequence: 0, hash: '000', closedAt: 1_231_006_505 })
