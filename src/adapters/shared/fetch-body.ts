// Reads the raw bytes of a Request, within a size and a time limit. If something else has read them already, it says so at once.

import { type Refusal, refuse } from '../../webhook/codes.ts'
import { tooLarge } from '../../webhook/pipeline/body.ts'
import type { BodyBudget } from '../../webhook/receiving/body-budget.ts'
import { noRoom } from '../../webhook/receiving/inflate.ts'
import { aborted } from '../../webhook/receiving/outcome.ts'
import { collector } from './collector.ts'
import type { BodyLimits } from './options.ts'
import { setUnrefTimeout } from './unref-timeout.ts'

/** Reads the body, or says why it cannot be read. */
export async function readFetchBody(
  request: Request,
  { maxBodyBytes, timeoutMs }: BodyLimits,
  budget: BodyBudget,
): Promise<Uint8Array | Refusal> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBodyBytes) return tooLarge(maxBodyBytes)
  if (request.bodyUsed || request.body?.locked) return refuse('body_already_parsed', ALREADY_PARSED)
  if (!request.body) return readAtOnce(request, budget)
  const stream = request.body
  const reader = stream.getReader()
  const late = refuse('body_timeout', `The body did not arrive within ${timeoutMs / 1000} seconds.`)
  const deadline = { hasPassed: false }
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<Refusal>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, late)
  })
  const result = await Promise.race([readAll(reader, maxBodyBytes, budget, deadline), timeout])
  deadline.hasPassed = true
  clearTimeout(timer)
  if (!(result instanceof Uint8Array)) giveUp(stream, reader)
  return result
}

const ALREADY_PARSED =
  'Something read the body of this request before the webhook route did. Pass the request on without calling text(), json() or formData() on it, or pass on a request.clone() that was made before.'

/** For a request without a body, and for browsers, which cannot stream it. */
async function readAtOnce(request: Request, budget: BodyBudget): Promise<Uint8Array | Refusal> {
  const bytes = new Uint8Array(await request.arrayBuffer())
  return budget.reserve(bytes.length) ? bytes : noRoom()
}

async function readAll(
  reader: ReadableStreamDefaultReader<unknown>,
  maxBodyBytes: number,
  budget: BodyBudget,
  deadline: { readonly hasPassed: boolean },
): Promise<Uint8Array | Refusal> {
  const collected = collector(maxBodyBytes, budget)
  try {
    for (let reads = 1; !deadline.hasPassed; reads++) {
      const { done, value } = await reader.read()
      if (done) return collected.bytes
      if (!(value instanceof Uint8Array)) return refuse('body_already_parsed', ALREADY_PARSED)
      const refusal = collected.add(value)
      if (refusal) return refusal
      if (reads % READS_PER_TURN === 0) await nextTurn()
    }
  } catch {}
  return aborted() // the sender broke off, or the deadline has passed and nobody waits for this result
}

/**
 * Reads between two turns of the event loop. A stream that always has a chunk ready, such as endless empty ones, would otherwise block all
 * other requests, and the timer of its own deadline.
 */
const READS_PER_TURN = 500

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}

/**
 * Cancels the body after the answer has left, because some hosts on Node destroy the connection when a body is cancelled. Until then
 * nothing more is read, and the stream's back-pressure stops the sender.
 */
function giveUp(stream: ReadableStream, reader: ReadableStreamDefaultReader): void {
  try {
    reader.releaseLock()
  } catch {} // older runtimes throw while a read is pending
  setUnrefTimeout(() => void stream.cancel().catch(() => {}), 1000)
}
