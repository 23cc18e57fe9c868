// What the Redis store sends, and in which order: when the keys of a delivery are on several nodes, when a node fails half-way, and for
// each family of clients. The tests use one real server, and refuse, change or record what it answers.

import { Redis } from 'ioredis'
import { createClient } from 'redis5'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RedisDedupeStore, redisDedupeStore } from '../../src/stores/redis/index.ts'
import { dedupeStoreConformance } from '../../src/testing/conformance/dedupe-store.ts'
import type { Claim, DedupeKey } from '../../src/webhook/index.ts'
import { isReachable, REDIS_URL } from './servers.ts'

const isThere = await isReachable('Redis', REDIS_URL)
const prefix = `fluxora-test:${crypto.randomUUID()}:`

/** One command: its name, its keys (without the prefix) and its arguments. */
interface Asked {
  readonly name: 'set' | 'script'
  readonly keys: readonly string[]
  readonly args: readonly string[]
}

type Interfere = (asked: Asked, answer: () => Promise<unknown>) => Promise<unknown>

const CROSSSLOT = "CROSSSLOT Keys in request don't hash to the same slot"
const refuseSets: Interfere = async (asked, answer) => {
  if (asked.keys.length > 1) throw new Error(CROSSSLOT)
  return answer()
}

describe.skipIf(!isThere)('keys on several nodes', () => {
  let redis: Redis
  beforeAll(() => {
    redis = new Redis(REDIS_URL)
  })
  afterAll(async () => {
    for await (const keys of redis.scanStream({ match: `${prefix}*` }))
      if ((keys as string[]).length > 0) await redis.del(...(keys as string[]))
    await redis.quit()
  })

  /** A store over ioredis. `interfere` sees every command, and may change its answer. */
  function between(interfere: Interfere): { store: RedisDedupeStore; asked: Asked[] } {
    const asked: Asked[] = []
    const pass = (one: Asked, answer: () => Promise<unknown>): Promise<unknown> => {
      if (one.keys[0] === 'probe') return answer()
      asked.push(one)
      return interfere(one, answer)
    }
    const plain = (key: string): string => key.slice(prefix.length)
    const client = {
      set: (key: string, ...args: unknown[]) =>
        pass({ name: 'set', keys: [plain(key)], args: args.map(String) }, () =>
          redis.set(key, ...(args as [string, 'PX', number, 'NX', 'GET'])),
        ),
      evalsha: (_sha: string, count: number, ..._rest: string[]) =>
        Promise.reject(new Error(`NOSCRIPT of ${count} keys`)),
      eval: (script: string, count: number, ...rest: string[]) =>
        pass({ name: 'script', keys: rest.slice(0, count).map(plain), args: rest.slice(count) }, () =>
          redis.eval(script, count, ...rest),
        ),
    }
    return { store: redisDedupeStore(client as never, { prefix }), asked }
  }

  const two = (): [DedupeKey, DedupeKey] => {
    const name = crypto.randomUUID()
    return [
      { key: `b ${name}`, fingerprint: 'x' },
      { key: `a ${name}`, fingerprint: 'y' },
    ]
  }
  const names = (keys: readonly DedupeKey[]): string[] => keys.map(({ key }) => key)
  const request = (store: RedisDedupeStore, keys: readonly DedupeKey[]) =>
    store.claim({ keys, leaseMs: 60_000, bindMs: 60_000 })
  async function claim(store: RedisDedupeStore, keys: readonly DedupeKey[]): Promise<Claim> {
    const answer = await request(store, keys)
    if (answer.status !== 'claimed') throw new Error(answer.status)
    return answer.claim
  }

  // redis-cluster.test.ts tests a real cluster.
  let spread: RedisDedupeStore | undefined
  const makeStore = () => {
    spread ??= between(refuseSets).store
    return spread
  }
  dedupeStoreConformance('keys on several nodes', makeStore, { describe, it: it.concurrent })

  it('are tried together once, and handled one by one from then on', async () => {
    const { store, asked } = between(refuseSets)
    for (let round = 0; round < 3; round++) {
      const keys = two()
      expect(await store.commit(await claim(store, keys), 60_000)).toBe(true)
      expect((await request(store, keys)).status).toBe('duplicate')
    }
    // Once for a claim, and once for a batch of commits.
    expect(asked.filter(({ keys }) => keys.length > 1)).toHaveLength(2)
  })

  it('are tried together again if the server refused them for another reason', async () => {
    let fails = true
    const { store, asked } = between(async (one, answer) => {
      if (fails && one.keys.length > 1) throw new Error('READONLY of a replica')
      return answer()
    })
    const keys = two()
    await expect(request(store, keys)).rejects.toThrow('READONLY')
    expect(asked).toHaveLength(1)
    fails = false
    await claim(store, keys)
    expect(asked).toHaveLength(2)
  })

  it('are claimed in one order by everyone', async () => {
    const { store, asked } = between(refuseSets)
    const keys = two()
    const order = () => asked.splice(0).flatMap((one) => (one.name === 'set' ? one.keys : []))
    for (const each of [keys, [...keys].reverse(), two().reverse()]) {
      await store.release(await claim(store, each))
      expect(order()).toEqual(names(each).sort())
    }
  })

  it('are given back, unbound, if someone else claims one of them first', async () => {
    const [last, first] = two()
    const direct = redisDedupeStore(redis, { prefix })
    await claim(direct, [last])
    let lies = 2
    // The first look says that both keys are free, as they were a moment ago.
    const { store, asked } = between((one, answer) =>
      one.name === 'script' && one.args.length === 1 && one.args[0]?.startsWith('=') && lies-- > 0
        ? Promise.resolve(0)
        : refuseSets(one, answer),
    )
    expect((await request(store, [first, last])).status).toBe('in_progress')
    expect(asked.filter(({ name }) => name === 'set').map((one) => one.keys[0])).toEqual([first.key, last.key])
    // Only a successful claim writes the first key of a request.
    await claim(direct, [{ key: first.key, fingerprint: 'another' }])
  })

  it('are tried three times if others keep claiming them and giving them back', async () => {
    const keys = two().map(({ key }) => ({ key }))
    const direct = redisDedupeStore(redis, { prefix })
    await claim(direct, [keys[1]!])
    const { store, asked } = between((one, answer) =>
      one.name === 'script' && one.args.length === 1 && one.args[0] === ''
        ? Promise.resolve(0)
        : refuseSets(one, answer),
    )
    expect(await request(store, keys)).toEqual({ status: 'in_progress', retryAfterMs: 1000 })
    expect(asked.filter(({ name, args }) => name === 'script' && args[0] === '')).toHaveLength(6)
  })

  it('are given back if a node fails before all are confirmed, and the error is passed on', async () => {
    const keys = two()
    let fails = true
    const { store } = between(async (one, answer) => {
      if (fails && one.name === 'script' && one.args.length === 3 && one.keys.length === 1) {
        await answer()
        throw new Error('a node went away')
      }
      return refuseSets(one, answer)
    })
    await expect(request(store, keys)).rejects.toThrow('a node went away')
    fails = false
    await claim(store, keys)
  })

  it.each<[who: string, refusal: Error]>([
    ['Redis and Valkey', new Error(CROSSSLOT)],
    ['Redis, through a client that wraps it', new Error('Command failed', { cause: new Error(CROSSSLOT) })],
    ['Upstash', new Error(`${CROSSSLOT}, command was: ["evalsha"]`)],
    ['ioredis, of one command', new Error('All the keys in a pipeline command should belong to the same slot')],
    ['ioredis, of a pipeline', new Error('All keys in the pipeline should belong to the same slots allocation group')],
    [
      'valkey-glide',
      new Error("An error was signalled by the server - CrossSlot: Keys in request don't hash to the same slot"),
    ],
    ['Dragonfly and others', new Error('ERR all keys must map to the same hash slot')],
    ['Codis', new Error('ERR keys in different slots')],
  ])('are recognized by the error of %s', async (_who, refusal) => {
    const { store, asked } = between(async (one, answer) => {
      if (one.keys.length > 1) throw refusal
      return answer()
    })
    const sets = [two(), two()]
    const held = await Promise.all(sets.map((keys) => claim(store, keys)))
    expect(await store.release(held[0]!)).toBe(true)
    expect(await store.commit(held[1]!, 60_000)).toBe(true)
    const alone = await Promise.all([1, 2].map(() => claim(store, [{ key: crypto.randomUUID() }])))
    expect(await Promise.all(alone.map((one) => store.commit(one, 60_000)))).toEqual([true, true])
    expect(asked.filter(({ keys }) => keys.length > 1).length).toBeLessThanOrEqual(3)
  })

  it('are left as they were if one of them is lost', async () => {
    const keys = two()
    const { store } = between(refuseSets)
    const answer = await store.claim({ keys, leaseMs: 2000, bindMs: 1000 })
    if (answer.status !== 'claimed') throw new Error(answer.status)
    await redis.del(prefix + keys[1].key)
    expect(await store.commit(answer.claim, 60_000)).toBe(false)
    expect(await store.release(answer.claim)).toBe(false)
    expect(await redis.pttl(prefix + keys[0].key)).toBeLessThanOrEqual(3000)
    expect(await store.commit({ ...answer.claim, keys: [keys[0]] }, 60_000)).toBe(true)
  })

  it('keep their lease while they are settled one after the other', async () => {
    const keys = two()
    let fails = false
    const { store } = between(async (one, answer) => {
      if (fails && one.args.length === 1) throw new Error('a node went away')
      return refuseSets(one, answer)
    })
    const held = await claim(store, keys)
    fails = true
    await expect(store.release(held)).rejects.toThrow('a node went away')
    for (const { key } of keys) expect(await redis.pttl(prefix + key)).toBeGreaterThan(100_000) // the lease and the binding together
    fails = false
    expect(await store.release(held)).toBe(true)
  })

  describe('that are committed at the same moment', () => {
    const single = (): DedupeKey[] => [{ key: crypto.randomUUID() }]

    it('are committed one by one after the first refusal', async () => {
      const { store, asked } = between(refuseSets)
      for (let round = 0; round < 3; round++) {
        const held = await Promise.all([single(), single(), single()].map((keys) => claim(store, keys)))
        expect(await Promise.all(held.map((one) => store.commit(one, 60_000)))).toEqual([true, true, true])
      }
      expect(asked.filter(({ keys }) => keys.length > 1)).toHaveLength(1)
    })

    it('fail together, without a second attempt, if the server refused them for another reason', async () => {
      for (const count of [1, 3]) {
        let fails = false
        const { store, asked } = between(async (_one, answer) => {
          if (fails) throw new Error('READONLY of a replica')
          return answer()
        })
        const held = await Promise.all(Array.from({ length: count }, () => claim(store, single())))
        fails = true
        asked.splice(0)
        const results = await Promise.allSettled(held.map((one) => store.commit(one, 60_000)))
        expect(results.map(({ status }) => status)).toEqual(Array(count).fill('rejected'))
        expect(asked).toHaveLength(1)
      }
    })

    it('fail without a second attempt if there is only one', async () => {
      const { store, asked } = between(async (one, answer) => {
        if (one.name === 'script') throw new Error(CROSSSLOT)
        return answer()
      })
      const held = await claim(store, single())
      asked.splice(0)
      await expect(store.commit(held, 60_000)).rejects.toThrow('CROSSSLOT')
      expect(asked).toHaveLength(1)
    })
  })

  it('are sent to a node-redis cluster along with the key that decides the node, scripts by digest and by text', async () => {
    const client = await createClient({ url: REDIS_URL }).connect()
    type Sent = [key: string, isReadonly: boolean, args: string[]]
    const sent: Sent[] = []
    let knowsScripts = false
    const cluster = {
      slots: [],
      evalSha: () => Promise.reject(new Error('a cluster must get this by sendCommand')),
      sendCommand(key: string, isReadonly: boolean, args: string[]) {
        sent.push([key, isReadonly, args])
        if (args[0] === 'EVALSHA' && !knowsScripts) return Promise.reject(new Error('NOSCRIPT'))
        return client.sendCommand(args)
      },
    }
    const store = redisDedupeStore(cluster as never, { prefix })
    const name = crypto.randomUUID()
    const held = await claim(store, [{ key: name, fingerprint: 'x' }])
    expect(await store.extend?.(held, 1000)).toBe(true)
    knowsScripts = true
    expect(await store.release(held)).toBe(true)
    await client.close()
    const key = prefix + name
    // The first two check the client: by digest, then by text.
    expect(sent.splice(0, 2).map(([first]) => first)).toEqual([`${prefix}probe`, `${prefix}probe`])
    expect(sent.map(([first, isReadonly]) => [first, isReadonly])).toEqual(sent.map(() => [key, false]))
    expect(sent.map(([, , args]) => args[0])).toEqual(['SET', 'EVALSHA', 'EVAL', 'EVALSHA'])
    const [[, , set], [, , bySha], [, , byText], [, , release]] = sent as [Sent, Sent, Sent, Sent]
    expect(set).toEqual(['SET', key, `${held.token}|60000|60000|=x`, 'PX', '120000', 'NX', 'GET'])
    expect(bySha?.slice(2)).toEqual(['1', key, held.token, '1000', '0'])
    expect(byText?.[1]).toContain('redis.call')
    expect(byText?.slice(2)).toEqual(bySha?.slice(2))
    expect(release?.slice(2)).toEqual(['1', key, held.token])
  })
})

