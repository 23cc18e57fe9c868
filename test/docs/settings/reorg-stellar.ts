import { expect } from 'vitest'
import { entryOf, header, sha256 as digest } from '../../stellar/ledger-entry.ts'

const first = header({ sequence: 500 })
const second = header({ sequence: 501, parent: digest(first), closeTime: 1_700_000_005n })
// An answer of Stellar RPC's getLedgers, with a sequence that differs from the header's: only the header is believed.
const page = {
  jsonrpc: '2.0',
  id: 1,
  result: {
    ledgers: [first, second].map((bytes) => ({
      hash: digest(bytes).toString('hex'),
      sequence: 9,
      ledgerCloseTime: '1700000000',
      headerXdr: entryOf(bytes).toString('base64'),
    })),
  },
}
//// block

expect(state.tip).toEqual({
  sequence: 501,
  hash: digest(second).toString('hex'),
  parentHash: digest(first).toString('hex'),
  closedAt: 1_700_000_005,
})
expect(state.finalizedLedger).toBe(500)
