// Step 3, body: its bytes, within the limit.

import { utf8 } from '../../shared/utf8.ts'
import { type Refusal, refuse } from '../codes.ts'

/** A body as received: bytes, or text that stands for its UTF-8 bytes. */
export type WebhookBody = string | Uint8Array | ArrayBuffer | ArrayBufferView

/** 256 KiB, as in the Fluxora contract. */
export const DEFAULT_MAX_BODY_BYTES = 262_144

/** The bytes of a body, or why there are none. */
export type ReadBody =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | Refusal<'payload_too_large' | 'invalid_body' | 'body_already_parsed'>

/** Reads a body that is at hand, whatever it is. */
export function readBody(body: unknown, maxBodyBytes: number): ReadBody {
  // UTF-8 never has fewer bytes than UTF-16 has units, so text beyond the limit is refused without encoding it.
  if (typeof body === 'string' && body.length > maxBodyBytes) return tooLarge(maxBodyBytes)
  const bytes = toBytes(body)
  if (!bytes) return refuseUnreadable(body)
  if (bytes.length > maxBodyBytes) return tooLarge(maxBodyBytes)
  return { ok: true, bytes }
}

function refuseUnreadable(body: unknown): Refusal<'invalid_body' | 'body_already_parsed'> {
  if (typeof body === 'string') {
    return refuse('invalid_body', 'The body is text with a lone surrogate, which has no UTF-8 form.')
  }
  if (body === undefined) {
    return refuse('body_already_parsed', 'No body was given. Pass the raw bytes of the request as `body`.')
  }
  return refuse(
    'body_already_parsed',
    'The body must be the raw bytes of the request: verify before any body parser runs.',
  )
}

export function tooLarge(maxBodyBytes: number): Refusal<'payload_too_large'> {
  return refuse('payload_too_large', `The body is larger than ${maxBodyBytes} bytes.`)
}

/** The bytes that a body stands for; undefined for ill-formed text, and for anything that is neither bytes nor text. */
export function toBytes(body: unknown): Uint8Array | undefined {
  if (typeof body === 'string') return utf8(body)
  try {
    if (ArrayBuffer.isView(body)) return unshared(asBytes(body)) // only a real view: `instanceof` also accepts a proxy over one
    if (body instanceof ArrayBuffer) return new Uint8Array(body)
  } catch {
    // a buffer that was transferred away, or a proxy whose traps throw
  }
  return undefined
}

function asBytes(view: ArrayBufferView): Uint8Array {
  if (view instanceof Uint8Array) return view
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
}

/** Memory shared with another thread could change between the check and the use, so it is copied. (A Buffer's slice() would not copy it.) */
function unshared(bytes: Uint8Array): Uint8Array {
  if (bytes.buffer instanceof ArrayBuffer) return bytes
  return new Uint8Array(bytes)
}
