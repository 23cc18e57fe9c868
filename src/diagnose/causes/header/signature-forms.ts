// A signature that is written in another way than the scheme's: in another encoding, or in a header that something on its way has changed.

import { decodeBase64Loosely, decodeHex } from '../../../shared/encoding.ts'
import type { WebhookScheme } from '../../../webhook/schemes/scheme.ts'
import { MAX_CANDIDATES } from '../../../webhook/schemes/signature-format.ts'
import { type Change, change, type Received } from '../../change.ts'
import type { FindingCode } from '../../finding.ts'
import { decodePercent } from '../../percent.ts'

/** Longer headers are not searched. */
const MAX_HEADER = 4096

/** All signatures that can be made out in a header: those that the scheme reads first. */
export function readSignatures(header: string, scheme: WebhookScheme, isRepeated: boolean): Received[] {
  const strict = readStrictly(header, scheme)
  if (header.length > MAX_HEADER) return strict
  const parts = header.split(', ')
  const repeated = isRepeated
    ? undefined
    : change('signature_header', 'signature: two headers, joined by a comma, taken apart')
  const apart = parts.length > 1 ? parts.flatMap((part) => readStrictly(part, scheme, repeated)) : []
  const mended = mendedTexts(header).flatMap(({ text, ...mend }) => readStrictly(text, scheme, mend))
  return distinct([...strict, ...readOtherLengths(header, scheme), ...apart, ...mended, ...readLoosely(header)])
}

function readStrictly(header: string, { signature, proof }: WebhookScheme, change?: Change): Received[] {
  const read = signature.read(header, proof.length)
  const all = [...(read?.candidates ?? []), ...(read?.publicCandidates ?? [])]
  return all.map((bytes) => ({ bytes, change }))
}

/** In the scheme's own form, but of another length: that of another hash, or of a signature that was cut. */
function readOtherLengths(header: string, { signature, proof }: WebhookScheme): Received[] {
  if (!proof.algorithm.startsWith('hmac')) return []
  const read = signature.read(header, { least: LEAST_BYTES, most: LONGEST_MAC_BYTES })
  return (read?.candidates ?? []).map((bytes) => ({ bytes, change: undefined }))
}

interface Mended extends Change {
  readonly text: string
}

/** The header as it may have been before something changed it. */
function mendedTexts(header: string): Mended[] {
  const mended = (code: FindingCode, what: string, text: string): Mended[] =>
    text === header ? [] : [{ ...change(code, `signature: ${what}`), text }]
  return [
    ...mended('signature_header', 'white space removed around it', header.trim()),
    ...mended('signature_header', 'white space removed inside it', header.replace(/\s+/g, '')),
    ...mended('signature_header', 'quotation marks removed', header.replace(/["']/g, '')),
    ...mended('signature_header', 'percent-decoded', decodePercent(header)),
    ...mended('signature_encoding', 'doubled prefix removed', header.replace(/^([a-z0-9]+[=,:]\s*)\1+/i, '$1')),
    ...mended('signature_encoding', 'in lower case', header.toLowerCase()),
    ...mended('signature_encoding', '0x removed', header.replace(/0x(?=[0-9a-f]{16})/gi, '')),
  ]
}

/** Whatever looks like the bytes of a signature, wherever it stands. */
function readLoosely(header: string): Received[] {
  const text = decodePercent(header).replace(/["'\s]+/g, ' ')
  const tokens = text.split(/[\s,;]+/).flatMap((token) => [token, token.replace(/^[\w-]{1,16}[=:]/, '')])
  const received = tokens.slice(0, 4 * MAX_CANDIDATES).flatMap(decodeToken)
  const folded = header.replace(/\s+/g, '')
  return [...received, ...decodeToken(folded.replace(/^[\w-]{1,16}[=:,]/, ''))]
}

const ENCODING = 'signature_encoding'

function decodeToken(token: string): Received[] {
  const received: Received[] = []
  const add = (what: string, bytes: Uint8Array | undefined): void => {
    if (bytes && bytes.length >= LEAST_BYTES && bytes.length <= MOST_BYTES) {
      received.push({ bytes, change: change(ENCODING, `signature: read as ${what}`) })
    }
  }
  const digits = token.replace(/^0x/i, '')
  add('hexadecimal', decodeHex(digits, 'any case'))
  add(
    'hexadecimal, its last digit dropped',
    digits.length % 2 === 1 ? decodeHex(digits.slice(0, -1), 'any case') : undefined,
  )
  add('base64', decodeBase64Loosely(token))
  // A signature that was cut is still a sign of itself.
  const whole = token.replace(/=+$/, '')
  add('base64, its last digit dropped', whole.length % 4 === 1 ? decodeBase64Loosely(whole.slice(0, -1)) : undefined)
  return received.flatMap((each) => [each, ...doublyEncoded(each)])
}

/** Hexadecimal or base64 that was encoded in base64 once more. */
function doublyEncoded({ bytes }: Received): Received[] {
  if (bytes.length < 2 * LEAST_BYTES || bytes.some((byte) => byte > 0x7f)) return []
  const text = new TextDecoder().decode(bytes)
  const inner = decodeHex(text, 'any case') ?? decodeBase64Loosely(text)
  const isSignature = inner && inner.length >= LEAST_BYTES && inner.length <= MOST_BYTES
  return isSignature ? [{ bytes: inner, change: change(ENCODING, 'signature: encoded twice, decoded twice') }] : []
}

/** From the beginning of a signature that was cut, to RSA with 4,096 bits. */
const LEAST_BYTES = 8
const MOST_BYTES = 512
const LONGEST_MAC_BYTES = 64

function distinct(received: readonly Received[]): Received[] {
  const seen = new Set<string>()
  return received.filter(({ bytes }) => {
    const key = bytes.join()
    return !seen.has(key) && seen.add(key).size > 0
  })
}
