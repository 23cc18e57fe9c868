// A body that is still compressed, where the sender signed before it compressed.

import { webInflater } from '../../../webhook/receiving/inflate-web.ts'
import { type BodyChange, change } from '../../change.ts'
import type { ReceivedBody } from '../../received-body.ts'

const MAX_INFLATED_BYTES = 1_048_576

/** The body inflated; nothing if it is not compressed, or not in a way that the runtime knows. */
export async function bodyCompressed({ bytes, encoding }: ReceivedBody): Promise<BodyChange[]> {
  const name = formatOf(bytes) ?? (encoding === 'br' ? 'br' : undefined)
  if (name === undefined) return []
  const inflated = await webInflater.inflate(name, bytes, MAX_INFLATED_BYTES, { reserve: () => true })
  if (!inflated.ok) return []
  return [{ ...change('body_compressed', `body: ${name} inflated`), body: inflated.bytes }]
}

/** By the first bytes (RFC 1952 section 2.3.1, RFC 1950 section 2.2), whatever the headers say. */
function formatOf(bytes: Uint8Array): string | undefined {
  const [first = 0, second = 0] = bytes
  if (first === 0x1f && second === 0x8b) return 'gzip'
  return first === 0x78 && (256 * first + second) % 31 === 0 ? 'deflate' : undefined
}
