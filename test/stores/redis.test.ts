import { type Cluster, Redis } from 'ioredis'
import { createClient as createClient4 } from 'redis4'
import { createClient as createClient5, createClientPool } from 'redis5'
import { createClient as createClient6, RESP_TYPES } from 'redis6'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type RedisDedupeStore, redisDedupeStore } from '../../src/stores/redis/index.ts'
import { dedupeStoreConformance } from '../../src/testing/conformance/dedupe-store.ts'
import type { DedupeKey } from '../../src/webhook/index.ts'
import { redisAnswering } from './fakes.ts'
import { isReachable, REDIS_URL } from './servers.ts'

const isThere = await isReachable('Redis', REDIS_URL)
const prefix = `fluxora-test:${crypto.randomUUID()}:`

const connections: { close(): unknown }[] = []
const admin = isThere ? new Redis(REDIS_URL) : (undefined as unknown as Redis)

async function testKeys(): Promise<string[]> {
  const found: string[] = []
  for await (const keys of admin.scanStream({ match: `${prefix}*`, count: 1000 })) found.push(...(keys as string[]))
  return found
}

async function removeTestKeys(): Promise<void> {
  const keys = await testKeys()
  for (let at = 0; at < keys.length; at += 500) await admin.del(...keys.slice(at, at + 500))
}

const clients = {
  'node-redis 4': async () => {
    const client = createClient4({ url: REDIS_URL })
    await client.connect()
    connections.push({ close: () => client.quit() })
    return client
  },
  'node-redis 5': async () => {
    const client = await createClient5({ url: REDIS_URL }).connect()
    connections.push({ close: () => client.close() })
    return client
  },
  'node-redis 5 pool': async () => {
    const client = createClientPool({ url: REDIS_URL })
    await client.connect()
    connections.push({ close: () => client.close() })
    return client
  },
  'node-redis 6': async () => {
    const client = await createClient6({ url: REDIS_URL }).connect()
    connections.push({ close: () => client.close() })
    return client
  },
  'node-redis 6, RESP 3': async () => {
    const client = await createClient6({ url: REDIS_URL, RESP: 3 }).connect()
    connections.push({ close: () => client.close() })
    return client
  },
  'node-redis 6 with a keyPrefix': async () => {
    const client = await createClient6({ url: REDIS_URL, keyPrefix: `${prefix}outer6:` }).connect()
    connections.push({ close: () => client.close() })
    return client
  },
  ioredis: async () => {
    const client = new Redis(REDIS_URL)
    connections.push({ close: () => client.quit() })
    return client
  },
  'ioredis with a keyPrefix': async () => {
    const client = new Redis(REDIS_URL, { keyPrefix: `${prefix}outer:` })
    connections.push({ close: () => client.quit() })
    return client
  },
}

