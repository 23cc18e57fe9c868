// A signature or a timestamp inside the body, at a JSON Pointer.

import { followPointer, readPointer } from '../../shared/json-pointer.ts'
import type { BodyFields } from './content-writer.ts'

/** Finds the signature and the timestamp at these pointers. */
export function bodyFields(pointers: { readonly signature?: string; readonly timestamp?: string }): BodyFields {
  const { signature, timestamp } = pointers
  const [signatureTokens, timestampTokens] = [readPointer(signature), readPointer(timestamp)]
  return Object.freeze({
    signature,
    timestamp,
    read(body: Uint8Array) {
      const document = parseBody(body)
      return { signature: textAt(signatureTokens, document), timestamp: textAt(timestampTokens, document) }
    },
  })
}

/** A body as JSON; undefined if it is none. */
export function parseBody(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return undefined
  }
}

/** Text, or a whole number as text; undefined for anything else. */
export function textAt(tokens: readonly string[] | undefined, document: unknown): string | undefined {
  const value = tokens && followPointer(tokens, document)
  if (typeof value === 'string') return value
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined
}
