// Ledger headers of Stellar as `getLedgers` gives them, built by the book.

import { createHash } from 'node:crypto'

export const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
const u64 = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(value)
  return bytes
}

export interface Parts {
  readonly sequence?: number
  readonly parent?: Uint8Array
  readonly upgrades?: readonly Buffer[]
  readonly signed?: boolean
  readonly extended?: boolean
  readonly closeTime?: bigint
}

/** Built from Stellar-ledger.x, field by field. */
export function header({
  sequence = 59_000_123,
  parent = Buffer.alloc(32, 0xaa),
  upgrades = [],
  signed = true,
  extended = false,
  closeTime = 1_700_000_000n,
}: Parts = {}): Buffer {
  return Buffer.concat([
    u32(22),
    parent,
    Buffer.alloc(32, 1),
    u64(closeTime),
    u32(upgrades.length),
    ...upgrades.flatMap((upgrade) => [u32(upgrade.length), upgrade, Buffer.alloc((4 - (upgrade.length % 4)) % 4)]),
    ...(signed ? [u32(1), u32(0), Buffer.alloc(32, 2), u32(64), Buffer.alloc(64, 3)] : [u32(0)]),
    Buffer.alloc(32, 4),
    Buffer.alloc(32, 5),
    u32(sequence),
    u64(1n),
    u64(2n),
    u32(0),
    u64(3n),
    u32(100),
    u32(5_000_000),
    u32(1000),
    Buffer.alloc(128, 6),
    ...(extended ? [u32(1), u32(0), u32(0)] : [u32(0)]),
  ])
}

export const entryOf = (bytes: Buffer): Buffer => Buffer.concat([sha256(bytes), bytes, u32(0)])
