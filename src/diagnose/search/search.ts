// The search for a proof. Single changes first, the cheapest before the dearest; then other schemes; then pairs of two families. It ends at
// the first signature that matches, or when the budget is used up.

import type { WebhookScheme } from '../../webhook/schemes/scheme.ts'
import type { Change, ContentChoice, KeyChoice } from '../change.ts'
import { type Algorithm, otherAlgorithms } from './algorithms.ts'
import { type BodyChoice, otherBodies, ownBody } from './bodies.ts'
import type { Budget } from './budget.ts'
import { otherContents, ownContent } from './contents.ts'
import { changedKeys, ownKeys } from './keys.ts'
import type { Match, Prover } from './prover.ts'
import type { Secret } from './secrets.ts'
import type { Subject } from './subject.ts'

/** A signature that was computed again, and the changes that it took. None if the signature was good as it stood. */
export interface Hit {
  readonly match: Match
  readonly secretId: string
  readonly changes: readonly Change[]
  readonly scheme: WebhookScheme
}

/** What a search goes over. */
export interface SearchSpace {
  readonly subject: Subject
  readonly secrets: readonly Secret[]
  readonly nowSeconds: number
  readonly prover: Prover
  readonly budget: Budget
  /** The names of all changes that were tried. */
  readonly tried: Set<string>
}

/** A secret that is configured, over the content and the body as they are. */
export function findUnchanged(space: SearchSpace): Promise<Hit | undefined> {
  return firstHit(space, { keys: ownKeys(space.secrets, space.nowSeconds) })
}

/** One change, but for the scheme. */
export async function findSingle(space: SearchSpace): Promise<Hit | undefined> {
  const { subject, secrets } = space
  const own = ownKeys(secrets, space.nowSeconds)
  const changed = changedKeys(secrets, subject.scheme)
  const hit = await firstHit(space, { keys: changed })
  if (hit || subject.scheme.proof.algorithm === 'token') return hit
  return (
    (await firstHit(space, { keys: own, bodies: otherBodies(subject.body) })) ??
    (await firstHit(space, { keys: own, contents: otherContents(subject) })) ??
    (await firstHit(space, { keys: own, algorithms: algorithmsFor(subject.scheme) }))
  )
}

/** A secret as it is, or as it may have been, under another scheme than the one configured. */
export async function findUnderScheme(space: SearchSpace): Promise<Hit | undefined> {
  const { subject, secrets, nowSeconds } = space
  const keys = [...ownKeys(secrets, nowSeconds), ...changedKeys(secrets, subject.scheme)]
  return firstHit(space, { keys })
}

/** Two changes of different families. */
export async function findPair(space: SearchSpace): Promise<Hit | undefined> {
  const { subject, secrets } = space
  if (subject.scheme.proof.algorithm === 'token') return undefined
  const own = ownKeys(secrets, space.nowSeconds)
  const changed = changedKeys(secrets, subject.scheme)
  const contents = otherContents(subject)
  return (
    (await firstHit(space, { keys: changed, contents })) ??
    (await firstHit(space, { keys: changed, algorithms: algorithmsFor(subject.scheme) })) ??
    (await firstHit(space, { keys: changed, bodies: otherBodies(subject.body) })) ??
    (await firstHit(space, { keys: own, contents, bodies: otherBodies(subject.body) })) ??
    (await firstHit(space, { keys: own, algorithms: algorithmsFor(subject.scheme), bodies: otherBodies(subject.body) }))
  )
}

/** What is combined with what; each by default as it was received. */
interface Choices {
  readonly keys: readonly KeyChoice[]
  readonly contents?: readonly ContentChoice[]
  readonly bodies?: AsyncIterable<BodyChoice>
  readonly algorithms?: readonly Algorithm[]
}

async function firstHit(space: SearchSpace, choices: Choices): Promise<Hit | undefined> {
  const { subject } = space
  if (choices.keys.length === 0 || subject.received.length === 0) return undefined
  const { contents = [ownContent(subject)], bodies = [ownBody(subject.body)] } = choices
  for await (const body of bodies) {
    for (const content of contents) {
      const hit = await hitWith(space, choices, body, content)
      if (hit || space.budget.isExceeded) return hit
    }
  }
  return undefined
}

async function hitWith(
  space: SearchSpace,
  {
    keys,
    algorithms = [undefined],
  }: Omit<Choices, 'algorithms'> & { readonly algorithms?: readonly (Algorithm | undefined)[] },
  body: BodyChoice,
  content: ContentChoice,
): Promise<Hit | undefined> {
  const { subject, prover, tried, budget } = space
  const written = await content.write(body.bytes)
  if (!written) return undefined
  for (const algorithm of algorithms) {
    for (const key of keys) {
      const changes = [key.change, algorithm, content.change, body.change].filter((each) => each !== undefined)
      for (const each of changes) tried.add(each.transformation.join(', '))
      const match = algorithm
        ? await algorithm.find(prover, key.material, written, subject.received)
        : await prover.find(key.material, written, subject.received)
      if (match) return { match, secretId: key.secretId, changes, scheme: subject.scheme }
      if (budget.isExceeded) return undefined
    }
  }
  return undefined
}

function algorithmsFor({ proof }: WebhookScheme): Algorithm[] {
  return proof.algorithm.startsWith('hmac') ? otherAlgorithms(proof.algorithm) : []
}