describe('what each family of clients is sent', () => {
  const keys = [{ key: 'a' }]
  const times = { leaseMs: 1000.2, bindMs: 500 }

  function writtenDown(names: readonly string[], answers: Record<string, unknown> = {}) {
    const calls: unknown[][] = []
    const methods = names.map((name) => [
      name,
      async (...given: unknown[]) => {
        if (JSON.stringify(given).includes('probe"')) return 213 // the check of the client
        calls.push([name, ...given])
        const answer = answers[name]
        if (answer instanceof Error) throw answer
        return answer ?? null
      },
    ])
    return { calls, client: Object.fromEntries(methods) }
  }

  it('node-redis: the options of versions 4 and 5, and a script by digest, then by text if the server does not have it', async () => {
    const { calls, client } = writtenDown(['set', 'evalSha', 'eval'], { evalSha: new Error('NOSCRIPT'), eval: 1 })
    const store = redisDedupeStore(client as never)
    const answer = await store.claim({ ...times, keys })
    const { token } = (answer as { claim: Claim }).claim
    expect(calls.splice(0)).toEqual([
      [
        'set',
        'fluxora:dedupe:a',
        `${token}|1001|500|`,
        { PX: 1501, NX: true, expiration: { type: 'PX', value: 1501 }, condition: 'NX', GET: true },
      ],
    ])
    expect(await store.release({ token, keys })).toBe(true)
    const options = { keys: ['fluxora:dedupe:a'], arguments: [token] }
    expect(calls).toEqual([
      ['evalSha', expect.stringMatching(/^[0-9a-f]{40}$/), options],
      ['eval', expect.stringContaining("redis.call('DEL'"), options],
    ])
  })

  it('ioredis: a list of arguments', async () => {
    const { calls, client } = writtenDown(['set', 'evalsha', 'eval'], { evalsha: new Error('NOSCRIPT'), eval: 1 })
    const store = redisDedupeStore(client as never, { prefix: '' })
    const answer = await store.claim({ ...times, keys: [{ key: 'a', fingerprint: '' }] })
    const { token } = (answer as { claim: Claim }).claim
    expect(calls.splice(0)).toEqual([['set', 'a', `${token}|1001|500|=`, 'PX', 1501, 'NX', 'GET']])
    expect(await store.extend?.({ token, keys }, 7)).toBe(true)
    expect(calls).toEqual([
      ['evalsha', expect.stringMatching(/^[0-9a-f]{40}$/), 1, 'a', token, '7', '0'],
      ['eval', expect.stringContaining('redis.call'), 1, 'a', token, '7', '0'],
    ])
  })

  it('an ioredis Cluster with enableAutoPipelining: each script in its own pipeline', async () => {
    const sent: unknown[][] = []
    const answers: ([unknown, unknown][] | null)[] = [
      [[null, 213]],
      [[null, 1]],
      [[new Error('NOSCRIPT'), undefined]],
      [[null, 1]],
      [[new Error('gone'), undefined]],
      [],
      null,
    ]
    const { client } = writtenDown(['set', 'evalsha', 'eval'])
    const cluster = {
      ...client,
      isCluster: true,
      options: { enableAutoPipelining: true },
      pipeline: (commands: unknown[][]) => {
        sent.push(...commands)
        return { exec: async () => answers.shift() }
      },
    }
    const store = redisDedupeStore(cluster as never, { prefix: '' })
    const held = { token: 't', keys }
    expect(await store.release(held)).toBe(true)
    expect(sent.splice(0)).toEqual([
      ['evalsha', expect.stringMatching(/^[0-9a-f]{40}$/), 1, 'probe', 'a', 'b'],
      ['evalsha', expect.stringMatching(/^[0-9a-f]{40}$/), 1, 'a', 't'],
    ])
    expect(await store.release(held)).toBe(true)
    expect(sent).toEqual([
      ['evalsha', expect.stringMatching(/^[0-9a-f]{40}$/), 1, 'a', 't'],
      ['eval', expect.stringContaining('redis.call'), 1, 'a', 't'],
    ])
    await expect(store.release(held)).rejects.toThrow('gone')
    for (let round = 0; round < 2; round++) {
      await expect(store.release(held)).rejects.toThrow('ioredis answered a pipeline of one command with no result.')
    }
  })

  it.each([
    ['node-redis with sendCommand, but without the slots of a cluster', ['evalSha', 'sendCommand', 'eval'], 'evalSha'],
    ['node-redis without sendCommand', ['evalSha', 'eval', 'slots'], 'evalSha'],
    ['ioredis, which has slots and sendCommand as well', ['evalsha', 'eval', 'sendCommand', 'slots'], 'evalsha'],
    ['a node-redis cluster', ['evalSha', 'eval', 'sendCommand', 'slots'], 'sendCommand'],
  ])('%s gets the right method', async (_who, names, asked) => {
    const { calls, client } = writtenDown(names, { evalSha: 1, evalsha: 1, sendCommand: 1 })
    await redisDedupeStore(client as never).release({ token: 't', keys })
    expect(calls.map(([name]) => name)).toEqual([asked])
  })

  it.each([
    [0, { status: 'claimed' }],
    [1, { status: 'in_progress', retryAfterMs: 1 }],
    [2, { status: 'in_progress', retryAfterMs: 2 }],
    [-1, { status: 'duplicate' }],
    [-2, { status: 'conflict' }],
  ])('reads the answer %i as %j', async (evalsha, status) => {
    const { client } = writtenDown(['evalsha', 'eval'], { evalsha })
    expect(await redisDedupeStore(client as never).claim({ ...times, keys })).toMatchObject(status)
  })

  it('rejects an answer that no script gives, and does not count it as a claim', async () => {
    const { client } = writtenDown(['evalsha', 'eval'], { evalsha: -3 })
    const claiming = redisDedupeStore(client as never).claim({ ...times, keys })
    await expect(claiming).rejects.toThrow("Redis answered a claim with -3, which none of the store's scripts does.")
  })
})
