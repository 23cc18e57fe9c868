// Inflating by DecompressionStream (Compression Streams), wherever there is one. Nothing here is of Node.

import type { Refusal } from '../codes.ts'
import { tooLarge } from '../pipeline/body.ts'
import type { BodyBudget } from './body-budget.ts'
import { brokenBody, type Inflater, noRoom } from './inflate.ts'

/** gzip and deflate, and br where the runtime knows it. */
export const webInflater: Inflater = /* @__PURE__ */ Object.freeze({
  encodings: () => Object.keys(FORMATS).filter((encoding) => decoderOf(formatOf(encoding)) !== undefined),
  async inflate(
    encoding: string,
    body: Uint8Array,
    maxBytes: number,
    budget: BodyBudget,
  ): Promise<Uint8Array | Refusal> {
    const isBare = encoding === 'deflate' && ((body[0] ?? 0) & 15) !== 8 // as in inflate-node.ts
    const decoder = decoderOf(isBare ? 'deflate-raw' : formatOf(encoding))
    if (!decoder) return brokenBody()
    const reader = decoder.readable.getReader()
    feed(decoder.writable.getWriter(), body, encoding === 'br' ? 16 : 1024).catch(() => {}) // which the reader is told too
    const result = await readAll(reader, maxBytes, budget).catch(brokenBody)
    reader.cancel().catch(() => {})
    return result
  },
})

const FORMATS: Readonly<Record<string, string>> = { gzip: 'gzip', 'x-gzip': 'gzip', deflate: 'deflate', br: 'brotli' }

function formatOf(encoding: string): string {
  return FORMATS[encoding] as string
}

interface Decoder {
  readonly readable: ReadableStream<Uint8Array>
  readonly writable: WritableStream<Uint8Array>
}

/** The types know fewer formats than runtimes do, and older runtimes know none. */
function decoderOf(format: string): Decoder | undefined {
  const { DecompressionStream: Constructor } = globalThis as {
    DecompressionStream?: new (format: string) => Decoder
  }
  try {
    return Constructor && new Constructor(format)
  } catch {
    return undefined
  }
}

/**
 * Some runtimes inflate all that they were given before anybody reads of it. Deflate makes a thousand bytes of one at most, Brotli some
 * millions of a few: given a little at a time, no decoder is ever far ahead of the limit.
 */
async function feed(writer: WritableStreamDefaultWriter<Uint8Array>, body: Uint8Array, size: number): Promise<void> {
  for (let at = 0; at < body.length; at += size) await writer.write(body.subarray(at, at + size))
  await writer.close()
}

async function readAll(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  maxBytes: number,
  budget: BodyBudget,
): Promise<Uint8Array | Refusal> {
  const chunks: Uint8Array[] = []
  let length = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    length += value.length
    if (length > maxBytes) return tooLarge(maxBytes)
    if (!budget.reserve(value.length)) return noRoom()
    chunks.push(value)
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}
