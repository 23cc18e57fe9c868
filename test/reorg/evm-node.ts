// An EVM node, as far as clients that follow its head can see: JSON-RPC over HTTP, and a chain that grows and forks.

import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface EvmBlock {
  readonly number: string
  readonly hash: string
  readonly parentHash: string
  readonly timestamp: string
  readonly [member: string]: unknown
}

export interface EvmNode {
  readonly url: string
  /** The chain now, oldest first. */
  readonly chain: readonly EvmBlock[]
  grow(count: number): void
  /** Replaces some of the newest blocks by a branch that is one block longer. */
  fork(depth: number): void
  close(): void
}

/** Starts a node whose `finalized` block is always `finalityDepth` below its head. */
export async function startEvmNode(finalityDepth: number): Promise<EvmNode> {
  let branch = 0
  const chain: EvmBlock[] = [blockOf(1000, 0, `0x${'0'.repeat(64)}`)]
  const grow = (count: number): void => {
    for (let added = 0; added < count; added++) {
      const parent = chain.at(-1) as EvmBlock
      chain.push(blockOf(Number(parent.number) + 1, branch, parent.hash))
    }
  }
  const find = (tag: string): EvmBlock | null => {
    if (tag === 'latest') return chain.at(-1) ?? null
    if (tag === 'finalized') return chain[Math.max(0, chain.length - 1 - finalityDepth)] ?? null
    return chain.find(({ number }) => Number(number) === Number(tag)) ?? null
  }
  const answer = ({ id, method, params = [] }: RpcRequest): object => {
    const results: Record<string, () => unknown> = {
      eth_chainId: () => '0x1',
      net_version: () => '1',
      eth_blockNumber: () => chain.at(-1)?.number,
      eth_getBlockByNumber: () => find(params[0] as string),
    }
    const result = results[method]
    return result
      ? { jsonrpc: '2.0', id, result: result() }
      : { jsonrpc: '2.0', id, error: { code: -32601, message: `no method ${method}` } }
  }
  const server = createServer(async (request, response) => {
    const body = JSON.parse(await readBody(request)) as RpcRequest | RpcRequest[]
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(Array.isArray(body) ? body.map(answer) : answer(body)))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    chain,
    grow,
    fork(depth) {
      branch++
      chain.splice(Math.max(1, chain.length - depth))
      grow(depth + 1)
    },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

interface RpcRequest {
  readonly id: number
  readonly method: string
  readonly params?: readonly unknown[]
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

const hex = (value: number): string => `0x${value.toString(16)}`
const word = (value: number | string): string => `0x${value.toString(16).padStart(64, '0')}`

/** A block without transactions, with every member that clients require. */
function blockOf(height: number, branch: number, parentHash: string): EvmBlock {
  const zero = word(0)
  return {
    number: hex(height),
    hash: word(`${branch.toString(16)}f${height.toString(16)}`),
    parentHash,
    timestamp: hex(1_700_000_000 + height * 12),
    baseFeePerGas: '0x1',
    difficulty: '0x0',
    extraData: '0x',
    gasLimit: '0x1c9c380',
    gasUsed: '0x0',
    logsBloom: `0x${'0'.repeat(512)}`,
    miner: `0x${'0'.repeat(40)}`,
    mixHash: zero,
    nonce: '0x0000000000000000',
    receiptsRoot: zero,
    sha3Uncles: zero,
    size: '0x220',
    stateRoot: zero,
    totalDifficulty: '0x0',
    transactions: [],
    transactionsRoot: zero,
    uncles: [],
  }
}
