// Inflating by node:zlib, off the main thread. The one file of this room that touches it.

import * as zlib from 'node:zlib'
import type { Refusal } from '../codes.ts'
import { tooLarge } from '../pipeline/body.ts'
import type { BodyBudget } from './body-budget.ts'
import { brokenBody, type Inflater, noRoom } from './inflate.ts'

/** gzip (RFC 1952), deflate (RFC 1950, and the bare RFC 1951 that some senders write) and br (RFC 7932). */
export const nodeInflater: Inflater = /* @__PURE__ */ Object.freeze({
  encodings: () => ['gzip', 'x-gzip', 'deflate', 'br'],
  inflate(encoding: string, body: Uint8Array, maxBytes: number, budget: BodyBudget): Promise<Uint8Array | Refusal> {
    return new Promise((resolve) => {
      const stream = decoderOf(encoding, body)
      const chunks: Uint8Array[] = []
      let length = 0
      function settle(result: Uint8Array | Refusal): void {
        stream.off('data', onData)
        stream.destroy()
        resolve(result)
      }
      function onData(chunk: Uint8Array): void {
        length += chunk.length
        if (length > maxBytes) settle(tooLarge(maxBytes))
        else if (budget.reserve(chunk.length)) chunks.push(chunk)
        else settle(noRoom())
      }
      stream.on('data', onData)
      stream.on('error', () => settle(brokenBody()))
      // What stands behind the end of the compressed data is passed over by zlib; nobody signed that there may be any.
      stream.on('end', () => settle(stream.bytesWritten === body.length ? joined(chunks, length) : brokenBody()))
      stream.end(body)
    })
  },
})

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks, length)
}

function decoderOf(encoding: string, body: Uint8Array): zlib.Gunzip | zlib.Inflate | zlib.BrotliDecompress {
  if (encoding === 'br') return zlib.createBrotliDecompress()
  if (encoding !== 'deflate') return zlib.createGunzip()
  // RFC 1950 section 2.2: the low half of the first byte is 8. Bare data begins so only by chance, with a stored block (RFC 1951 section
  // 3.2.4) whose padding is not zero; nobody writes that.
  return ((body[0] ?? 0) & 15) === 8 ? zlib.createInflate() : zlib.createInflateRaw()
}
