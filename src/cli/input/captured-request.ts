// A request as it was captured somewhere, in whichever form. Every reader in this folder makes one.

import type { HeaderBag } from '../../webhook/pipeline/headers.ts'

/** A delivery to look at. */
export interface CapturedRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly headers: HeaderBag
  /** Bytes; or what a parser made of them, if the capture has nothing else. */
  readonly body: unknown
  /** When it arrived, in Unix seconds, if the capture says so. */
  readonly receivedAt?: number | undefined
}

/** What a reader found: requests, or why there are none. */
export type ReadRequests =
  | { readonly ok: true; readonly requests: readonly CapturedRequest[] }
  | { readonly ok: false; readonly message: string }

export function found(...requests: readonly CapturedRequest[]): ReadRequests {
  return { ok: true, requests }
}

export function notReadable(message: string): ReadRequests {
  return { ok: false, message }
}

/** The UTF-8 bytes of a text. A lone surrogate becomes U+FFFD, as it would on any wire. */
export function encodeText(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
