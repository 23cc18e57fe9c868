// The scripts as functions: arguments are written as Redis takes them, and replies are read into tagged answers.

import type { ClaimAnswer, ClaimRefusal } from '../shared/answer.ts'
import type { StoredKey } from '../shared/request.ts'
import type { RedisCommands } from './clients/commands.ts'
import { scriptRunner } from './evalsha.ts'
import {
  BIND,
  CLAIM_ONE,
  CLAIM_SET,
  COMMIT,
  CONFLICT,
  DUPLICATE,
  ENSURE_LEASE,
  EXTEND,
  FAILED,
  PEEK,
  PROBE,
  PROBE_ANSWER,
  RELEASE,
} from './lua.ts'
import { claimRecord, digits, type Lease, markOf } from './record.ts'

/** One claim to commit. */
export interface Commit {
  readonly names: readonly string[]
  readonly token: string
  /** Infinity for ever. */
  readonly retentionMs: number
}

/** `not_held`: the token does not hold all keys. `failed`: Redis would not carry it out; only if there are several commits. */
export type CommitAnswer = 'committed' | 'not_held' | 'failed'

/** A lease, and how long it had left to run before it was made longer. */
export type EnsuredLease = { readonly status: 'held'; readonly leftMs: number } | { readonly status: 'not_held' }

export interface Scripts {
  claimOne(key: StoredKey, lease: Lease): Promise<ClaimAnswer>
  claimSet(keys: readonly StoredKey[], lease: Lease): Promise<ClaimAnswer>
  /** Commits each claim for itself; the answers are in the order of the commits. */
  commit(commits: readonly Commit[]): Promise<CommitAnswer[]>
  /** True if the token held all keys, which are now free. */
  release(names: string[], token: string): Promise<boolean>
  /** True if the token held all keys. Their bindings become `bindMs` long if they were shorter; 0 leaves them as they are. */
  extend(names: string[], lease: Lease): Promise<boolean>
  /** What a claim of the key would be answered, without claiming it. */
  peek(key: StoredKey): Promise<{ readonly status: 'free' } | ClaimRefusal>
  /** Binds a key that nobody holds to its fingerprint. */
  bind(key: StoredKey, bindMs: number): Promise<void>
  /** Makes a lease at least `leaseMs` long from now. */
  ensureLease(name: string, token: string, leaseMs: number): Promise<EnsuredLease>
  /** False if the client does not pass on a script with its keys and its arguments. */
  probe(name: string): Promise<boolean>
}

export function scriptsOver(commands: RedisCommands): Scripts {
  const claimOne = scriptRunner(commands, CLAIM_ONE)
  const claimSet = scriptRunner(commands, CLAIM_SET)
  const commit = scriptRunner(commands, COMMIT)
  const release = scriptRunner(commands, RELEASE)
  const extend = scriptRunner(commands, EXTEND)
  const peek = scriptRunner(commands, PEEK)
  const bind = scriptRunner(commands, BIND)
  const ensureLease = scriptRunner(commands, ENSURE_LEASE)
  const probe = scriptRunner(commands, PROBE)

  return {
    async claimOne(key, lease) {
      const expiresInMs = digits(lease.leaseMs + lease.bindMs)
      return readClaimAnswer(await claimOne([key.name], [claimRecord(key, lease), expiresInMs]))
    },
    async claimSet(keys, { token, leaseMs, bindMs }) {
      const names = keys.map(({ name }) => name)
      return readClaimAnswer(await claimSet(names, [token, digits(leaseMs), digits(bindMs), ...keys.map(markOf)]))
    },
    async commit(commits) {
      const names = commits.flatMap(({ names }) => names)
      const reply = await commit(names, commits.flatMap(commitArguments))
      return readCommitAnswers(reply, commits.length)
    },
    async release(names, token) {
      return readInteger(await release(names, [token])) === 1
    },
    async extend(names, { token, leaseMs, bindMs }) {
      return readInteger(await extend(names, [token, digits(leaseMs), digits(bindMs)])) === 1
    },
    async peek(key) {
      const code = readInteger(await peek([key.name], [markOf(key)]))
      if (code === 0) return { status: 'free' }
      return readRefusal(code)
    },
    async bind(key, bindMs) {
      await bind([key.name], [digits(bindMs), markOf(key)])
    },
    async ensureLease(name, token, leaseMs) {
      const code = readInteger(await ensureLease([name], [token, digits(leaseMs)]))
      if (code === 0) return { status: 'not_held' }
      return { status: 'held', leftMs: code - 1 }
    },
    async probe(name) {
      return readInteger(await probe([name], ['a', 'b'])) === PROBE_ANSWER
    },
  }
}

function commitArguments({ names, token, retentionMs }: Commit): string[] {
  const retention = retentionMs === Number.POSITIVE_INFINITY ? '' : digits(retentionMs)
  return [String(names.length), token, retention]
}

function readClaimAnswer(reply: unknown): ClaimAnswer {
  const code = readInteger(reply)
  if (code === 0) return { status: 'claimed' }
  return readRefusal(code)
}

function readRefusal(code: number): ClaimRefusal {
  if (code > 0) return { status: 'in_progress', retryAfterMs: code }
  if (code === DUPLICATE) return { status: 'duplicate' }
  if (code === CONFLICT) return { status: 'conflict' }
  throw new TypeError(`Redis answered a claim with ${code}, which none of the store's scripts does.`)
}

function readCommitAnswers(reply: unknown, count: number): CommitAnswer[] {
  if (!Array.isArray(reply)) throw new TypeError('Redis answered a script with something other than a list.')
  const answers = reply.map((code): CommitAnswer => {
    if (readInteger(code) === FAILED) return 'failed'
    return readInteger(code) === 1 ? 'committed' : 'not_held'
  })
  if (answers.length === count) return answers
  throw new TypeError(`Redis answered a script with ${answers.length} results, but the store expected ${count}.`)
}

function readInteger(reply: unknown): number {
  if (reply !== null && Number.isInteger(Number(reply))) return Number(reply)
  throw new TypeError('Redis answered a script with something other than an integer.')
}
