// How the checks talk to the store under test. Each expectation fails with one sentence: what the store must do, and what it did.

import type { Claim, ClaimResult, DedupeKey, DedupeStore } from '../../../stores/contract.ts'

/** One promise, as a test of a store. `shortMs` is the length of a lease that the check waits for. */
export type Check = (store: DedupeStore, shortMs: number) => Promise<void>

export const MINUTE = 60_000

/** Claims keys, for a minute each way if nothing else is said. */
export async function claim(
  store: DedupeStore,
  keys: readonly DedupeKey[],
  leaseMs: number = MINUTE,
  bindMs: number = MINUTE,
): Promise<ClaimResult> {
  const answer: ClaimResult | undefined = await store.claim({ keys, leaseMs, bindMs })
  if (answer?.status === undefined)
    throw new Error(`claim() must resolve to an object with a status, but the store gave ${JSON.stringify(answer)}.`)
  return answer
}

/** Claims keys that must be free. */
export async function expectClaimed(
  store: DedupeStore,
  keys: readonly DedupeKey[],
  what: string,
  leaseMs?: number,
  bindMs?: number,
): Promise<Claim> {
  const answer = await claim(store, keys, leaseMs, bindMs)
  if (answer.status !== 'claimed') throw wrongStatus(what, 'claimed', answer)
  return answer.claim
}

/** Claims keys that another claim must hold. Returns `retryAfterMs`. */
export async function expectInProgress(store: DedupeStore, keys: readonly DedupeKey[], what: string): Promise<number> {
  const answer = await claim(store, keys)
  if (answer.status !== 'in_progress') throw wrongStatus(what, 'in_progress', answer)
  return answer.retryAfterMs
}

/** Claims keys that must get this answer. */
export async function expectStatus(
  store: DedupeStore,
  keys: readonly DedupeKey[],
  expected: ClaimResult['status'],
  what: string,
): Promise<void> {
  const answer = await claim(store, keys)
  if (answer.status !== expected) throw wrongStatus(what, expected, answer)
}

/** Expects commit(), release() or extend() to have done its work. `what` begins with the call. */
export async function expectDone(action: Promise<boolean>, what: string): Promise<void> {
  await expectReturn(action, true, what)
}

/** Expects commit(), release() or extend() to have left everything as it was. `what` begins with the call. */
export async function expectRefused(action: Promise<boolean>, what: string): Promise<void> {
  await expectReturn(action, false, what)
}

/** Expects a claim to be no longer this worker's, whichever way it tries to settle it. */
export async function expectFencedOff(
  store: DedupeStore,
  late: Claim,
  when: string,
  extendMs: number = MINUTE,
): Promise<void> {
  await expectRefused(store.commit(late, MINUTE), `commit() ${when}`)
  await expectRefused(store.release(late), `release() ${when}`)
  if (store.extend) await expectRefused(store.extend(late, extendMs), `extend() ${when}`)
}

/** Compares by JSON. `must` begins the sentence: "commit() must return". */
export function expectEqual(actual: unknown, expected: unknown, must: string): void {
  const [seen, wanted] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (seen !== wanted) throw new Error(`${must} ${wanted}, but the store gave ${seen}.`)
}

/** How often each status was answered, as the tally of many claims at once. */
export function tally(answers: readonly ClaimResult[]): Partial<Record<ClaimResult['status'], number>> {
  const counts: Partial<Record<ClaimResult['status'], number>> = {}
  for (const status of answers.map((answer) => answer.status).sort()) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

/** A key that no other check uses, and that the store cannot know. */
export function newKey(fingerprint?: string): DedupeKey {
  const key = newText()
  if (fingerprint === undefined) return { key }
  return { key, fingerprint }
}

/** Two new keys, the second of them with a fingerprint. */
export function newPair(): readonly [DedupeKey, DedupeKey] {
  return [newKey(), newKey('bound')]
}

/** A text that was never used before. */
export function newText(): string {
  return `conformance:${crypto.randomUUID()}`
}

export function times<Value>(count: number, make: (index: number) => Value): Value[] {
  return Array.from({ length: count }, (_, index) => make(index))
}

/** Waits a little longer than `ms`, for stores whose clock ticks in whole milliseconds. */
export function pass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms + 20))
}

async function expectReturn(action: Promise<boolean>, expected: boolean, what: string): Promise<void> {
  const actual = await action
  if (actual !== expected)
    throw new Error(`${what} must return ${expected}, but it returned ${JSON.stringify(actual)}.`)
}

function wrongStatus(what: string, expected: string, { status }: ClaimResult): Error {
  return new Error(`claim() must answer "${expected}" to ${what}, but the store answered "${status}".`)
}
