// May a webhook be sent to this address? A table, and nothing else: no look-up, no network, any runtime.

import { CARRIERS, IPV4_BLOCKS, IPV6_BLOCKS, IPV6_GLOBAL, type SpecialBlock } from './blocks.ts'
import { type Block, isInBlock, parseAddress, parseBlock } from './parse.ts'

/** Whether an address may be sent to, and if not, which block it is in. */
export interface AddressClass {
  readonly allowed: boolean
  /** The block and what it is for, as in `10.0.0.0/8 (private)`. */
  readonly block?: string
  /** The document that sets the block apart. */
  readonly rfc?: string
}

/**
 * Tells whether an IP address is on the public internet, so that a request to it cannot reach inside your own network.
 *
 * IPv4 is allowed but for the special blocks. IPv6 is allowed inside 2000::/3 but for the special blocks in it. An IPv4 address inside an
 * IPv6 one (`::ffff:10.0.0.1`, NAT64) is judged as the IPv4 address that it is.
 *
 * @param address Dotted quad, or IPv6 without brackets and without a zone. Old spellings (`127.1`, `0x7f.0.0.1`) are not addresses.
 * @returns `{ allowed }`, with `block` and `rfc` if it is refused. A text that is not an address is refused as such. Never throws.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6890}
 *
 * @example
 * ```ts
 * classifyAddress('93.184.215.14') // { allowed: true }
 * classifyAddress('169.254.169.254') // { allowed: false, block: '169.254.0.0/16 (link-local)', rfc: 'RFC 3927' }
 * classifyAddress('64:ff9b::a00:1').allowed // false: it is 10.0.0.1
 * ```
 */
export function classifyAddress(address: string): AddressClass {
  const bytes = typeof address === 'string' ? parseAddress(address) : undefined
  if (!bytes) return { allowed: false, block: 'not an IP address' }
  const embedded = embeddedIpv4(bytes)
  return embedded ? classifyBytes(embedded) : classifyBytes(bytes)
}

/** The IPv4 address that an IPv6 address carries, if it carries one. */
function embeddedIpv4(bytes: Uint8Array): Uint8Array | undefined {
  const isCarrier = TABLE.carriers.some(({ block }) => isInBlock(bytes, block))
  return isCarrier ? bytes.subarray(12) : undefined
}

function classifyBytes(bytes: Uint8Array): AddressClass {
  const special = TABLE.special.find(({ block }) => isInBlock(bytes, block))
  if (special) return { allowed: false, block: special.name, rfc: special.rfc }
  if (bytes.length === 4 || isInBlock(bytes, TABLE.global)) return { allowed: true }
  return { allowed: false, block: `outside ${IPV6_GLOBAL} (not global unicast)`, rfc: 'RFC 4291' }
}

interface Row {
  readonly block: Block
  readonly name: string
  readonly rfc: string
}

function rowsOf(blocks: readonly SpecialBlock[]): Row[] {
  return blocks.map(([cidr, purpose, rfc]) => ({ block: parseBlock(cidr) as Block, name: `${cidr} (${purpose})`, rfc }))
}

const TABLE = /* @__PURE__ */ Object.freeze({
  special: rowsOf([...IPV4_BLOCKS, ...IPV6_BLOCKS]),
  carriers: rowsOf(CARRIERS),
  global: parseBlock(IPV6_GLOBAL) as Block,
})
