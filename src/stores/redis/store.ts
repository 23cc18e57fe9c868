// The dedupe store on Redis: one command or one script, one round trip, judged by the server's clock.

import { invalidOption } from '../../shared/webhook-error.ts'
import type { Claim, DedupeStore } from '../contract.ts'
import { type ClaimAnswer, claimResult } from '../shared/answer.ts'
import { checkOnce } from '../shared/check-once.ts'
import { checkOptionNames } from '../shared/options.ts'
import { type ClaimRequest, readClaimRequest, readKeys, readMilliseconds, type StoredKey } from '../shared/request.ts'
import { keyClaimer } from './claim-key.ts'
import { adaptClient, unusableRedisClient } from './clients/adapt.ts'
import type { IoRedisClient } from './clients/ioredis.ts'
import type { NodeRedisClient } from './clients/node-redis.ts'
import { claimAcrossSlots, settleAcrossSlots, slotAwareRunner } from './cluster.ts'
import { batchingCommitter } from './commit-batch.ts'
import type { Lease } from './record.ts'
import { type Scripts, scriptsOver } from './scripts.ts'

/** Options of {@link redisDedupeStore}. */
export interface RedisDedupeOptions {
  /** Comes before every key; `fluxora:dedupe:` by default. */
  readonly prefix?: string | undefined
}

/** A dedupe store on Redis. */
export interface RedisDedupeStore extends DedupeStore {
  /** Makes the lease run out `leaseMs` milliseconds from now. False if the claim no longer holds all of its keys. */
  extend(claim: Claim, leaseMs: number): Promise<boolean>
}

/**
 * Makes a dedupe store on a client that is already connected; you close the client yourself. It needs Redis 5 or later.
 *
 * A claim, a commit, a release or an extension is one script and one round trip, atomic over all keys of a delivery. From Redis 7 on the
 * claim of one key is a plain `SET`, with a second trip only if someone else holds the key. Commits that are made at the same moment share
 * one script, each for itself. If the keys of a delivery are on different nodes of a Redis Cluster, a claim of two keys takes four trips:
 * each key is atomic, the set is claimed in order or given back, and what a crash leaves half claimed runs out with the lease. Every record
 * expires, except with an infinite retention.
 *
 * What Redis forgets, this store forgets: run it with `appendonly yes` and `maxmemory-policy noeviction`. A fail-over to a replica that
 * lagged behind can lose the last claims.
 *
 * @param client A client of node-redis (4, 5, 6) or ioredis, or one wrapped to look like them.
 * @param options The prefix of the keys.
 * @returns A store to be passed to a receiver as `dedupe`.
 * @throws {WebhookError} `invalid_option` if the client or an option makes no sense.
 *
 * @example
 * ```ts
 * const client = await createClient({ url: process.env.REDIS_URL }).connect() // or: new Redis(process.env.REDIS_URL)
 * const receiver = createWebhookReceiver({ secrets, dedupe: redisDedupeStore(client, { prefix: 'payments:' }) })
 * ```
 */
export function redisDedupeStore(
  client: NodeRedisClient | IoRedisClient,
  options: RedisDedupeOptions = {},
): RedisDedupeStore {
  checkOptionNames(options, ['prefix'])
  const { prefix = 'fluxora:dedupe:' } = options
  if (typeof prefix !== 'string') throw invalidOption('prefix', 'a string')
  const commands = adaptClient(client)
  const scripts = scriptsOver(commands)
  const claimKey = keyClaimer(commands, scripts)
  const commit = batchingCommitter(scripts)
  const runForSlots = slotAwareRunner()
  const checkClient = checkOnce(() => probe(scripts, `${prefix}probe`))

  function claimKeys(keys: readonly [StoredKey, ...StoredKey[]], lease: Lease): Promise<ClaimAnswer> {
    if (keys.length === 1) return claimKey(keys[0], lease)
    return runForSlots(
      () => scripts.claimSet(keys, lease),
      () => claimAcrossSlots(scripts, claimKey, keys, lease),
    )
  }

  async function settle(claim: Claim, change: (names: string[]) => Promise<boolean>): Promise<boolean> {
    const keys = withPrefix(prefix, readKeys(claim.keys))
    await checkClient()
    const names = keys.map(({ name }) => name)
    if (names.length === 1) return change(names)
    return runForSlots(
      () => change(names),
      () => settleAcrossSlots(scripts, keys, claim.token, change),
    )
  }

  return Object.freeze({
    async claim(request: ClaimRequest) {
      const { keys, leaseMs, bindMs } = readClaimRequest(request)
      await checkClient()
      const token = crypto.randomUUID()
      const answer = await claimKeys(withPrefix(prefix, keys), { token, leaseMs, bindMs })
      return claimResult(answer, { token, keys: request.keys })
    },
    async commit(claim: Claim, retention: number) {
      const retentionMs = readMilliseconds('retentionMs', retention)
      return settle(claim, (names) => commit({ names, token: claim.token, retentionMs }))
    },
    async release(claim: Claim) {
      return settle(claim, (names) => scripts.release(names, claim.token))
    },
    async extend(claim: Claim, lease: number) {
      const leaseMs = readMilliseconds('leaseMs', lease)
      return settle(claim, (names) => scripts.extend(names, { token: claim.token, leaseMs, bindMs: 0 }))
    },
  })
}

function withPrefix(
  prefix: string,
  [first, ...others]: readonly [StoredKey, ...StoredKey[]],
): [StoredKey, ...StoredKey[]] {
  const prefixed = (key: StoredKey): StoredKey => ({ ...key, name: prefix + key.name })
  return [prefixed(first), ...others.map(prefixed)]
}

/** Checks a client before the first write: one of another kind could write a lease whose answer the store cannot read. */
async function probe(scripts: Scripts, name: string): Promise<void> {
  let isUnderstood: boolean
  try {
    isUnderstood = await scripts.probe(name)
  } catch (error) {
    // A TypeError is the client's own, unless the connection failed: then it has a cause.
    if (!(error instanceof TypeError) || error.cause !== undefined) throw error
    throw unusableRedisClient('This one failed to run a script that only counts its keys.', error)
  }
  if (!isUnderstood) {
    throw unusableRedisClient('This one does not pass on a script with its keys and its arguments unchanged.')
  }
}
