// Which addresses a sender may connect to. A URL is vetted before anything is looked up, and every address that its name resolves to before
// anything is connected: one bad address refuses them all.

import { lookup } from 'node:dns/promises'
import { demandKnownNames, invalidOption } from '../../shared/webhook-error.ts'
import { classifyAddress } from './classify.ts'
import { type Block, isInBlock, parseAddress, parseBlock } from './parse.ts'
import { isBadPort } from './ports.ts'

/** An address that a name resolves to. */
export interface ResolvedAddress {
  readonly address: string
  readonly family: 4 | 6
}

/** What {@link addressGuard} takes. All of it widens or narrows the default: https, to public addresses, on any port that is not another protocol's. */
export interface AddressGuardOptions {
  /** Blocks that may be sent to although they are not public, in CIDR notation: `10.1.0.0/16`. None by default. */
  readonly allow?: readonly string[] | undefined
  /** Whether `http:` is allowed beside `https:`; false by default. */
  readonly allowHttp?: boolean | undefined
  /** The only ports that may be sent to. By default all but those that the Fetch standard blocks. */
  readonly ports?: readonly number[] | undefined
  /** Resolves a name to all its addresses; by default the system's resolver does. */
  readonly resolve?: ((hostname: string) => Promise<readonly ResolvedAddress[]>) | undefined
}

/** A URL that may be connected to, as far as can be told before its name is looked up. */
export interface VettedUrl {
  readonly ok: true
  readonly url: URL
  /** The host without brackets: a name, or an address. */
  readonly hostname: string
  /** Whether the host is an address, which is judged already. */
  readonly isAddress: boolean
}

/** The addresses of a name, all of them vetted. */
export interface VettedAddresses {
  readonly ok: true
  readonly addresses: readonly ResolvedAddress[]
}

/** Why a URL or a name is refused. No sentence repeats the URL: it may hold a password or a token. */
export interface RefusedAddress {
  readonly ok: false
  readonly reason: 'url_refused' | 'address_refused' | 'dns_error' | 'own_fault'
  readonly message: string
}

/** A policy of what may be connected to. */
export interface AddressGuard {
  /** Judges a URL before anything is looked up. Never throws. */
  checkUrl(url: string): VettedUrl | RefusedAddress
  /** Resolves a name and judges every address. Never rejects. */
  resolve(hostname: string): Promise<VettedAddresses | RefusedAddress>
  /** Judges the address at the other end of a socket. */
  allowsAddress(address: string | undefined): boolean
}

const OPTION_NAMES = ['allow', 'allowHttp', 'ports', 'resolve']

/**
 * Makes a guard against requests that reach inside your own network (server-side request forgery).
 *
 * @param options What is allowed beyond public addresses by https.
 * @returns A frozen guard, for the `guard` option of a sender.
 * @throws {WebhookError} `invalid_option` for an unknown name, a block that is not CIDR, or a port that is none.
 * @see {@link https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html}
 *
 * @example
 * ```ts
 * const guard = addressGuard({ allow: ['10.20.0.0/16'], ports: [443, 8443] })
 * guard.checkUrl('https://169.254.169.254/latest/meta-data') // { ok: false, reason: 'address_refused', … }
 * ```
 */
export function addressGuard(options: AddressGuardOptions = {}): AddressGuard {
  const { allowed, allowHttp, ports, resolve } = readOptions(options)

  const isListed = (bytes: Uint8Array): boolean => allowed.some((block) => isInBlock(bytes, block))
  const allows = (address: string): boolean => {
    const bytes = parseAddress(address)
    return bytes !== undefined && (isListed(unmap(bytes)) || classifyAddress(address).allowed)
  }

  /** A local name is only good for addresses in the allowed blocks. Without such blocks there is nothing to look up. */
  const isUseless = (hostname: string): boolean => allowed.length === 0 && isLocalName(hostname)

  function checkUrl(text: string): VettedUrl | RefusedAddress {
    const url = readUrl(text)
    if (!url) return refuse('url_refused', 'The URL cannot be read.')
    const fault = schemeFault(url, allowHttp) ?? portFault(url, ports)
    if (fault) return refuse('url_refused', fault)
    const hostname = url.hostname.replace(/^\[|\]$/g, '')
    const isAddress = parseAddress(hostname) !== undefined
    if (isAddress && !allows(hostname)) return refuse('address_refused', describe(hostname))
    if (!isAddress && !isName(hostname)) return refuse('url_refused', 'The host cannot be a name.')
    if (!isAddress && isUseless(hostname)) return refuse('address_refused', LOCAL_NAME)
    return { ok: true, url, hostname, isAddress }
  }

  async function resolveName(hostname: string): Promise<VettedAddresses | RefusedAddress> {
    if (isUseless(hostname)) return refuse('address_refused', LOCAL_NAME)
    const answer = await ask(resolve, hostname)
    if (!answer.ok) return answer
    const refused = answer.addresses.find(({ address }) => !allows(address))
    if (refused) return refuse('address_refused', describe(refused.address))
    const isStray = answer.addresses.some(({ address }) => !isListed(unmap(parseAddress(address) as Uint8Array)))
    if (isStray && isLocalName(hostname)) return refuse('address_refused', LOCAL_NAME)
    return answer
  }

  return Object.freeze({
    checkUrl,
    resolve: resolveName,
    allowsAddress: (address: string | undefined) => typeof address === 'string' && allows(address),
  })
}

