// The dedupe store on Redis: one command or one script, one round trip, judged by the server's clock.

import type { Claim, ClaimResult, DedupeKey, DedupeStore } from '../webhook/dedupe.ts'
import { invalidOption } from '../webhook/errors.ts'
import { gather } from './shared/gather.ts'
import { milliseconds, type StoredKey, storedKeys } from './shared/request.ts'

/** What is used of a node-redis client (4, 5 or 6): a single server, a pool, a sentinel or a cluster. */
export interface NodeRedisClient {
  evalSha(sha1: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
  set?(key: string, value: string, options: NodeRedisSetOptions): Promise<unknown>
}

/** The expiry and the condition in the spelling of node-redis 4 and in that of later ones, which will drop the former. */
interface NodeRedisSetOptions {
  readonly PX: number
  readonly NX: true
  readonly expiration: { readonly type: 'PX'; readonly value: number }
  readonly condition: 'NX'
  readonly GET: true
}

/** What is used of an ioredis client: `Redis` or `Cluster`. */
export interface IoRedisClient {
  evalsha(sha1: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>
  set?(key: string, value: string, px: 'PX', milliseconds: number, nx: 'NX', get: 'GET'): Promise<unknown>
}

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
  const { prefix = 'fluxora:dedupe:' } = options
  if (typeof prefix !== 'string') throw invalidOption('prefix', 'a string')
  const { evaluate, take } = readClient(client)
  const run = {
    claim: scriptRunner(evaluate, CLAIM),
    claimSet: scriptRunner(evaluate, CLAIM_SET),
    commit: listRunner(evaluate, COMMIT),
    release: scriptRunner(evaluate, RELEASE),
    extend: scriptRunner(evaluate, EXTEND),
    peek: scriptRunner(evaluate, PEEK),
    bind: scriptRunner(evaluate, BIND),
  }
  // Found out from the first set of keys that the server would not take together: whatever stands before a cluster, this holds.
  let isSpread = false
  // Found out from the first claim of one key that only the script could do: Redis 6 does not take NX together with GET.
  let isTakenByScript = false
  // Found out from the first commits that the server would not take together, as on a cluster.
  let isGathered = true

  const named = (keys: readonly DedupeKey[]): StoredKey[] =>
    storedKeys(keys).map(({ name, fingerprint }) => ({ name: prefix + name, fingerprint }))

  /** Does it to a set in one script; and key by key, once it turns out that the keys live on different nodes. */
  async function together<T>(whole: () => Promise<T>, split: () => Promise<T>): Promise<T> {
    if (isSpread) return split()
    try {
      return await whole()
    } catch (error) {
      if (!startsWith(error, 'CROSSSLOT')) throw error
      isSpread = true
      return split()
    }
  }

  async function claim(request: { keys: readonly DedupeKey[]; leaseMs: number; bindMs: number }): Promise<ClaimResult> {
    const keys = named(request.keys)
    const lease = milliseconds('leaseMs', request.leaseMs)
    const bind = milliseconds('bindMs', request.bindMs)
    const token = crypto.randomUUID()
    const code = await (keys.length === 1
      ? claimOne(keys[0]!, token, lease, bind)
      : together(
          () => run.claimSet(keys.map(nameOf), [token, text(lease), text(bind), ...keys.map(markOf)]),
          () => claimEach(keys, token, lease, bind),
        ))
    if (code === CONFLICT) return { status: 'conflict' }
    if (code === DUPLICATE) return { status: 'duplicate' }
    if (code > 0) return { status: 'in_progress', retryAfterMs: code }
    return { status: 'claimed', claim: { token, keys: request.keys } }
  }

  /** Takes a key that is free by a plain command, a third of what the script costs the server. What that leaves open, the script tells. */
  async function claimOne(key: StoredKey, token: string, lease: number, bind: number): Promise<number> {
    const tail = key.fingerprint === undefined ? 0 : bind
    const record = `${token}|${text(tail)}|${markOf(key)}`
    const byScript = () => run.claim([key.name], [record, text(lease + tail)])
    if (!take || isTakenByScript) return byScript()
    let reply: unknown
    try {
      reply = await take(key.name, record, lease + tail)
    } catch (error) {
      if (!startsWith(error, 'ERR ')) throw error
      const code = await byScript()
      isTakenByScript = true
      return code
    }
    return reply === null ? 0 : (answerTo(reply, markOf(key)) ?? byScript())
  }

