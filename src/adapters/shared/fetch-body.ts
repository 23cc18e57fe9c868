// Taking the raw bytes of a Request: within a limit, within a time, and at once where somebody else has taken them before.

import { type Refusal, refuse } from '../../webhook/codes.ts'
import { tooLarge } from '../../webhook/pipeline/body.ts'
import type { BodyBudget } from '../../webhook/receiving/body-budget.ts'
import { noRoom } from '../../webhook/receiving/inflate.ts'
import { aborted } from '../../webhook/receiving/outcome.ts'
import { collector } from './collector.ts'
import { later } from './later.ts'
import type { BodyLimits } from './options.ts'

/** Reads the body, or says why it cannot be had. */
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
  const over = { isOver: false }
  let timer: ReturnType<typeof setTimeout> | undefined
  const deadline = new Promise<Refusal>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, late)
  })
  const result = await Promise.race([readAll(reader, maxBodyBytes, budget, over), deadline])
  over.isOver = true
  clearTimeout(timer)
  if (!(result instanceof Uint8Array)) giveUp(stream, reader)
  return result
}

const ALREADY_PARSED =
  'Something read the body of this request before the webhook route did. Pass the request on unread, without calling text(), json() or formData() on it, or pass on a request.clone() made before.'

/** There is no body, or the runtime is a browser that cannot stream it. */
async function readAtOnce(request: Request, budget: BodyBudget): Promise<Uint8Array | Refusal> {
  const bytes = new Uint8Array(await request.arrayBuffer())
  return budget.reserve(bytes.length) ? bytes : noRoom()
}

async function readAll(
  reader: ReadableStreamDefaultReader<unknown>,
  maxBodyBytes: number,
  budget: BodyBudget,
  over: { readonly isOver: boolean },
): Promise<Uint8Array | Refusal> {
  const gathered = collector(maxBodyBytes, budget)
  try {
    for (let turn = 1; !over.isOver; turn++) {
      const { done, value } = await reader.read()
      if (done) return gathered.bytes
      const refusal = value instanceof Uint8Array ? gathered.add(value) : refuse('body_already_parsed', ALREADY_PARSED)
      if (refusal) return refusal
      if (turn % TURNS_AT_A_STRETCH === 0) await pause()
    }
  } catch {}
  return aborted() // broken off, or nobody waits for it any more
}

/**
 * A stream whose chunks are all at hand, empty ones without end, say, would leave no turn to anything else: not to other requests, and not
 * to the timer of its own deadline.
 */
const TURNS_AT_A_STRETCH = 500

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}

/**
 * The connection is the host's, and some hosts on Node destroy it when a body is cancelled. So the cancel waits until the answer has
 * left; until then nothing more is read, and the stream's own back-pressure holds the sender.
 */
function giveUp(stream: ReadableStream, reader: ReadableStreamDefaultReader): void {
  try {
    reader.releaseLock()
  } catch {} // older runtimes refuse while a read is pending
  later(() => void stream.cancel().catch(() => {}), 1000)
}
