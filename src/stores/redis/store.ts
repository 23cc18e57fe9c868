// The dedupe store on Redis: one command or one script, one round trip, judged by the server's clock.

import { invalidOption } from '../../shared/webhook-error.ts'
import type { Claim, ClaimResult, DedupeKey, DedupeStore } from '../contract.ts'
import { checkOnce } from '../shared/check-once.ts'
import { checkOptionNames } from '../shared/options.ts'
import { readKeys, readMilliseconds, type StoredKey } from '../shared/request.ts'
import { type IoRedisClient, type NodeRedisClient, readClient, refusal } from './client.ts'
import { committer } from './commits.ts'
import { isCrossSlot } from './errors.ts'
import { CONFLICT, DUPLICATE, markOf, nameOf, text } from './record.ts'
import { type Scripts, scriptsOver } from './run.ts'
import { PROBE_ANSWER } from './scripts.ts'
import { claimEach, settleEach } from './spread.ts'
import { claimerOfOne } from './take.ts'

/** What the Redis store is made of. */
export interface RedisDedupeOptions {
  /** Stands before every key; `fluxora:dedupe:` by default. */
  readonly prefix?: string | undefined
}

/** A dedupe store on Redis. */
export interface RedisDedupeStore extends DedupeStore {
  extend(claim: Claim, leaseMs: number): Promise<boolean>
}

/**
 * Makes a dedupe store on a client that is already connected; the client stays yours to close. Redis 5 or later.
 *
 * A claim, a commit, a release or an extension is one script and one round trip, atomic over all keys of a delivery. From Redis 7 on
 * the claim of one key is a plain `SET`, and takes a second trip only where another holds it. Commits that are asked for in the same
 * moment go together, in one script, each for itself. Where the keys live on different nodes of a Redis Cluster, a claim of two takes
 * four trips: each key is atomic, the set is taken in order or given back, and what a crash leaves half-taken runs out with the lease. Every record expires, except with an infinite retention.
 *
 * What Redis forgets, this store forgets: run it with `appendonly yes` and `maxmemory-policy noeviction`. A fail-over to a replica
 * that lagged behind can lose the last claims.
 *
 * @throws {WebhookError} `invalid_option`
 * @example
 * const client = await createClient({ url: process.env.REDIS_URL }).connect() // or: new Redis(process.env.REDIS_URL)
 * const receiver = createWebhookReceiver({ secrets, dedupe: redisDedupeStore(client, { prefix: 'payments:' }) })
 */
export function redisDedupeStore(
  client: NodeRedisClient | IoRedisClient,
  options: RedisDedupeOptions = {},
): RedisDedupeStore {
  checkOptionNames(options, ['prefix'])
  const { prefix = 'fluxora:dedupe:' } = options
  if (typeof prefix !== 'string') throw invalidOption('prefix', 'a string')
  const { evaluate, take } = readClient(client)
  const run = scriptsOver(evaluate)
  const claimOne = claimerOfOne(run, take)
  const commitNamed = committer(run)
  const prove = checkOnce(() => proveClient(run, `${prefix}probe`))
  // Found out from the first set of keys that the server would not take together: whatever stands before a cluster, this holds.
  let isSpread = false

  const named = (keys: readonly DedupeKey[]): StoredKey[] =>
    readKeys(keys).map(({ name, fingerprint }) => ({ name: prefix + name, fingerprint }))

  /** Does it to a set in one script; and key by key, once it turns out that the keys live on different nodes. */
  async function together<T>(whole: () => Promise<T>, split: () => Promise<T>): Promise<T> {
    if (isSpread) return split()
    try {
      return await whole()
    } catch (error) {
      if (!isCrossSlot(error)) throw error
      isSpread = true
      return split()
    }
  }

  async function claim(request: { keys: readonly DedupeKey[]; leaseMs: number; bindMs: number }): Promise<ClaimResult> {
    const keys = named(request.keys)
    const lease = readMilliseconds('leaseMs', request.leaseMs)
    const bind = readMilliseconds('bindMs', request.bindMs)
    const proof = prove()
    if (proof) await proof
    const token = crypto.randomUUID()
    const code = await (keys.length === 1
      ? claimOne(keys[0]!, token, lease, bind)
      : together(
          () => run.claimSet(keys.map(nameOf), [token, text(lease), text(bind), ...keys.map(markOf)]),
          () => claimEach(run, claimOne, keys, token, lease, bind),
        ))
    if (code === CONFLICT) return { status: 'conflict' }
    if (code === DUPLICATE) return { status: 'duplicate' }
    if (code > 0) return { status: 'in_progress', retryAfterMs: code }
    return { status: 'claimed', claim: { token, keys: request.keys } }
  }

  async function settle(held: Claim, change: (names: string[]) => Promise<number>): Promise<boolean> {
    const keys = named(held.keys)
    const proof = prove()
    if (proof) await proof
    if (keys.length === 1) return (await change([keys[0]!.name])) === 1
    return together(
      async () => (await change(keys.map(nameOf))) === 1,
      () => settleEach(run, keys, held.token, change),
    )
  }

  return Object.freeze({
    claim,
    commit: async (held: Claim, retentionMs: number) => {
      const ms = readMilliseconds('retentionMs', retentionMs)
      const retention = ms === Number.POSITIVE_INFINITY ? '' : text(ms)
      return settle(held, (names) => commitNamed({ names, token: held.token, retention }))
    },
    release: async (held: Claim) => settle(held, (names) => run.release(names, [held.token])),
    extend: async (held: Claim, leaseMs: number) => {
      const lease = text(readMilliseconds('leaseMs', leaseMs))
      return settle(held, (names) => run.extend(names, [held.token, lease, '0']))
    },
  })
}

/** A client of another shape would write something, and then not be understood: a lease would be left behind. */
async function proveClient(run: Scripts, key: string): Promise<void> {
  let answer: unknown
  try {
    answer = await run.probe([key], ['a', 'b'])
  } catch (error) {
    // What the client itself stumbles over; a connection that fails has a code, or a cause.
    if (!(error instanceof TypeError) || error.cause !== undefined) throw error
    throw refusal('This one did not carry out a script that only counts its keys.', error)
  }
  if (answer !== PROBE_ANSWER) throw refusal('This one did not hand over a script, its keys and its arguments as told.')
}
