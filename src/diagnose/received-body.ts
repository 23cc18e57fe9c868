// The body that was received, read once for all checks.

import { type ReadTokens, readTokens } from './json/tokens.ts'

/** The body, and what the headers say about it. */
export interface ReceivedBody {
  readonly bytes: Uint8Array
  /** As text, a byte order mark included. Undefined if it is not UTF-8, or too long to be searched as text. */
  readonly text: string | undefined
  /** The text as JSON. */
  readonly json: ReadTokens
  /** The Content-Encoding in lower case; empty if there is none. */
  readonly encoding: string
}

/** Longer bodies are searched as bytes only. */
const MAX_TEXT_BYTES = 1_048_576

export function readReceivedBody(bytes: Uint8Array, encoding: string): ReceivedBody {
  const text = bytes.length <= MAX_TEXT_BYTES ? decodeText(bytes) : undefined
  const json = text === undefined ? NO_JSON : readTokens(text)
  return { bytes, text, json, encoding }
}

const NO_JSON: ReadTokens = { kind: 'other' }

/** Undefined for bytes that are not UTF-8. */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** A text without half surrogate pairs as UTF-8. */
export function encodeText(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** Undefined for bytes without the byte order mark of UTF-16, or that are not UTF-16. */
export function decodeUtf16(bytes: Uint8Array): string | undefined {
  const mark = 256 * (bytes[0] ?? 0) + (bytes[1] ?? 0)
  if (mark !== 0xfffe && mark !== 0xfeff) return undefined
  try {
    return new TextDecoder(mark === 0xfffe ? 'utf-16le' : 'utf-16be', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