interface Policy {
  readonly allowed: readonly Block[]
  readonly allowHttp: boolean
  readonly ports: ReadonlySet<number> | undefined
  readonly resolve: (hostname: string) => Promise<readonly ResolvedAddress[]>
}

function readOptions(options: AddressGuardOptions): Policy {
  if (typeof options !== 'object' || options === null) throw invalidOption('options', 'an object')
  demandKnownNames(options, OPTION_NAMES)
  const { allow = [], allowHttp = false, ports, resolve = systemResolve } = options
  if (!Array.isArray(allow)) throw invalidOption('allow', 'a list of blocks in CIDR notation')
  if (typeof allowHttp !== 'boolean') throw invalidOption('allowHttp', 'true or false')
  if (typeof resolve !== 'function') throw invalidOption('resolve', 'a function that resolves to a list of addresses')
  return { allowed: Array.from(allow, readBlock), allowHttp, ports: readPorts(ports), resolve }
}

function readBlock(text: unknown, at: number): Block {
  const block = typeof text === 'string' ? parseBlock(text) : undefined
  if (!block) throw invalidOption('allow', 'a block such as 10.0.0.0/8 or fd00::/8', `allow[${at}]`)
  const bytes = unmap(block.bytes)
  return { bytes, prefix: block.prefix - 8 * (block.bytes.length - bytes.length) }
}

function readPorts(ports: readonly number[] | undefined): ReadonlySet<number> | undefined {
  if (ports === undefined) return undefined
  const isPort = (port: unknown): boolean =>
    Number.isInteger(port) && (port as number) >= 1 && (port as number) <= 65_535
  if (!Array.isArray(ports) || ports.length === 0 || !ports.every(isPort)) {
    throw invalidOption('ports', 'a list of ports from 1 to 65535')
  }
  return new Set(ports)
}

async function systemResolve(hostname: string): Promise<readonly ResolvedAddress[]> {
  return (await lookup(hostname, { all: true, verbatim: true })) as ResolvedAddress[]
}

/** The URL parser of the platform, once: what it read is what is connected to, never the text. */
function readUrl(text: unknown): URL | undefined {
  if (typeof text !== 'string') return undefined
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}

function schemeFault({ protocol, username, password }: URL, allowHttp: boolean): string | undefined {
  if (protocol !== 'https:' && !(allowHttp && protocol === 'http:')) return 'The URL must begin with https.'
  return username === '' && password === '' ? undefined : 'The URL must not hold a user name or a password.'
}

function portFault({ protocol, port }: URL, ports: ReadonlySet<number> | undefined): string | undefined {
  const usual = protocol === 'http:' ? 80 : 443
  const number = port === '' ? usual : Number(port)
  if (isBadPort(number)) return 'The port belongs to another protocol.'
  return ports && !ports.has(number) ? 'The port is not one of those that are allowed.' : undefined
}

/** Names that only mean something on one machine or one network: without a dot, with one at the end, or under a local domain. */
function isLocalName(hostname: string): boolean {
  if (parseAddress(hostname)) return false
  return !hostname.includes('.') || /\.$|\.(?:local|localhost|internal|lan|home|home\.arpa)$/i.test(hostname)
}

const LOCAL_NAME = 'The name is one of a local network.'

/** Whether a host has the form of a name: labels of 1 to 63 characters, 253 in all. The system's resolver fails on anything else. */
function isName(hostname: string): boolean {
  return hostname.replace(/\.$/, '').length <= 253 && /^(?:[^.]{1,63}\.)*[^.]{1,63}\.?$/.test(hostname)
}

async function ask(resolve: Policy['resolve'], hostname: string): Promise<VettedAddresses | RefusedAddress> {
  try {
    const addresses = copyAddresses(await resolve(hostname))
    return addresses.length > 0 ? { ok: true, addresses } : refuse('dns_error', 'The name has no address.')
  } catch (error) {
    const isUnknown = /^(?:ENOTFOUND|ENODATA)$/.test(String((error as { code?: unknown } | null)?.code))
    if (isUnknown) return refuse('dns_error', 'The name has no address.')
    return refuse('own_fault', 'The name could not be looked up.')
  }
}

/** The addresses as they are now: what is judged is what is given back. Throws if the resolver gave something else. */
function copyAddresses(list: readonly ResolvedAddress[]): ResolvedAddress[] {
  if (!Array.isArray(list)) throw new TypeError('The resolver gave no list.')
  return Array.from(list as readonly ResolvedAddress[], ({ address }) => {
    if (typeof address !== 'string') throw new TypeError('The resolver gave something that is not an address.')
    return { address, family: address.includes(':') ? 6 : 4 }
  })
}

/** An IPv4-mapped address as the IPv4 address that it is, so that an allowed block of IPv4 covers it. */
function unmap(bytes: Uint8Array): Uint8Array {
  const isMapped = bytes.length === 16 && isInBlock(bytes, MAPPED)
  return isMapped ? bytes.subarray(12) : bytes
}

const MAPPED = /* @__PURE__ */ Object.freeze(parseBlock('::ffff:0:0/96') as Block)

function describe(address: string): string {
  const { block, rfc } = classifyAddress(address)
  if (rfc === undefined) return 'The name resolves to something that is not an IP address.'
  return `The address is in ${block}.`
}

function refuse(reason: RefusedAddress['reason'], message: string): RefusedAddress {
  return { ok: false, reason, message }
}
