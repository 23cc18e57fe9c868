import { expect } from 'vitest'

//// block

const header = (sequence: number, branch: string, parent = branch): Ledger => ({
  sequence,
  hash: `0x${branch}${sequence}`,
  parentHash: `0x${parent}${sequence - 1}`,
})
const log = ({ sequence, hash }: Ledger, removed = false): Log => ({
  blockNumber: `0x${sequence.toString(16)}`,
  blockHash: hash,
  logIndex: '0x0',
  removed,
})
let chain = [98, 99, 100, 101, 102].map((height) => header(height, 'a'))
const headersFrom = async (height: number) => chain.filter(({ sequence }) => sequence >= height)
const blocksOfLogs = () => counted().map(({ blockHash }) => blockHash)

await onLogs([log(chain[2] as Ledger), log(chain[4] as Ledger)], headersFrom)
expect(blocksOfLogs()).toEqual(['0xa100', '0xa102'])
// A fork: one log's block is replaced by a block without logs, the other's by a block with logs.
const [orphan, other] = [log(chain[2] as Ledger, true), log(chain[4] as Ledger, true)]
chain = [header(98, 'a'), header(99, 'a'), header(100, 'b', 'a'), header(101, 'b'), header(102, 'b'), header(103, 'b')]
await onLogs([orphan, other, log(chain[4] as Ledger)], headersFrom)
expect(blocksOfLogs()).toEqual(['0xb102'])
// And back again: the logs of the first branch are sent a second time.
chain = [99, 100, 101, 102, 103, 104].map((height) => header(height, 'a'))
await onLogs([log(header(102, 'b'), true), log(chain[3] as Ledger)], headersFrom)
expect(blocksOfLogs().sort()).toEqual(['0xa100', '0xa102'])
// A log counts at once if its block is already on the chain, and a log that comes twice counts once.
await onLogs([log(header(101, 'a')), log(header(101, 'a'))], headersFrom)
expect(blocksOfLogs().sort()).toEqual(['0xa100', '0xa101', '0xa102'])
