// Answers a sender's handshake, before anything is claimed or handled. What a handshake is: schemes/handshakes/handshake.ts.

import { demandKnownNames, invalidOption } from '../../shared/webhook-error.ts'
import { type Refusal, refuse } from '../codes.ts'
import { judge } from '../pipeline/sequence.ts'
import type { Sign } from '../proof/engine.ts'
import type { PossibleAnswer, WebhookHandshake } from '../schemes/handshakes/handshake.ts'
import type { WebhookScheme } from '../schemes/scheme.ts'
import { type Authenticated, type Authenticator, authenticate, type RequestContext } from './authenticate.ts'
import { type HandshakeOutcome, handshakeOutcome } from './outcome.ts'
import type { ReceiveInput } from './receiver-contract.ts'

/** What a request is: a genuine delivery, a handshake that has an answer, or one to refuse. */
export type RequestVerdict<ImportedKey> = Authenticated<ImportedKey> | HandshakeOutcome | Refusal

export type JudgeRequest<ImportedKey> = (
  input: ReceiveInput,
  context: RequestContext,
) => Promise<RequestVerdict<ImportedKey>>

/** Authenticates requests that are no handshakes. */
export function judgeAfterHandshake<ImportedKey>(
  handshake: WebhookHandshake,
  authenticator: Authenticator<ImportedKey>,
  sign: Sign<ImportedKey>,
): JudgeRequest<ImportedKey> {
  return async (input, context) => {
    const answered = answerGet(handshake, input)
    if (answered) return answered
    const verdict = await authenticate(authenticator, input, context)
    if (!verdict.ok) return verdict
    return (await answerDelivery(handshake, authenticator, verdict, sign)) ?? verdict
  }
}

/** Answers a handshake by GET. Undefined for any other request. */
function answerGet(
  handshake: WebhookHandshake,
  { method, url = '' }: ReceiveInput,
): HandshakeOutcome | Refusal | undefined {
  if (method !== 'GET' || !handshake.answerGet) return undefined
  return conclude(handshake.answerGet(queryOf(url)))
}

/** Path and query in Node, absolute in Fetch. */
function queryOf(url: string): string {
  const [beforeFragment = ''] = url.split('#', 1)
  const at = beforeFragment.indexOf('?')
  return at < 0 ? '' : beforeFragment.slice(at + 1)
}

/** Answers a handshake that is signed like a delivery. Undefined if it is a delivery. */
async function answerDelivery<ImportedKey>(
  handshake: WebhookHandshake,
  authenticator: Authenticator<ImportedKey>,
  authenticated: Authenticated<ImportedKey>,
  sign: Sign<ImportedKey>,
): Promise<HandshakeOutcome | Refusal | undefined> {
  const { delivery } = authenticated
  const answer = await handshake.answerDelivery?.(delivery, async (text) => {
    const key = await findSigner(authenticator, authenticated)
    return sign(key, { before: text, body: NO_BYTES, after: '' })
  })
  return conclude(answer, delivery)
}

function conclude(answer: PossibleAnswer, delivery?: Authenticated<unknown>['delivery']) {
  if (answer === undefined) return undefined
  if (answer !== 'refused') return handshakeOutcome(answer, delivery)
  return refuse('handshake_refused', 'This is not a handshake that can be answered.')
}

/** The key that the delivery was signed with. During a rotation, the sender may not know the other ones. */
async function findSigner<ImportedKey>(
  { engine, checks }: Authenticator<ImportedKey>,
  { unproven, target, ring }: Authenticated<ImportedKey>,
): Promise<ImportedKey> {
  for (const [index, key] of ring.keys.entries()) {
    const imported = ring.imported.slice(index, index + 1)
    const verdict = await judge(engine.proof, checks, unproven, { keys: [key], imported }, target)
    const [own] = imported
    if (verdict.ok && own !== undefined && key.material.kind === 'hmac') return own
  }
  throw new Error('There is no shared secret that made the signature of this delivery.')
}

const NO_BYTES = /* @__PURE__ */ new Uint8Array(0)

const NAMES: Record<keyof WebhookHandshake, true> = {
  name: true,
  signatureHeader: true,
  answerGet: true,
  answerDelivery: true,
  emptyAnswers: true,
}

/**
 * Reads the `handshake` option.
 *
 * @throws {WebhookError} `invalid_option` if it is not a handshake, or one of another sender's than the scheme.
 */
export function readHandshake(handshake: unknown, scheme: WebhookScheme): WebhookHandshake | undefined {
  if (handshake === undefined) return undefined
  if (!isHandshake(handshake)) throw invalidOption('handshake', 'a handshake, such as slackHandshake()')
  demandKnownNames(handshake, Object.keys(NAMES), 'handshake')
  const { signatureHeader } = handshake
  if (scheme.headers.signature.includes(signatureHeader)) return handshake
  const message = `left out with the scheme ${scheme.name}: it is for a scheme whose signature is in ${signatureHeader}`
  throw invalidOption('handshake', message)
}

function isHandshake(value: unknown): value is WebhookHandshake {
  if (typeof value !== 'object' || value === null) return false
  const { name, signatureHeader, answerGet, answerDelivery, emptyAnswers = false } = value as Partial<WebhookHandshake>
  const isMethod = (method: unknown): boolean => method === undefined || typeof method === 'function'
  const hasMethods = isMethod(answerGet) && isMethod(answerDelivery) && (answerGet ?? answerDelivery) !== undefined
  return (
    typeof name === 'string' && typeof signatureHeader === 'string' && typeof emptyAnswers === 'boolean' && hasMethods
  )
}
