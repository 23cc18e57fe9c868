import { readFileSync } from 'node:fs'
import { BlockList, isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CARRIERS, IPV4_BLOCKS, IPV6_BLOCKS, IPV6_GLOBAL } from '../../src/sender/address/blocks.ts'
import { classifyAddress } from '../../src/sender/address/classify.ts'

interface Vectors {
  readonly allowed: readonly string[]
  readonly refused: readonly { readonly address: string; readonly block: string; readonly rfc: string }[]
  readonly notAddresses: readonly string[]
}

const file = new URL('../vectors/addresses.json', import.meta.url)
const { allowed: ALLOWED, refused, notAddresses: NOT_ADDRESSES }: Vectors = JSON.parse(readFileSync(file, 'utf8'))

describe('classifyAddress', () => {
  it.each(ALLOWED)('allows %s', (address) => {
    expect(classifyAddress(address)).toEqual({ allowed: true })
  })

  it.each(refused)('refuses $address, with the block and the document', ({ address, block, rfc }) => {
    expect(classifyAddress(address)).toEqual({ allowed: false, block, rfc })
  })

  it.each(NOT_ADDRESSES)('refuses %j as not an address', (text) => {
    expect(classifyAddress(text)).toEqual({ allowed: false, block: 'not an IP address' })
  })

  it('refuses what is not even text', () => {
    for (const value of [undefined, null, 1, {}, ['1.1.1.1']]) {
      expect(classifyAddress(value as never).allowed).toBe(false)
    }
  })

  it('names the block that an address inside an IPv6 address is in', () => {
    expect(classifyAddress('::ffff:10.1.2.3')).toEqual({
      allowed: false,
      block: '10.0.0.0/8 (private)',
      rfc: 'RFC 1918',
    })
    expect(classifyAddress('64:ff9b::7f00:1').block).toBe('127.0.0.0/8 (loopback)')
    expect(classifyAddress('1234::1')).toEqual({
      allowed: false,
      block: 'outside 2000::/3 (not global unicast)',
      rfc: 'RFC 4291',
    })
  })

  it('refuses the first and the last address of every block', () => {
    for (const [cidr] of [...IPV4_BLOCKS, ...IPV6_BLOCKS]) {
      for (const address of endsOf(cidr))
        expect([cidr, address, classifyAddress(address).allowed]).toEqual([cidr, address, false])
    }
  })

  it('knows the same addresses as node:net does', () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
    const near = fc.constantFrom(...[...IPV4_BLOCKS, ...IPV6_BLOCKS].map(([cidr]) => cidr)).chain((cidr) => {
      const [address = ''] = cidr.split('/')
      const isIpv6 = address.includes(':')
      return bytes(isIpv6 ? 16 : 4).map((noise) => mix(cidr, noise))
    })
    const address = fc.oneof(
      bytes(4).map(write),
      bytes(16).map(write),
      near,
      bytes(14).map((tail) => write(Uint8Array.from([0x20 | ((tail[0] ?? 0) & 0x1f), 0x01, ...tail]))),
    )
    fc.assert(
      fc.property(address, (text) => {
        expect([text, isIP(text) !== 0]).toEqual([text, true])
        expect([text, classifyAddress(text).allowed]).toEqual([text, isAllowedByNode(text)])
      }),
      { numRuns: 5_000 },
    )
  })

  it('takes for an address only what node:net takes for one', () => {
    const text = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.ipV4Extended(),
      fc.string({ unit: fc.constantFrom(...'0123456789abcdf:.'), maxLength: 24 }),
    )
    fc.assert(
      fc.property(text, (given) => {
        const isAddress = classifyAddress(given).block !== 'not an IP address'
        expect([given, isAddress]).toEqual([given, isIP(given) !== 0])
      }),
      { numRuns: 5_000 },
    )
  })
})

/** The same table in Node's own block list. */
const node = { refused: new BlockList(), global: new BlockList() }
for (const [cidr] of IPV4_BLOCKS) add(node.refused, cidr)
for (const [cidr] of IPV6_BLOCKS) add(node.refused, cidr)
add(node.global, IPV6_GLOBAL)

function add(list: BlockList, cidr: string): void {
  const [address = '', prefix = ''] = cidr.split('/')
  list.addSubnet(address, Number(prefix), address.includes(':') ? 'ipv6' : 'ipv4')
}

function isAllowedByNode(text: string): boolean {
  const bytes = read(text)
  const isCarrier =
    bytes.length === 16 && CARRIERS.some(([cidr]) => startsWith(bytes, read(cidr.split('/')[0] as string), 12))
  if (isCarrier) return isAllowedByNode(write(bytes.subarray(12)))
  if (bytes.length === 4) return !node.refused.check(text, 'ipv4')
  return node.global.check(text, 'ipv6') && !node.refused.check(text, 'ipv6')
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array, length: number): boolean {
  return bytes.subarray(0, length).every((byte, at) => byte === prefix[at])
}

/** By the URL parser, which writes every IPv6 address in one way. */
function read(text: string): Uint8Array {
  if (!text.includes(':')) return Uint8Array.from(text.split('.'), Number)
  const [head = '', tail = ''] = new URL(`http://[${text}]/`).hostname.slice(1, -1).split('::')
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))
  const [front, back] = [groups(head), groups(tail)]
  const all = [...front, ...Array(8 - front.length - back.length).fill(0), ...back]
  return Uint8Array.from(all.flatMap((group: number) => [group >> 8, group & 255]))
}

function write(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, at) =>
    (((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0)).toString(16),
  )
  return groups.join(':')
}

/** An address of a block, whose free bits are noise. */
function mix(cidr: string, noise: Uint8Array): string {
  const [address = '', prefix = ''] = cidr.split('/')
  const fixed = read(address)
  const mixed = fixed.map((byte, at) => {
    const free = Math.min(8, Math.max(0, 8 * (at + 1) - Number(prefix)))
    const mask = (1 << free) - 1
    return (byte & ~mask & 0xff) | ((noise[at] ?? 0) & mask)
  })
  return write(mixed)
}

function endsOf(cidr: string): string[] {
  const length = cidr.includes(':') ? 16 : 4
  return [0, 255].map((byte) => mix(cidr, new Uint8Array(length).fill(byte)))
}
