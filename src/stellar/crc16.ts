// CRC-16/XMODEM: the polynomial x^16 + x^12 + x^5 + 1, starting from 0.

/** The checksum of some bytes, from 0 to 65,535. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0
  for (const byte of bytes) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit++) {
      const carries = (crc & 0x8000) !== 0
      crc = (crc << 1) & 0xffff
      if (carries) crc ^= 0x1021
    }
  }
  return crc
}
