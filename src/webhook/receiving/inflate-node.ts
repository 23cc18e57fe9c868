// Inflates by node:zlib, off the main thread. No other file here imports it.

import * as zlib from 'node:zlib'
import { tooLarge } from '../pipeline/body.ts'
import type { BodyBudget } from './body-budget.ts'
import { brokenBody, type Inflated, type Inflater, isBareDeflate, noRoom } from './inflate.ts'

/** gzip (RFC 1952), deflate (RFC 1950, and the bare RFC 1951 that some senders write) and br (RFC 7932). */
export const nodeInflater: Inflater = /* @__PURE__ */ Object.freeze({
  encodings: () => ['gzip', 'x-gzip', 'deflate', 'br'],
  inflate(encoding: string, body: Uint8Array, maxBytes: number, budget: BodyBudget): Promise<Inflated> {
    return new Promise((resolve) => {
      const stream = decoderOf(encoding, body)
      const chunks: Uint8Array[] = []
      let length = 0
      function settle(result: Inflated): void {
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
      function onEnd(): void {
        // zlib ignores anything after the end of the compressed data; no sender signs such a body.
        const isComplete = stream.bytesWritten === body.length
        settle(isComplete ? { ok: true, bytes: joined(chunks, length) } : brokenBody())
      }
      stream.on('data', onData)
      stream.on('error', () => settle(brokenBody()))
      stream.on('end', onEnd)
      stream.end(body)
    })
  },
})

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = chunks
  return first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks, length)
}

function decoderOf(encoding: string, body: Uint8Array): zlib.Gunzip | zlib.Inflate | zlib.BrotliDecompress {
  if (encoding === 'br') return zlib.createBrotliDecompress()
  if (encoding !== 'deflate') return zlib.createGunzip()
  return isBareDeflate(body) ? zlib.createInflateRaw() : zlib.createInflate()
}