describe.skipIf(!isThere)('redis', () => {
  afterAll(async () => {
    await removeTestKeys()
    await Promise.all(connections.map((connection) => connection.close()))
    await admin.quit()
  })

  for (const [name, connectClient] of Object.entries(clients)) {
    let made: Promise<RedisDedupeStore> | undefined
    const makeStore = () => {
      made ??= connectClient().then((client) => redisDedupeStore(client, { prefix }))
      return made
    }
    dedupeStoreConformance(name, makeStore, { describe, it: it.concurrent })
  }

  describe('on the wire', () => {
    let client: Redis
    let store: RedisDedupeStore
    beforeAll(() => {
      client = new Redis(REDIS_URL)
      connections.push({ close: () => client.quit() })
      store = redisDedupeStore(client, { prefix: `${prefix}wire:` })
    })

    async function commandsOf(action: () => Promise<unknown>): Promise<string[]> {
      const seen: string[] = []
      const { sendCommand } = client
      client.sendCommand = function (this: Redis, command, ...rest) {
        seen.push(command.name)
        return sendCommand.call(this, command, ...rest)
      } as typeof sendCommand
      try {
        await action()
      } finally {
        client.sendCommand = sendCommand
      }
      return seen
    }

    it('sends one plain command for a free key, a duplicate or a conflict, and a script only if the remaining time matters', async () => {
      const lease = { leaseMs: 60_000, bindMs: 60_000 }
      const answers: string[] = []
      const trips = (fingerprint?: string, times = lease) =>
        commandsOf(async () => {
          const answer = await store.claim({ keys: [{ key: 'plain', fingerprint }], ...times })
          answers.push(answer.status)
          if (answer.status === 'claimed') held = answer.claim
        })
      let held = await claim(store, ['warm script'])
      await store.extend(held, 1000)
      await store.release(held)
      expect(await trips('x')).toEqual(['set'])
      expect(await trips('y')).toEqual(['set'])
      expect((await trips('x')).filter((name) => name !== 'eval')).toEqual(['set', 'evalsha'])
      await store.release(held)
      expect(await trips('y')).toEqual(['set'])
      expect(await trips('x')).toEqual(['set', 'evalsha'])
      await store.commit(held, 60_000)
      expect(await trips('x')).toEqual(['set'])
      expect(await trips()).toEqual(['set'])
      expect(await trips('y')).toEqual(['set'])
      expect(answers).toEqual([
        ...['claimed', 'conflict', 'in_progress', 'conflict', 'claimed'],
        ...['duplicate', 'duplicate', 'conflict'],
      ])
    })

    it('reads a record that the client returns as bytes', async () => {
      const plain = await createClient6({ url: REDIS_URL }).connect()
      connections.push({ close: () => plain.close() })
      const bytes = plain.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer })
      expect(await bytes.set(`${prefix}bytes`, '', { GET: true }), 'no record yet').toBe(null)
      expect(await bytes.get(`${prefix}bytes`)).toBeInstanceOf(Buffer)
      const other = redisDedupeStore(bytes, { prefix: `${prefix}bytes:` })
      const held = await claim(other, ['ключ'])
      await other.commit(held, 60_000)
      const evalSha = vi.spyOn(bytes, 'evalSha')
      expect((await other.claim({ keys: held.keys, leaseMs: 1, bindMs: 1 })).status).toBe('duplicate')
      expect(evalSha).not.toHaveBeenCalled()
    })

    it('falls back to the script for good if the server does not accept NX together with GET', async () => {
      const seen: string[] = []
      const old = {
        set: async () => {
          seen.push('set')
          throw new Error('ERR syntax error')
        },
        evalsha: (sha1: string, count: number, ...rest: string[]) => {
          seen.push('evalsha')
          return client.evalsha(sha1, count, ...rest)
        },
        eval: (script: string, count: number, ...rest: string[]) => client.eval(script, count, ...rest),
      }
      const other = redisDedupeStore(old, { prefix: `${prefix}old:` })
      const held = await claim(other, ['a'])
      await claim(other, ['b'])
      expect(seen).toEqual(['evalsha', 'set', 'evalsha', 'evalsha']) // the first one checks the client
      expect(await other.commit(held, 1000)).toBe(true)
      expect((await other.claim({ keys: held.keys, leaseMs: 1, bindMs: 1 })).status).toBe('duplicate')
    })

    it('keeps using the plain command after an error that is not about the command', async () => {
      const endless = { keys: [{ key: 'endless' }], leaseMs: Number.POSITIVE_INFINITY, bindMs: 1 }
      await expect(store.claim(endless)).rejects.toThrow('ERR')
      await admin.lpush(`${prefix}wire:queue`, 'not a record')
      const seen = await commandsOf(() => expect(claim(store, ['queue'])).rejects.toThrow('wire:queue'))
      expect(seen).toEqual(['set'])
      expect(await commandsOf(() => claim(store, ['after an error']))).toEqual(['set'])
    })

    it('takes one round trip for a claim, a commit, a release or an extension of one key or several', async () => {
      const warm = await claim(store, ['warm'])
      await store.extend(warm, 1000)
      await store.release(warm)
      await store.commit(await claim(store, ['warm']), 1000)
      expect(await commandsOf(() => claim(store, ['a', 'b']))).toEqual(['evalsha'])
      const held = await claim(store, ['c'])
      expect(await commandsOf(() => store.extend(held, 1000))).toEqual(['evalsha'])
      expect(await commandsOf(() => store.commit(held, 1000))).toEqual(['evalsha'])
      const other = await claim(store, ['d'])
      expect(await commandsOf(() => store.release(other))).toEqual(['evalsha'])
    })

    it('takes one more trip if the server has lost its scripts', async () => {
      const seen: string[] = []
      const forgetful = {
        evalsha: async () => {
          seen.push('evalsha')
          throw new Error('NOSCRIPT No matching script. Please use EVAL.')
        },
        eval: (script: string, count: number, ...rest: string[]) => {
          seen.push('eval')
          return client.eval(script, count, ...rest)
        },
      }
      const other = redisDedupeStore(forgetful, { prefix: `${prefix}forgetful:` })
      const held = await claim(other, ['a'])
      expect(await other.commit(held, 1000)).toBe(true)
      expect(seen).toEqual(['evalsha', 'eval', 'evalsha', 'eval', 'evalsha', 'eval']) // the first pair checks the client
    })

    it('keeps a claim that the client sent again because the answer was lost', async () => {
      const resending = {
        evalsha: async (sha1: string, count: number, ...rest: string[]) => {
          await client.evalsha(sha1, count, ...rest).catch(() => client.eval('return 0', 0))
          return client.evalsha(sha1, count, ...rest)
        },
        eval: (script: string, count: number, ...rest: string[]) => client.eval(script, count, ...rest),
      }
      const other = redisDedupeStore(resending, { prefix: `${prefix}resent:` })
      const keys = [{ key: 'a', fingerprint: 'x' }, { key: 'b' }]
      expect((await other.claim({ keys, leaseMs: 60_000, bindMs: 1000 })).status).toBe('claimed')
      expect((await other.claim({ keys: [{ key: 'c' }], leaseMs: 60_000, bindMs: 1000 })).status).toBe('claimed')
    })

    it('keeps a claim whose plain command was sent twice', async () => {
      let wait = 0
      const resending = {
        set: async (...args: [string, string, 'PX', number, 'NX', 'GET']) => {
          expect(await client.set(...args)).toBe(null)
          await new Promise((resolve) => setTimeout(resolve, wait))
          return client.set(...args)
        },
        evalsha: (sha1: string, count: number, ...rest: string[]) => client.evalsha(sha1, count, ...rest),
        eval: (script: string, count: number, ...rest: string[]) => client.eval(script, count, ...rest),
      }
      const other = redisDedupeStore(resending, { prefix: `${prefix}resent plain:` })
      const request = (keys: DedupeKey[], leaseMs: number) => other.claim({ keys, leaseMs, bindMs: 60_000 })
      expect((await request([{ key: 'a' }], 60_000)).status).toBe('claimed')
      // So late that the first lease has run out and the key is only bound: it is leased again.
      wait = 60
      const answer = await request([{ key: 'b', fingerprint: 'x' }], 50)
      if (answer.status !== 'claimed') throw new Error(answer.status)
      expect(await other.extend(answer.claim, 60_000)).toBe(true)
      expect(await other.commit(answer.claim, 1000)).toBe(true)
    })

    it('writes only records that expire, except for an infinite retention', async () => {
      await removeTestKeys()
      const keys = [{ key: 'a', fingerprint: 'x' }, { key: 'b', fingerprint: 'y' }, { key: 'c' }]
      const first = await store.claim({ keys, leaseMs: 5000, bindMs: 1000 })
      await store.claim({ keys: [keys[0]!, { key: 'd', fingerprint: 'z' }], leaseMs: 5000, bindMs: 1000 })
      if (first.status === 'claimed') await store.release(first.claim)
      await store.commit(await claim(store, ['e']), 1000)
      const found = await testKeys()
      expect(found.map((key) => key.slice(-1)).sort()).toEqual(['a', 'b', 'd', 'e'])
      for (const key of found) {
        const ttl = await admin.pttl(key)
        expect(ttl).toBeGreaterThan(0)
        expect(ttl).toBeLessThanOrEqual(1000)
      }
      await store.commit(await claim(store, ['f']), Number.POSITIVE_INFINITY)
      expect(await admin.pttl(`${prefix}wire:f`)).toBe(-1)
    })

    describe('when a key has a value that the store did not write', () => {
      const token = crypto.randomUUID()
      const values: [what: string, value: string][] = [
        ['a text', 'not a record'],
        ['a text like a record, held for ever', 'somebody|0|0|'],
        ['a record that is held and never expires', `${token}|1000|0|`],
        ['a record with another mark', '|0|0|mark'],
        ['a text that ends like a commit', 'x||0|0|'],
        ['a number', '42'],
        ['an empty text', ''],
      ]
      it.each(values)('%s: each call names the key, and leaves the value as it is', async (what, value) => {
        const key = `foreign ${what}`
        const name = `${prefix}wire:${key}`
        await admin.set(name, value)
        const namesKey = expect.objectContaining({ message: expect.stringContaining(name) })
        await expect(claim(store, [key])).rejects.toEqual(namesKey)
        await expect(claim(store, ['free', key])).rejects.toEqual(namesKey)
        await expect(store.claim({ keys: [{ key, fingerprint: 'x' }], leaseMs: 1, bindMs: 1 })).rejects.toEqual(
          namesKey,
        )
        const held = { token: crypto.randomUUID(), keys: [{ key }] }
        await expect(store.commit(held, 1000)).rejects.toEqual(namesKey)
        await expect(store.extend(held, 1000)).rejects.toEqual(namesKey)
        await expect(store.release(held)).rejects.toEqual(namesKey)
        const error = await claim(store, [key]).catch((thrown: Error) => thrown as Error)
        expect((error as Error).message).toContain('prefix')
        if (value !== '') expect(JSON.stringify((error as Error).message)).not.toContain(JSON.stringify(value))
        expect(await admin.get(name)).toBe(value)
        await claim(store, ['free'])
        await admin.del(name, `${prefix}wire:free`)
      })

      it('a list, a hash or a set: each call names the key, and leaves the value as it is', async () => {
        await admin.lpush(`${prefix}wire:list`, 'x')
        await admin.hset(`${prefix}wire:hash`, 'x', 'y')
        await admin.sadd(`${prefix}wire:set`, 'x')
        for (const key of ['list', 'hash', 'set']) {
          await expect(claim(store, [key])).rejects.toThrow(`${prefix}wire:${key}`)
          await expect(claim(store, ['free', key])).rejects.toThrow(`${prefix}wire:${key}`)
          await expect(store.commit({ token, keys: [{ key }] }, 1000)).rejects.toThrow(`${prefix}wire:${key}`)
        }
        expect(await admin.lrange(`${prefix}wire:list`, 0, -1)).toEqual(['x'])
      })

      it('a text that expires as a record does: a claim names the key', async () => {
        await admin.set(`${prefix}wire:expiring`, 'somebody|5|0|', 'PX', 60_000)
        await expect(claim(store, ['expiring'])).rejects.toThrow(`${prefix}wire:expiring`)
      })
    })

    it("cuts a lease that ends further ahead than it is long, as after the server's clock was set back", async () => {
      const HOUR = 3_600_000
      const set = [{ key: 'back a', fingerprint: 'x' }, { key: 'back b' }]
      const request = (keys: readonly DedupeKey[]) => store.claim({ keys, leaseMs: 1000, bindMs: 5000 })
      for (const keys of [[{ key: 'back' }], [{ key: 'back marked', fingerprint: 'x' }], set]) {
        const answer = await request(keys)
        if (answer.status !== 'claimed') throw new Error(answer.status)
        for (const { key } of keys) await admin.pexpire(`${prefix}wire:${key}`, HOUR)
        const met = await request(keys)
        expect(met.status).toBe('in_progress')
        expect((met as { retryAfterMs: number }).retryAfterMs).toBeLessThanOrEqual(1000)
        for (const { key } of keys) expect(await admin.pttl(`${prefix}wire:${key}`)).toBeLessThanOrEqual(6000)
        expect(await store.commit(answer.claim, HOUR)).toBe(true)
        expect((await request(keys)).status).toBe('duplicate')
      }
    })

    it('remembers the holder of an expired claim for bindMs, and takes one more trip to claim its key again', async () => {
      await store.release(await claim(store, ['over']))
      const request = { keys: [{ key: 'over' }], leaseMs: 20, bindMs: 60_000 }
      const late = await store.claim(request)
      await new Promise((resolve) => setTimeout(resolve, 40))
      const ttl = await admin.pttl(`${prefix}wire:over`)
      expect(ttl).toBeGreaterThan(50_000)
      expect(ttl).toBeLessThanOrEqual(60_000)
      let next = late
      const commands = await commandsOf(async () => {
        next = await store.claim({ ...request, leaseMs: 60_000 })
      })
      expect(commands.filter((name) => name !== 'eval')).toEqual(['set', 'evalsha'])
      if (late.status !== 'claimed' || next.status !== 'claimed') throw new Error('not claimed')
      expect(await store.commit(late.claim, 1000)).toBe(false)
      expect(await store.commit(next.claim, 1000)).toBe(true)
    })

    it('commits everything from the same moment in one trip, each claim for itself', async () => {
      const one = (key: string, fingerprint?: string) => ({
        keys: [{ key, fingerprint }],
        leaseMs: 60_000,
        bindMs: 60_000,
      })
      await store.commit(await claim(store, ['batched warm']), 1000)
      const names = Array.from({ length: 20 }, (_, i) => `batched ${i}`)
      const plain = await Promise.all(names.map((name) => claim(store, [name])))
      const pair = await claim(store, ['batched a', 'batched b'])
      const bound = await store.claim(one('batched bound', 'f'))
      const lost = await claim(store, ['batched lost'])
      await store.release(lost)
      const broken = await claim(store, ['batched broken'])
      await admin.del(`${prefix}wire:batched broken`)
      await admin.lpush(`${prefix}wire:batched broken`, 'not a record')
      const forged = { ...plain[0]!, token: crypto.randomUUID() }
      const held = [plain[0]!, forged, ...plain.slice(1, 10), pair, lost, broken, ...plain.slice(10), pair]
      if (bound.status !== 'claimed') throw new Error(bound.status)
      held.push(bound.claim)

      let answers: PromiseSettledResult<boolean>[] = []
      const commands = await commandsOf(async () => {
        answers = await Promise.allSettled(
          held.map((each) => store.commit(each, each === plain[3] ? Number.POSITIVE_INFINITY : 90_000)),
        )
      })
      // One trip for all, and one more for the commit that Redis would not carry out.
      expect(commands).toEqual(['evalsha', 'evalsha'])
      const expected = held.map((each) => {
        if (each === broken) return 'rejected'
        return !(each === forged || each === lost)
      })
      expected[held.lastIndexOf(pair)] = false // already committed, earlier in the same trip
      expect(answers.map((each) => (each.status === 'fulfilled' ? each.value : each.status))).toEqual(expected)

      const again = (key: string) => store.claim(one(key)).then(({ status }) => status)
      for (const key of [...names, 'batched a', 'batched b', 'batched bound'])
        expect(await again(key)).toBe('duplicate')
      expect(await again('batched lost')).toBe('claimed')
      expect(await admin.pttl(`${prefix}wire:batched 3`)).toBe(-1)
      expect(await admin.pttl(`${prefix}wire:batched 4`)).toBeGreaterThan(80_000)
    })

    it('rejects if the connection is closed', async () => {
      const closed = new Redis(REDIS_URL, { retryStrategy: () => null, maxRetriesPerRequest: 0 })
      const gone = redisDedupeStore(closed, { prefix })
      await closed.quit()
      await expect(claim(gone, ['a'])).rejects.toThrow()
    })
  })
})

