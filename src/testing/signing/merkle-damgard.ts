// What SHA-1 and SHA-256 have in common (FIPS 180-4 sections 5.1.1 and 6): a message is padded to whole blocks, and one block after another
// changes a state of 32-bit words. For fixtures only.

import { concatBytes } from '../../shared/bytes.ts'

const BLOCK = 64

/** The last state, as bytes. */
export function hashBlocks<State extends readonly number[]>(
  message: Uint8Array,
  initial: State,
  compress: (state: State, block: DataView) => State,
): Uint8Array {
  let state = initial
  const padded = concatBytes([message, padding(message.length)])
  for (let at = 0; at < padded.length; at += BLOCK) state = compress(state, new DataView(padded.buffer, at, BLOCK))
  const digest = new DataView(new ArrayBuffer(4 * state.length))
  for (const [index, word] of state.entries()) digest.setUint32(4 * index, word)
  return new Uint8Array(digest.buffer)
}

/** Section 5.1.1: a one bit, zeros up to the end of a block, and before it the message's length in bits, as 64 bits. */
function padding(length: number): Uint8Array {
  const zeros = (2 * BLOCK - 1 - 8 - (length % BLOCK)) % BLOCK
  const bytes = new Uint8Array(1 + zeros + 8)
  bytes[0] = 0x80
  new DataView(bytes.buffer).setBigUint64(1 + zeros, 8n * BigInt(length))
  return bytes
}