  /**
   * On several nodes there is no one moment in which all keys can be read and written. So they are read first, then taken one by one
   * in the same order by everyone, without binding anything yet, and confirmed once all are there: two workers can never both hold a
   * key, and one that fails on the way gives back what it took.
   */
  async function claimEach(keys: readonly StoredKey[], token: string, lease: number, bind: number): Promise<number> {
    const inOrder = [...keys].sort((a, b) => (a.name < b.name ? -1 : 1))
    for (let attempt = 0; attempt < 3; attempt++) {
      const codes = await Promise.all(keys.map((key) => run.peek([key.name], [markOf(key)])))
      if (codes.includes(CONFLICT)) return CONFLICT
      const isDuplicate = codes.includes(DUPLICATE)
      const held = Math.max(...codes)
      if (isDuplicate || held > 0) {
        const bindable = keys.slice(1).filter(({ fingerprint }) => fingerprint !== undefined)
        await Promise.all(bindable.map((key) => run.bind([key.name], [text(bind), markOf(key)])))
        return isDuplicate ? DUPLICATE : held
      }
      const taken: StoredKey[] = []
      try {
        for (const key of inOrder) {
          taken.push(key)
          if ((await claimOne(key, token, lease, 0)) === 0) continue
          taken.pop()
          break
        }
        const confirm = (key: StoredKey): Promise<number> => run.extend([key.name], [token, text(lease), text(bind)])
        if (taken.length === keys.length && (await each(keys, confirm))) return 0
      } catch (error) {
        await Promise.allSettled(taken.map((key) => run.release([key.name], [token])))
        throw error
      }
      await each(taken, (key) => run.release([key.name], [token]))
    }
    return CONTENDED_MS
  }

  async function settle(held: Claim, change: (names: string[]) => Promise<number>): Promise<boolean> {
    const keys = named(held.keys)
    if (keys.length === 1) return (await change([keys[0]!.name])) === 1
    return together(
      async () => (await change(keys.map(nameOf))) === 1,
      async () => {
        // All leases are made long enough for what follows first, so that it is done to every key or to none.
        const isHeld = await each(keys, ({ name }) => run.extend([name], [held.token, PIN_MS, '']))
        return isHeld && each(keys, ({ name }) => change([name]))
      },
    )
  }

  /** What one script commits: all that was handled at about the same time, each claim for itself. */
  interface Commit {
    readonly names: readonly string[]
    readonly token: string
    readonly retention: string
  }
  async function commitTogether(commits: readonly Commit[]): Promise<readonly number[]> {
    const codes = await run.commit(
      commits.flatMap(({ names }) => names),
      commits.flatMap(({ names, token, retention }) => [String(names.length), token, retention]),
    )
    if (codes.length === commits.length) return codes
    throw new TypeError('Redis answered a script with another number of answers than it was asked for.')
  }
  const commitOne = async (commit: Commit): Promise<number> => (await commitTogether([commit]))[0] as number
  const commitGathered = gather(async (commits: readonly Commit[]) => {
    try {
      const codes = await commitTogether(commits)
      // Asked for alone, what failed says why, and fails for itself.
      return codes.map((code, i) => (code === FAILED ? commitOne(commits[i] as Commit) : code))
    } catch (error) {
      if (commits.length === 1 || !startsWith(error, 'CROSSSLOT')) throw error
      isGathered = false
      return commits.map(commitOne)
    }
  })