describe('redis, misuse', () => {
  it('refuses a value that is not a client, and a prefix that is not a string', () => {
    for (const client of [undefined, null, {}, 'redis://', { get() {} }]) {
      expect(() => redisDedupeStore(client as never)).toThrow(expect.objectContaining({ code: 'invalid_option' }))
    }
    const client = redisAnswering(0)
    expect(() => redisDedupeStore(client, { prefix: 1 as never })).toThrow(
      expect.objectContaining({ code: 'invalid_option', option: 'prefix' }),
    )
  })

  it('names an unknown option', () => {
    for (const [options, option] of [
      [{ prefx: 'x' }, 'prefx'],
      [{ prefix: 'x', ttl: 5 }, 'ttl'],
      [null, 'options'],
    ] as [never, string][]) {
      const refused = expect.objectContaining({ code: 'invalid_option', option })
      expect(() => redisDedupeStore(redisAnswering(0), options)).toThrow(refused)
    }
  })

  it.each<[string, object]>([
    ['Upstash', { evalsha() {}, eval() {}, set() {}, createScript() {} }],
    ['valkey-glide', { customCommand() {}, set() {}, invokeScript() {} }],
  ])('refuses a client of %s when the store is made, and says what to pass instead', (name, client) => {
    const error = expect.objectContaining({
      code: 'invalid_option',
      option: 'client',
      message: expect.stringMatching(new RegExp(`${name}.*pass \\{ evalsha, eval \\}.*docs/dedupe.md`)),
    })
    expect(() => redisDedupeStore(client as never)).toThrow(error)
  })

  it.each<[string, (written: unknown[]) => object]>([
    [
      'takes keys and arguments as two lists',
      (written) => ({
        evalsha: async (_sha: string, keys: string[], args: string[]) => written.push([...keys, ...args]),
        eval: async (_script: string, keys: string[], args: string[]) => written.push([...keys, ...args]),
      }),
    ],
    ['answers with nothing', () => ({ evalsha: async () => null, eval: async () => undefined })],
    ['answers through a callback', () => ({ evalsha: () => true, eval: () => true })],
    ['answers with another number', () => ({ evalsha: async () => 0, eval: async () => 0 })],
    ['answers with the script', () => ({ evalsha: async (sha: string) => sha, eval: async (text: string) => text })],
    ['answers with functions', () => ({ evalsha: () => () => 213, eval: () => () => 213 })],
    [
      'has only the method names of node-redis',
      () => ({ evalSha: async (sha: string) => sha, eval: async (text: string) => text }),
    ],
  ])('refuses a client that %s, before anything is written', async (_what, make) => {
    const written: unknown[] = []
    const client = { ...make(written), set: async (...given: unknown[]) => written.push(given) }
    const store = redisDedupeStore(client as never)
    const held = { token: crypto.randomUUID(), keys: [{ key: 'a' }] }
    for (const call of [() => claim(store, ['a']), () => claim(store, ['a', 'b']), () => store.commit(held, 1000)]) {
      await expect(call()).rejects.toMatchObject({ code: 'invalid_option', option: 'client' })
    }
    expect(written).toEqual([])
  })

  it('checks a client once, and once more if the server could not be reached', async () => {
    const asked: string[] = []
    let isAway = true
    const evalsha = async (_sha: string, _count: number, key: string) => {
      asked.push(key)
      if (isAway) throw new Error('ECONNREFUSED')
      return key === 'p:probe' ? 213 : 0
    }
    const store = redisDedupeStore({ evalsha, eval: evalsha }, { prefix: 'p:' })
    const both = await Promise.allSettled([claim(store, ['a']), claim(store, ['b'])])
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(asked.splice(0)).toEqual(['p:probe'])
    isAway = false
    await Promise.all([claim(store, ['a']), claim(store, ['b'])])
    await claim(store, ['c'])
    expect(asked).toEqual(['p:probe', 'p:a', 'p:b', 'p:c'])
  })

  it.each<[string, object, string, Error | undefined]>([
    [
      'throws on a script',
      { evalsha: () => Promise.reject(new TypeError('not a function')), eval: async () => 213 },
      'This one failed to run a script that only counts its keys.',
      new TypeError('not a function'),
    ],
    [
      'drops its arguments',
      { evalsha: async () => 13, eval: async () => 13 },
      'This one does not pass on a script with its keys and its arguments unchanged.',
      undefined,
    ],
  ])('says what is wrong with a client that %s', async (_what, client, hint, cause) => {
    const message = `client must be a node-redis (4, 5, 6) or ioredis client. ${hint} For any other client pass { evalsha, eval }, each (script, numberOfKeys, ...keysAndArguments) => Promise. docs/dedupe.md has recipes.`
    const error = await claim(redisDedupeStore(client as never), ['a']).catch((thrown: Error) => thrown)
    expect(error).toMatchObject({ code: 'invalid_option', option: 'client', message })
    expect((error as Error).cause).toEqual(cause)
  })

  it("passes on the client's own error if the server cannot be reached", async () => {
    const failed = new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') })
    const store = redisDedupeStore({ evalsha: () => Promise.reject(failed), eval: () => Promise.reject(failed) })
    await expect(claim(store, ['a'])).rejects.toBe(failed)
  })

  it('rejects a request that cannot be claimed, and an answer that is not a number', async () => {
    const store = redisDedupeStore(redisAnswering('OK'))
    await expect(store.claim({ keys: [], leaseMs: 1, bindMs: 1 })).rejects.toThrow('at least one key')
    await expect(store.claim({ keys: [{ key: 'a' }], leaseMs: Number.NaN, bindMs: 1 })).rejects.toThrow('leaseMs')
    await expect(store.claim({ keys: [{ key: 'a' }], leaseMs: 1, bindMs: 1 })).rejects.toThrow('integer')
    const held = { token: 't', keys: [{ key: 'a' }] }
    await expect(store.commit(held, 1)).rejects.toThrow('list')
    for (const reply of [[], [1, 1], ['x'], [null]]) {
      await expect(redisDedupeStore(redisAnswering(reply)).commit(held, 1)).rejects.toThrow(TypeError)
    }
  })

  it('accepts the types of both families of clients', () => {
    void ((cluster: Cluster) => redisDedupeStore(cluster))
    expect(redisDedupeStore).toBeTypeOf('function')
  })
})

async function claim(store: RedisDedupeStore, names: string[]) {
  const answer = await store.claim({ keys: names.map((key) => ({ key })), leaseMs: 60_000, bindMs: 60_000 })
  if (answer.status !== 'claimed') throw new Error(answer.status)
  return answer.claim
}
