// IP addresses and CIDR blocks as bytes. Strict: one spelling rule, no shorthand of old C libraries, no zone.

/** The 4 bytes of an IPv4 address, or the 16 of an IPv6 one; `undefined` for a text that is neither. */
export function parseAddress(text: string): Uint8Array | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text)
}

/** A block of addresses: those whose first `prefix` bits are those of `bytes`. */
export interface Block {
  readonly bytes: Uint8Array
  readonly prefix: number
}

/** Reads `10.0.0.0/8`, `2001:db8::/32`, or a single address. Bits beyond the prefix must be zero. */
export function parseBlock(text: string): Block | undefined {
  const [address = '', length, ...more] = text.split('/')
  const bytes = parseAddress(address)
  if (!bytes || more.length > 0) return undefined
  const prefix = length === undefined ? 8 * bytes.length : readPrefix(length)
  if (prefix === undefined || prefix > 8 * bytes.length) return undefined
  const isExact = bytes.every((byte, at) => (byte & ~maskOf(prefix, at) & 0xff) === 0)
  return isExact ? { bytes, prefix } : undefined
}

/** Whether an address is in a block. An address of the other family never is. */
export function isInBlock(address: Uint8Array, { bytes, prefix }: Block): boolean {
  if (address.length !== bytes.length) return false
  return bytes.every((byte, at) => ((byte ^ (address[at] ?? 0)) & maskOf(prefix, at)) === 0)
}

function readPrefix(text: string): number | undefined {
  return /^(?:0|[1-9]\d{0,2})$/.test(text) ? Number(text) : undefined
}

/** Which bits of the byte at a place belong to a prefix. */
function maskOf(prefix: number, at: number): number {
  const bits = Math.min(8, Math.max(0, prefix - 8 * at))
  return (0xff00 >> bits) & 0xff
}

/** Four decimal numbers from 0 to 255, without leading zeros: `010` is 8 to some readers and 10 to others. */
function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split('.')
  const isStrict = parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)
  return isStrict ? Uint8Array.from(parts, Number) : undefined
}

/** RFC 4291 section 2.2: eight groups, at most one `::` for a run of zeros, and perhaps an IPv4 address in place of the last two. */
function parseIpv6(text: string): Uint8Array | undefined {
  if (text.length > 45) return undefined
  const [head = '', tail, ...more] = text.split('::')
  if (more.length > 0) return undefined
  const front = parseGroups(head, tail === undefined)
  const back = parseGroups(tail ?? '', true)
  if (!front || !back) return undefined
  const missing = 16 - front.length - back.length
  const isWhole = tail === undefined ? missing === 0 : missing >= 2
  return isWhole ? Uint8Array.from([...front, ...Array(missing).fill(0), ...back]) : undefined
}

/** The bytes of groups with colons between them. `isEnd`: an IPv4 address may come last. */
function parseGroups(text: string, isEnd: boolean): number[] | undefined {
  if (text === '') return []
  const bytes: number[] = []
  const groups = text.split(':')
  for (const [at, group] of groups.entries()) {
    if (isEnd && at === groups.length - 1 && group.includes('.')) {
      const ipv4 = parseIpv4(group)
      if (!ipv4) return undefined
      bytes.push(...ipv4)
    } else {
      if (!/^[0-9a-f]{1,4}$/i.test(group)) return undefined
      const value = Number.parseInt(group, 16)
      bytes.push(value >> 8, value & 0xff)
    }
  }
  return bytes
}
