// Inflates by DecompressionStream, on any runtime that has it.

import { concatBytes } from '../../shared/bytes.ts'
import { tooLarge } from '../pipeline/body.ts'
import type { BodyBudget } from './body-budget.ts'
import { brokenBody, type Inflated, type Inflater, isBareDeflate, noRoom } from './inflate.ts'

/** gzip and deflate, and br if the runtime knows it. */
export const webInflater: Inflater = /* @__PURE__ */ Object.freeze({
  encodings: () => [...FORMATS].filter(([, format]) => decoderFor(format) !== undefined).map(([encoding]) => encoding),
  async inflate(encoding: string, body: Uint8Array, maxBytes: number, budget: BodyBudget): Promise<Inflated> {
    const decoder = decoderFor(formatOf(encoding, body))
    if (!decoder) return brokenBody()
    const reader = decoder.readable.getReader()
    const step = encoding === 'br' ? BROTLI_STEP : DEFLATE_STEP
    feed(decoder.writable.getWriter(), body, step).catch(() => {}) // the reader rejects as well
    const result = await readAll(reader, maxBytes, budget).catch(brokenBody)
    reader.cancel().catch(() => {})
    return result
  },
})

/** The names that DecompressionStream has for the encodings. */
const FORMATS: ReadonlyMap<string, string> = /* @__PURE__ */ new Map([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['br', 'brotli'],
])

function formatOf(encoding: string, body: Uint8Array): string | undefined {
  if (encoding === 'deflate' && isBareDeflate(body)) return 'deflate-raw'
  return FORMATS.get(encoding)
}

interface Decoder {
  readonly readable: ReadableStream<Uint8Array>
  readonly writable: WritableStream<Uint8Array>
}

/** Runtimes know more formats than TypeScript's types do, and older runtimes have no DecompressionStream. */
function decoderFor(format: string | undefined): Decoder | undefined {
  const { DecompressionStream: Constructor } = globalThis as {
    DecompressionStream?: new (format: string | undefined) => Decoder
  }
  try {
    return Constructor && new Constructor(format)
  } catch {
    return undefined
  }
}

// Some runtimes inflate all that they are given before anything is read. Deflate makes at most a thousand bytes of one, Brotli some millions
// of a few: given this much at a time, no decoder gets far ahead of the limit.
const DEFLATE_STEP = 1024
const BROTLI_STEP = 16

async function feed(writer: WritableStreamDefaultWriter<Uint8Array>, body: Uint8Array, step: number): Promise<void> {
  for (let at = 0; at < body.length; at += step) await writer.write(body.subarray(at, at + step))
  await writer.close()
}

async function readAll(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  maxBytes: number,
  budget: BodyBudget,
): Promise<Inflated> {
  const chunks: Uint8Array[] = []
  let length = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return { ok: true, bytes: concatBytes(chunks) }
    length += value.length
    if (length > maxBytes) return tooLarge(maxBytes)
    if (!budget.reserve(value.length)) return noRoom()
    chunks.push(value)
  }
}
