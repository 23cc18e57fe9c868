// Public keys of Ed25519 under which one signature fits many messages: the eight points of small order. Cryptographic libraries differ on
// them, and on points written in another way than RFC 8032 has it (section 5.1.3: y below p), so neither is taken here.

import { encodeHex } from '../../../shared/encoding.ts'

/** The y of each such point, little-endian, without the sign of x (Chalkias, Garillot, Nikolaenko: Taming the many EdDSAs, table 1). */
const SMALL_ORDER: readonly string[] = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
]

/** Whether 32 bytes are a point of small order, or are no canonical point. */
export function isWeak(key: Uint8Array): boolean {
  const y = key.slice()
  y[31] = (y[31] ?? 0) & 0x7f
  return SMALL_ORDER.includes(encodeHex(y)) || !isBelowPrime(y)
}

/** p is 2^255 - 19: all bits set, but for the lowest byte, which is ed. */
function isBelowPrime(y: Uint8Array): boolean {
  const isAllOnes = y[31] === 0x7f && y.subarray(1, 31).every((byte) => byte === 0xff)
  return !isAllOnes || (y[0] ?? 0) < 0xed
}
