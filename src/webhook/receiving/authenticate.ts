// Authenticates a request: first it checks all that needs neither secret nor body, then it finds the secrets, then it reads the body and
// checks the signature. If the headers or the timestamp are refused, no secret is looked up and no byte of the body is read.

import { type Refusal, refuse } from '../codes.ts'
import { type ReadBody, readBody } from '../pipeline/body.ts'
import type { Checks } from '../pipeline/checks.ts'
import type { RequestTarget } from '../pipeline/content-writer.ts'
import { inspect, inspectUnread, judge } from '../pipeline/sequence.ts'
import type { Unproven } from '../pipeline/verdict.ts'
import type { ProofEngine } from '../proof/engine.ts'
import type { WebhookReceiverOptions } from '../receiver-options.ts'
import type { VerifiedDelivery } from '../verified-delivery.ts'
import type { BodyBudget } from './body-budget.ts'
import type { Inflater } from './inflate.ts'
import { type FindKeys, type KeyRing, keyRingOf } from './key-ring.ts'
import { aborted, type ReportDetails } from './outcome.ts'
import type { Abortable, ReceiveInput } from './receiver-contract.ts'
import type { ReceiverSettings } from './settings.ts'

/** What a receiver needs of its runtime. */
export interface ReceiverEngine<ImportedKey> {
  readonly proof: ProofEngine<ImportedKey>
  readonly inflater: Inflater
}

/** A delivery that is genuine. */
export interface Authenticated<ImportedKey> {
  readonly ok: true
  readonly code: 'ok'
  readonly delivery: VerifiedDelivery
  /** What the delivery was checked with, and the namespace that it is remembered in. */
  readonly ring: KeyRing<ImportedKey>
  /** What was checked. */
  readonly unproven: Unproven
  readonly target: RequestTarget
}

/** What is the same for all requests of a receiver. */
export interface Authenticator<ImportedKey> {
  readonly engine: ReceiverEngine<ImportedKey>
  readonly checks: Checks
  readonly findKeys: FindKeys<ImportedKey>
  readonly publicUrl: string | undefined
}

/** @throws {WebhookError} `invalid_secret` if fixed secrets cannot be used. */
export function authenticatorOf<ImportedKey>(
  engine: ReceiverEngine<ImportedKey>,
  options: WebhookReceiverOptions,
  settings: ReceiverSettings,
): Authenticator<ImportedKey> {
  const { checks, inflate, publicUrl } = settings
  return {
    engine,
    checks: inflate ? { ...checks, encodings: engine.inflater.encodings() } : checks,
    findKeys: keyRingOf(engine.proof, options, settings),
    publicUrl,
  }
}

/** What belongs to one request beside its input. */
export interface RequestContext {
  readonly signal: Abortable | undefined
  readonly budget: BodyBudget
  readonly details: ReportDetails
}

export async function authenticate<ImportedKey>(
  { engine, checks, findKeys, publicUrl }: Authenticator<ImportedKey>,
  input: ReceiveInput,
  context: RequestContext,
): Promise<Authenticated<ImportedKey> | Refusal> {
  const { method, url, headers, body } = input
  const { maxBodyBytes } = checks
  if (method !== undefined && method !== 'POST') return refuse('method_not_allowed', 'Deliveries are sent by POST.')
  const inspected = typeof body === 'function' ? inspectUnread(checks, headers) : inspect(checks, headers, body)
  if (!inspected.ok) return inspected
  const { head, time } = inspected

  const found = findKeys({ headers: head.bag, method, url }, context.details)
  const ring = found instanceof Promise ? await found : found
  if (!ring) return refuse('missing_secret', 'No webhook secret is configured for this delivery.')

  let bytes = inspected.body
  if (bytes === undefined) {
    const received = await receiveBody(body as BodyReader, maxBodyBytes, context)
    if (!received.ok) return received
    bytes = received.bytes
  }
  if (context.signal?.aborted) return aborted()
  if (head.encoding !== undefined) {
    const compressed: CompressedBody = { encoding: head.encoding, bytes, isInflated: input.isInflated }
    const inflated = await inflateBody(engine.inflater, compressed, maxBodyBytes, context.budget)
    if (!inflated.ok) return inflated
    bytes = inflated.bytes
  }

  const unproven: Unproven = { ok: true, head, time, body: bytes }
  const target = { method, url, publicUrl }
  const verdict = await judge(engine.proof, checks, unproven, ring, target)
  return verdict.ok ? { ok: true, code: 'ok', delivery: verdict.delivery, ring, unproven, target } : verdict
}

type BodyReader = Extract<ReceiveInput['body'], (...given: never[]) => unknown>

/** Reads a body that is still to come. */
async function receiveBody(
  read: BodyReader,
  maxBodyBytes: number,
  { budget, details }: RequestContext,
): Promise<BodyOrRefusal> {
  let body: unknown
  try {
    body = await read(maxBodyBytes, budget)
  } catch (error) {
    details.error = error
    return aborted()
  }
  return isRefusal(body) ? body : readBody(body, maxBodyBytes)
}

/** Bytes that a step has, or why it has none: adapters and inflaters have refusals of their own. */
type BodyOrRefusal = Extract<ReadBody, { ok: true }> | Refusal

/** A body with a Content-Encoding. */
interface CompressedBody {
  readonly encoding: string
  readonly bytes: Uint8Array
  readonly isInflated: ReceiveInput['isInflated']
}

/** Inflates a body that was signed before it was compressed, unless somebody has done so already. */
async function inflateBody(
  inflater: Inflater,
  { encoding, bytes, isInflated }: CompressedBody,
  maxBodyBytes: number,
  budget: BodyBudget,
): Promise<BodyOrRefusal> {
  const asReceived = { ok: true, bytes } as const
  if (isInflated === true) return asReceived
  const inflated = await inflater.inflate(encoding, bytes, maxBodyBytes, budget)
  if (inflated.ok) return inflated
  // A parser may have kept the bytes inflated already, and then they are not what their Content-Encoding says.
  return isInflated === 'unknown' && inflated.code === 'invalid_body' ? asReceived : inflated
}

/** Readers of bodies and inflaters answer with bytes or a refusal. A body that was passed in is never tested: it may look like one. */
function isRefusal(answer: unknown): answer is Refusal {
  return typeof answer === 'object' && answer !== null && 'ok' in answer && answer.ok === false
}