  return Object.freeze({
    claim,
    commit: async (held: Claim, retentionMs: number) => {
      const ms = milliseconds('retentionMs', retentionMs)
      const retention = ms === Number.POSITIVE_INFINITY ? '' : text(ms)
      const commitNamed = isGathered ? commitGathered : commitOne
      return settle(held, (names) => commitNamed({ names, token: held.token, retention }))
    },
    release: async (held: Claim) => settle(held, (names) => run.release(names, [held.token])),
    extend: async (held: Claim, leaseMs: number) => {
      const lease = text(milliseconds('leaseMs', leaseMs))
      return settle(held, (names) => run.extend(names, [held.token, lease, '0']))
    },
  })
}

/** What the scripts answer to a claim: 0 for claimed, or for how many milliseconds someone else holds it. */
const DUPLICATE = -1
const CONFLICT = -2

/** What the script of several commits answers for one that Redis would not carry out. */
const FAILED = -1

/** When to come back to keys that others were taking and giving back. */
const CONTENDED_MS = 1000

/** What is left of a lease at least, before keys on several nodes are settled one after the other. */
const PIN_MS = '10000'

const text = (count: number): string => count.toFixed(0)

const nameOf = ({ name }: StoredKey): string => name

/** Nothing and the empty text are told apart. */
const markOf = ({ fingerprint }: StoredKey): string => (fingerprint === undefined ? '' : `=${fingerprint}`)

/** What a record answers to a claim whatever the time that is left: a conflict; committed, with nothing bound beyond that, a duplicate. */
function answerTo(record: unknown, mark: string): number | undefined {
  const [, holder, tail, known] = /^([^|]*)\|(\d+)\|(.*)$/s.exec(String(record)) ?? []
  if (known && mark && known !== mark) return CONFLICT
  return holder === '' && tail === '0' ? DUPLICATE : undefined
}

async function each(keys: readonly StoredKey[], act: (key: StoredKey) => Promise<number>): Promise<boolean> {
  return (await Promise.all(keys.map(act))).every((code) => code === 1)
}

// A record is `holder|tail|fingerprint`, and expires with all that is known of the key. It stands (claimed, or committed where there
// is no holder) until `tail` milliseconds before it expires; from then on the key is merely bound to its fingerprint. So a lease
// ends by itself, and Redis's own expiry is the only clock. Each script names all of its keys, and reads no clock but their expiry.
const READ = `
local PARTS = '^(.-)|(%d+)|(.*)$'
local function read(key)
  local value = redis.call('GET', key)
  if not value then return nil end
  local ttl = redis.call('PTTL', key)
  local holder, tail, mark = string.match(value, PARTS)
  local left = ttl < 0 and 1 or ttl - tail
  return { holder = holder, tail = tonumber(tail), mark = mark, ttl = ttl, left = left }
end
local function write(key, holder, tail, mark, ttl)
  redis.call('SET', key, holder .. '|' .. string.format('%.0f', tail) .. '|' .. mark, 'PX', string.format('%.0f', ttl))
end
local function bind(key, known, mark, tail)
  if mark ~= '' and (not known or known.left <= 0 and known.ttl < tail) then write(key, '', tail, mark, tail) end
end
local function differs(known, mark)
  return known.mark ~= '' and mark ~= '' and known.mark ~= mark
end
`

// KEYS: a delivery's, its own id first. ARGV: token, lease, bind, then a mark for each key.
// A claim that a client sends again because the answer was lost finds its own token, and still has it.
const CLAIM_SET = `${READ}
local lease, tail = tonumber(ARGV[2]), tonumber(ARGV[3])
local known, duplicate, held = {}, false, 0
for i, key in ipairs(KEYS) do
  local record = read(key)
  if record then
    if differs(record, ARGV[i + 3]) then return ${CONFLICT} end
    if record.left > 0 and record.holder == '' then duplicate = true
    elseif record.left > held and record.holder ~= ARGV[1] then held = record.left end
    known[i] = record
  end
end
if duplicate or held > 0 then
  for i = 2, #KEYS do bind(KEYS[i], known[i], ARGV[i + 3], tail) end
  return duplicate and ${DUPLICATE} or held
end
for i, key in ipairs(KEYS) do
  local mark, rest, record = ARGV[i + 3], ARGV[i + 3] == '' and 0 or tail, known[i]
  if record and record.mark ~= '' then
    mark, rest = record.mark, math.max(rest, record.left > 0 and record.tail or record.ttl)
  end
  write(key, ARGV[1], rest, mark, lease + rest)
end
return 0
`

// The same for one key, as most deliveries have, where a plain SET will not do. ARGV: the record, and when it expires.
const CLAIM = `
if redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX') then return 0 end
${READ}
local record = read(KEYS[1])
local token, tail, mark = string.match(ARGV[1], PARTS)
if differs(record, mark) then return ${CONFLICT} end
if record.left > 0 and record.holder ~= token then return record.holder == '' and ${DUPLICATE} or record.left end
local lease, rest = ARGV[2] - tail, tonumber(tail)
if record.mark ~= '' then mark, rest = record.mark, math.max(rest, record.left > 0 and record.tail or record.ttl) end
write(KEYS[1], token, rest, mark, lease + rest)
return 0
`

// The two halves of a claim that takes nothing, for keys on different nodes.
const PEEK = `${READ}
local record = read(KEYS[1])
if not record then return 0 end
if differs(record, ARGV[1]) then return ${CONFLICT} end
if record.left <= 0 then return 0 end
return record.holder == '' and ${DUPLICATE} or record.left
`
const BIND = `${READ}
local known = read(KEYS[1])
if not (known and differs(known, ARGV[2])) then bind(KEYS[1], known, ARGV[2], tonumber(ARGV[1])) end
return 1
`

// KEYS: a claim's. ARGV: its token. Nothing is done unless all are held under it.
const HELD = `${READ}
local held = {}
for i, key in ipairs(KEYS) do
  local record = read(key)
  if not record or record.left <= 0 or record.holder ~= ARGV[1] then return 0 end
  held[i] = record
end
`

// KEYS: those of all claims, one claim's after the other's. ARGV, for each claim: how many keys, its token, its retention or nothing.
// First the common case: one key, with nothing to bind.
const COMMIT = `
local function commit_plain(key, token, retention)
  if token == '' or retention == '' then return nil end
  local value = redis.pcall('GET', key)
  if not value then return 0 end
  local unbound = token .. '|0|'
  if type(value) ~= 'string' or string.sub(value, 1, #unbound) ~= unbound then return nil end
  local done = redis.pcall('SET', key, '|0|' .. string.sub(value, #unbound + 1), 'PX', retention)
  return not done.err and 1 or nil
end
local answers, at, left = {}, 0, {}
for claim = 1, #ARGV / 3 do
  local count = tonumber(ARGV[claim * 3 - 2])
  answers[claim] = count == 1 and commit_plain(KEYS[at + 1], ARGV[claim * 3 - 1], ARGV[claim * 3]) or nil
  if not answers[claim] then
    answers[claim] = ${FAILED}
    left[#left + 1] = { claim = claim, at = at, count = count }
  end
  at = at + count
end
if #left == 0 then return answers end
${READ}
local function commit(from, count, token, retention)
  local held = {}
  for i = from + 1, from + count do
    local record = read(KEYS[i])
    if not record or record.left <= 0 or record.holder ~= token then return 0 end
    held[i] = record
  end
  for i, record in pairs(held) do
    if retention == '' then redis.call('SET', KEYS[i], '|0|' .. record.mark)
    else
      -- A retention that is shorter than the binding does not shorten the binding.
      local kept = tonumber(retention)
      local rest = math.max(0, record.tail - kept)
      write(KEYS[i], '', rest, record.mark, kept + rest)
    end
  end
  return 1
end
if #answers == 1 then return { commit(0, #KEYS, ARGV[2], ARGV[3]) } end
for _, one in ipairs(left) do
  local done, answer = pcall(commit, one.at, one.count, ARGV[one.claim * 3 - 1], ARGV[one.claim * 3])
  if done then answers[one.claim] = answer end
end
return answers
`
const RELEASE = `${HELD}
for i, key in ipairs(KEYS) do
  if held[i].tail > 0 then redis.call('PEXPIRE', key, string.format('%.0f', held[i].tail)) else redis.call('DEL', key) end
end
return 1
`
// ARGV: token, lease, bind. Without a bind the lease is made no shorter than it is.
const EXTEND = `${HELD}
for i, key in ipairs(KEYS) do
  local record, lease = held[i], tonumber(ARGV[2])
  if ARGV[3] == '' then lease = math.max(lease, record.left) end
  local rest = record.mark == '' and 0 or math.max(record.tail, tonumber(ARGV[3]) or 0)
  write(key, record.holder, rest, record.mark, lease + rest)
end
return 1
`

type Evaluate = (method: 'sha' | 'text', script: string, keys: string[], args: string[]) => Promise<unknown>

/** Writes a record where there is none: null, or the record that stands. */
type Take = (key: string, record: string, ttl: number) => Promise<unknown>

/**
 * The two families of clients are told apart by the one method whose name they spell differently. The command and the scripts go the
 * same way, so that a client which puts a prefix of its own before keys names them alike; a client without `set` makes do with scripts.
 */
function readClient(client: NodeRedisClient | IoRedisClient): { evaluate: Evaluate; take: Take | undefined } {
  if (isNodeRedisCluster(client)) {
    const send = (key: string, ...args: string[]) => client.sendCommand(key, false, args)
    return {
      evaluate: (method, script, keys, args) =>
        send(keys[0]!, method === 'sha' ? 'EVALSHA' : 'EVAL', script, String(keys.length), ...keys, ...args),
      take: (key, record, ttl) => send(key, 'SET', key, record, 'PX', text(ttl), 'NX', 'GET'),
    }
  }
  const canSet = isMethod(client, 'set')
  if (isMethod(client, 'evalSha')) {
    const nodeRedis = client as NodeRedisClient
    return {
      evaluate: (method, script, keys, args) =>
        nodeRedis[method === 'sha' ? 'evalSha' : 'eval'](script, { keys, arguments: args }),
      take: canSet ? (key, record, ttl) => nodeRedis.set!(key, record, optionsOf(ttl)) : undefined,
    }
  }
  if (isMethod(client, 'evalsha')) {
    const ioredis = client as IoRedisClient
    return {
      evaluate: (method, script, keys, args) =>
        ioredis[method === 'sha' ? 'evalsha' : 'eval'](script, keys.length, ...keys, ...args),
      take: canSet ? (key, record, ttl) => ioredis.set!(key, record, 'PX', ttl, 'NX', 'GET') : undefined,
    }
  }
  throw invalidOption('client', 'a node-redis (4, 5, 6) or ioredis client')
}

function optionsOf(ttl: number): NodeRedisSetOptions {
  return { PX: ttl, NX: true, expiration: { type: 'PX', value: ttl }, condition: 'NX', GET: true }
}

interface NodeRedisCluster {
  sendCommand(firstKey: string, isReadonly: boolean, args: string[]): Promise<unknown>
}

/** node-redis 4 sends a cluster's evalSha to a node at random: it looks for the key in the wrong argument. So it is told the key. */
function isNodeRedisCluster(client: object): client is NodeRedisCluster {
  return isMethod(client, 'evalSha') && isMethod(client, 'sendCommand') && 'slots' in client
}

function isMethod(value: unknown, name: string): boolean {
  return typeof (value as Record<string, unknown> | null | undefined)?.[name] === 'function'
}

/** Runs a script that answers with an integer. */
function scriptRunner(evaluate: Evaluate, script: string): (keys: string[], args: string[]) => Promise<number> {
  const send = scriptSender(evaluate, script)
  return async (keys, args) => readInteger(await send(keys, args))
}

/** Runs a script that answers with a list of integers. */
function listRunner(evaluate: Evaluate, script: string): (keys: string[], args: string[]) => Promise<number[]> {
  const send = scriptSender(evaluate, script)
  return async (keys, args) => {
    const reply = await send(keys, args)
    if (Array.isArray(reply)) return reply.map(readInteger)
    throw new TypeError('Redis answered a script with something else than a list.')
  }
}

/** Sends a script by its digest, and as text to a server that does not know it: a new one, or one that was started again. */
function scriptSender(evaluate: Evaluate, script: string): (keys: string[], args: string[]) => Promise<unknown> {
  let sha1 = ''
  return async (keys, args) => {
    sha1 ||= await digestOf(script)
    try {
      return await evaluate('sha', sha1, keys, args)
    } catch (error) {
      if (!startsWith(error, 'NOSCRIPT')) throw error
      return evaluate('text', script, keys, args)
    }
  }
}

function readInteger(reply: unknown): number {
  if (reply !== null && Number.isInteger(Number(reply))) return Number(reply)
  throw new TypeError('Redis answered a script with something else than an integer.')
}

async function digestOf(script: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(script))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function startsWith(error: unknown, code: string): boolean {
  return error instanceof Error && error.message.startsWith(code)
}
