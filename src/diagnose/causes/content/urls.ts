// The address as the sender knows it, where a proxy, a port or an encoding makes another one of it here.

import { signedHeader, signedUrl } from '../../../webhook/pipeline/request-content.ts'
import { type Change, change } from '../../change.ts'
import { decodePercent } from '../../percent.ts'

/** Another text for the URL that is signed. */
export interface UrlChange extends Change {
  readonly url: string
}

interface Address {
  readonly scheme: string
  readonly host: string
  readonly path: string
  /** With its question mark; empty if there is none. */
  readonly query: string
}

export function* contentUrls(received: string | undefined, headers: unknown): Generator<UrlChange> {
  const address = received !== undefined && readAddress(received, headers)
  if (!address) return
  const { scheme, path, query } = address
  const own = path + query
  const paths = [...otherPaths(address), ...proxiedPaths(address, headers)]
  const hosts = [...otherHosts(address.host, scheme), ...proxiedHosts(headers)]
  const other = scheme === 'http' ? 'https' : 'http'
  const found = (what: string, url: string) => ({ ...change('content_url', `content: URL ${what}`), url })
  yield found(`with ${other}`, `${other}://${address.host}${own}`)
  for (const [what, text] of paths) yield found(what, `${scheme}://${address.host}${text}`)
  for (const [what, host] of hosts) {
    yield found(what, `${scheme}://${host}${own}`)
    yield found(`${what}, and ${other}`, `${other}://${host}${own}`)
  }
  for (const [what, text] of proxiedPaths(address, headers)) {
    yield found(`${what}, and ${other}`, `${other}://${address.host}${text}`)
    for (const [which, host] of proxiedHosts(headers)) {
      yield found(`${what}, ${which}`, `${scheme}://${host}${text}`)
      yield found(`${what}, ${which}, and ${other}`, `${other}://${host}${text}`)
    }
  }
}

/** A path alone is completed as a verifier does it. */
function readAddress(received: string, headers: unknown): Address | undefined {
  const request = { url: received, publicUrl: undefined, bag: headers, body: new Uint8Array() }
  const whole = signedUrl({ ...request, deliveryId: undefined, timestamp: undefined })
  const parts = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)(\?[^#]*)?/i.exec(whole)
  if (!parts || !whole.isWellFormed()) return undefined // a lone surrogate can be neither signed nor encoded
  const [, scheme = '', host = '', path = '', query = ''] = parts
  return { scheme, host, path, query }
}

/** What differs, and the text in its place. */
type Other = readonly [what: string, text: string]

const MOST_PARAMETERS = 8

function* otherPaths({ path, query }: Address): Generator<Other> {
  if (query !== '') yield ['without its query', path]
  const slashed = path.endsWith('/') ? path.slice(0, -1) : `${path}/`
  yield ['with or without the slash at the end of its path', slashed + query]
  const decoded = decodePercent(path + query)
  if (decoded !== path + query) yield ['percent-decoded', decoded]
  const encoded = encodeURI(decoded)
  if (encoded !== path + query) yield ['percent-encoded', encoded]
  const parameters = query.slice(1).split('&')
  if (parameters.length < 2) return
  const count = Math.min(parameters.length, MOST_PARAMETERS)
  for (let without = 0; without < count; without++) {
    const left = parameters.filter((_, at) => at !== without)
    yield [`without parameter ${without + 1} of its query`, `${path}?${left.join('&')}`]
  }
}

function* otherHosts(host: string, scheme: string): Generator<Other> {
  const bare = host.replace(/:\d+$/, '')
  if (bare !== host) yield ['without its port', bare]
  yield ['with its usual port', `${bare}:${scheme === 'http' ? 80 : 443}`]
  if (host.toLowerCase() !== host) yield ['with its host in lower case', host.toLowerCase()]
  if (host.startsWith('www.')) yield ['without www.', host.slice(4)]
  else yield ['with www.', `www.${host}`]
}

/** Where proxies say what the client asked for. RFC 7239 has one header for all of it. */
function* proxiedHosts(headers: unknown): Generator<Other> {
  for (const name of ['x-forwarded-host', 'x-original-host', 'host']) {
    const host = firstValue(name, headers)
    if (host !== undefined) yield [`with the host of ${name}`, host]
  }
  const host = /(?:^|[;,\s])host="?([^";,\s]+)/i.exec(firstValue('forwarded', headers) ?? '')?.[1]
  if (host !== undefined) yield ['with the host of forwarded', host]
}

/** Proxies that cut a prefix off tell the whole path, or the prefix. */
const PATH_HEADERS = ['x-original-uri', 'x-original-url', 'x-forwarded-uri', 'x-rewrite-url', 'x-envoy-original-path']

function* proxiedPaths({ path, query }: Address, headers: unknown): Generator<Other> {
  for (const name of PATH_HEADERS) {
    const text = firstValue(name, headers)?.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '')
    if (text?.startsWith('/') && text !== path + query) yield [`with the path of ${name}`, text]
  }
  const prefix = firstValue('x-forwarded-prefix', headers)?.replace(/\/+$/, '')
  if (prefix?.startsWith('/')) yield ['with the prefix of x-forwarded-prefix', prefix + path + query]
}

/** Of a list, what the first proxy wrote. */
function firstValue(name: string, headers: unknown): string | undefined {
  const value = signedHeader(name, headers)
  if (typeof value !== 'string') return undefined
  const [first = ''] = value.split(',')
  if (first.isWellFormed()) return first.trim() || undefined
  return undefined
}
