// The bodies that may have been signed, each once.

import { bodyChanges } from '../causes/body/index.ts'
import type { Change } from '../change.ts'
import type { ReceivedBody } from '../received-body.ts'

export interface BodyChoice {
  readonly bytes: Uint8Array
  readonly change: Change | undefined
}

/** The body as it was received. */
export function ownBody({ bytes }: ReceivedBody): BodyChoice {
  return { bytes, change: undefined }
}

/** The bodies that it may have been, without those that come out the same. */
export async function* otherBodies(received: ReceivedBody): AsyncGenerator<BodyChoice> {
  const seen = new Set([fingerprint(received.bytes)])
  for await (const { body, ...change } of bodyChanges(received)) {
    const print = fingerprint(body)
    if (seen.has(print)) continue
    seen.add(print)
    yield { bytes: body, change }
  }
}

/** Two FNV-1a hashes, from different starts. Whoever makes two bodies with the same print hides a cause from himself. */
function fingerprint(bytes: Uint8Array): string {
  let one = 0x811c9dc5
  let other = 0x9dc5811c
  for (const byte of bytes) {
    one = Math.imul(one ^ byte, 0x01000193)
    other = Math.imul(other ^ (byte + 1), 0x01000193)
  }
  return `${bytes.length} ${one} ${other}`
}
