// From a request to a verdict on its signature: method, headers, time, then the keys, then the body. Nothing is looked up and no byte is
// read for a request whose headers or timestamp are already refused.

import { type Refusal, refuse } from '../codes.ts'
import { type Checks, checkBody, checkHead, checkTime, conclude, isRefusal, toProve } from '../pipeline/checks.ts'
import { all, type MacEngine } from '../proof/engine.ts'
import type { WebhookReceiverOptions } from '../receiver-options.ts'
import type { VerifiedDelivery } from '../verified-delivery.ts'
import type { BodyBudget } from './body-budget.ts'
import type { Inflater } from './inflate.ts'
import { type FindKeys, keyRingOf } from './key-ring.ts'
import { aborted, type ReportDetails as Notes } from './outcome.ts'
import type { Abortable, ReceiveInput } from './receiver-contract.ts'
import type { ReceiverSettings } from './settings.ts'

/** What a receiver needs of its runtime. */
export interface ReceiverEngine<ImportedKey> {
  readonly mac: MacEngine<ImportedKey>
  readonly inflater: Inflater
}

/** A delivery that is genuine, and the namespace that it is remembered under. */
export interface Authenticated {
  readonly ok: true
  readonly delivery: VerifiedDelivery
  readonly namespace: string
}

/** What is the same for all requests of a receiver. */
export interface Authenticator<ImportedKey> {
  readonly engine: ReceiverEngine<ImportedKey>
  readonly checks: Checks
  readonly findKeys: FindKeys<ImportedKey>
}

/** @throws {WebhookError} `invalid_secret` where fixed secrets cannot be used */
export function authenticatorOf<ImportedKey>(
  engine: ReceiverEngine<ImportedKey>,
  options: WebhookReceiverOptions,
  settings: ReceiverSettings,
): Authenticator<ImportedKey> {
  const { checks, inflate } = settings
  return {
    engine,
    checks: inflate ? { ...checks, encodings: engine.inflater.encodings() } : checks,
    findKeys: keyRingOf(engine.mac, options, settings),
  }
}

/** What belongs to one request beside its input. */
export interface Request {
  readonly signal: Abortable | undefined
  readonly budget: BodyBudget
  readonly notes: Notes
}

export async function authenticate<ImportedKey>(
  { engine, checks, findKeys }: Authenticator<ImportedKey>,
  input: ReceiveInput,
  { signal, budget, notes }: Request,
): Promise<Authenticated | Refusal> {
  const { method, url } = input
  if (method !== undefined && method !== 'POST') return refuse('method_not_allowed', 'Deliveries are sent by POST.')
  const head = checkHead(checks, input.headers)
  if (!head.ok) return head
  // The contract's order, for what is at hand: size before time.
  const given = typeof input.body === 'function' ? undefined : checkBody(checks.maxBodyBytes, input.body)
  if (isRefusal(given)) return given
  const time = checkTime(checks, head)
  if (!time.ok) return time
  const found = findKeys({ headers: head.bag, method, url }, notes)
  const ring = found instanceof Promise ? await found : found
  if (!ring) return refuse('missing_secret', 'No webhook secret is configured for this delivery.')
  const received = given ?? (await readBody(input.body as BodyReader, checks.maxBodyBytes, budget, notes))
  if (isRefusal(received)) return received
  if (signal?.aborted) return aborted()
  const body =
    head.encoding === undefined
      ? received
      : await inflate(engine.inflater, head.encoding, received, {
          isInflated: input.isInflated,
          maxBodyBytes: checks.maxBodyBytes,
          budget,
        })
  if (isRefusal(body)) return body
  const unproven = toProve(checks.scheme, head, body, time)
  const matches = ring.imported.map((key) =>
    engine.mac.matches(key, unproven.before, body, unproven.after, head.candidates),
  )
  const verdict = conclude(checks.scheme, unproven, ring.keys, await all(matches))
  return verdict.ok ? { ok: true, delivery: verdict.delivery, namespace: ring.namespace } : verdict
}

interface Inflating {
  readonly isInflated: ReceiveInput['isInflated']
  readonly maxBodyBytes: number
  readonly budget: BodyBudget
}

async function inflate(
  inflater: Inflater,
  encoding: string,
  received: Uint8Array,
  { isInflated = false, maxBodyBytes, budget }: Inflating,
): Promise<Uint8Array | Refusal> {
  if (isInflated === true) return received
  const inflated = await inflater.inflate(encoding, received, maxBodyBytes, budget)
  if (inflated.ok) return inflated.bytes
  return isInflated === 'unknown' && inflated.code === 'invalid_body' ? received : inflated
}

type BodyReader = Extract<ReceiveInput['body'], (...given: never[]) => unknown>

async function readBody(
  read: BodyReader,
  maxBodyBytes: number,
  budget: BodyBudget,
  notes: Notes,
): Promise<Uint8Array | Refusal> {
  let body: unknown
  try {
    body = await read(maxBodyBytes, budget)
  } catch (error) {
    notes.error = error
    return aborted()
  }
  // Only here: a body that was passed in may be anything, also what looks like a refusal.
  return isRefusal(body) ? body : checkBody(maxBodyBytes, body)
}
