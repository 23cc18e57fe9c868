// What the PostgreSQL store sends to its client, and in which order: retries, sorted sets, savepoints, prepared statements. The clients
// here are fakes; postgres.test.ts uses a real server.

import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { postgresDedupeSchema, postgresDedupeStore } from '../../src/stores/postgres/index.ts'
import type { DedupeKey } from '../../src/webhook/index.ts'
import { POSTGRES_PROBE, POSTGRES_PROOF } from './fakes.ts'

type Rows = readonly object[]
type Asked = {
  readonly text: string
  readonly values: readonly unknown[] | undefined
  readonly name?: string
  readonly at: number
}

/** A client that records its statements. `answer` gives the rows for the nth statement, or throws the server's error. */
function clientOf(answer: (text: string, nth: number) => Rows | Promise<Rows>, more: object = {}) {
  const asked: Asked[] = []
  const client = {
    async query(given: string | { name: string; text: string; values: unknown[] }, values?: unknown[]) {
      const nth = asked.length
      const at = performance.now()
      const one = typeof given === 'string' ? { text: given, values } : given
      if (one.text.startsWith(POSTGRES_PROBE)) return { rows: [POSTGRES_PROOF] }
      asked.push({ ...one, at })
      return { rows: await answer(one.text, nth) }
    },
    ...more,
  }
  return { asked, client, store: postgresDedupeStore(client as never) }
}

const failure = (code: unknown): Error => Object.assign(new Error(`error ${code}`), { code })
const fail = (code: unknown): never => {
  throw failure(code)
}
const NOTHING = { taken: false, conflict: false, duplicate: false, held_ms: null }
const TAKEN = { ...NOTHING, taken: true }
const one: readonly DedupeKey[] = [{ key: 'a', fingerprint: 'x' }]
const three: readonly DedupeKey[] = [{ key: 'c', fingerprint: '3' }, { key: 'a' }, { key: 'b', fingerprint: '2' }]
const times = { leaseMs: 1000, bindMs: 2000 }
const words = (asked: readonly Asked[]): string[] =>
  asked.map(({ text }) => /^\s*(\w+( TO)?( SAVEPOINT)?( \w+)?)/.exec(text)?.[1] ?? '')

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

/** Lets the fake clock run until the promise has settled. */
async function settled<T>(promise: Promise<T>): Promise<PromiseSettledResult<T>> {
  const [result] = await Promise.all([Promise.allSettled([promise]), vi.advanceTimersByTimeAsync(20_000)])
  return result[0] as PromiseSettledResult<T>
}

describe('a statement that is a transaction of its own', () => {
  it.each(['40001', '40P01'])(
    'is retried for four seconds after error %s, with pauses of 5, 10, 20 … and 100 ms',
    async (code) => {
      const { asked, store } = clientOf(() => fail(code))
      expect(await settled(store.claim({ ...times, keys: one }))).toMatchObject({
        status: 'rejected',
        reason: { code },
      })
      const pauses = asked.slice(1).map(({ at }, i) => at - asked[i]!.at)
      expect(pauses.slice(0, 7)).toEqual([5, 10, 20, 40, 80, 100, 100])
      expect(new Set(pauses.slice(5))).toEqual(new Set([100]))
      const [start, end] = [asked[0]!.at, asked.at(-1)!.at]
      expect(end - start).toBeGreaterThanOrEqual(4000)
      expect(end - start).toBeLessThan(4100)
    },
  )

  it('is in_progress if others keep claiming parts of the same set', async () => {
    const { asked, store } = clientOf((text) => (text.includes('RECURSIVE') ? fail('22012') : []))
    const answer = { status: 'in_progress', retryAfterMs: 1000 }
    expect(await settled(store.claim({ ...times, keys: three }))).toMatchObject({ value: answer })
    expect(asked.at(-1)!.at - asked[0]!.at).toBeGreaterThanOrEqual(12_000) // four seconds for each of three looks
  })

  describe('is sent as READ COMMITTED after a serialization failure', () => {
    const begin = 'BEGIN ISOLATION LEVEL READ COMMITTED'
    function strictPool(answer: (text: string) => Rows) {
      const sent: string[] = []
      const released: unknown[] = []
      const borrowed = {
        async query(text: string) {
          sent.push(text.trim().slice(0, 40))
          return { rows: text.startsWith('UPDATE') ? answer(text) : [] }
        },
        release: (isBroken: unknown) => released.push(isBroken),
      }
      const { asked, store } = clientOf(() => fail('40001'), { totalCount: 0, connect: async () => borrowed })
      return { asked, store, sent, released }
    }
    const held = { token: 't', keys: one }

    it('in a transaction on a borrowed client, which is returned to the pool', async () => {
      const { asked, store, sent, released } = strictPool(() => [{}])
      for (let round = 0; round < 2; round++) {
        expect(await settled(store.release(held))).toMatchObject({ value: true })
      }
      expect(asked).toHaveLength(1)
      expect(sent.filter((text) => !text.startsWith('UPDATE'))).toEqual([begin, 'COMMIT', begin, 'COMMIT'])
      expect(sent.filter((text) => text.startsWith('UPDATE'))).toHaveLength(2)
      expect(released).toEqual([false, false])
    })

    it('and rolled back if it fails', async () => {
      const { store, sent, released } = strictPool(() => fail('23505'))
      expect(await settled(store.release(held))).toMatchObject({ status: 'rejected', reason: { code: '23505' } })
      expect(sent.filter((text) => !text.startsWith('UPDATE'))).toEqual([begin, 'ROLLBACK'])
      expect(released).toEqual([false])
    })

    it('and its connection is closed if it cannot even be rolled back', async () => {
      const released: unknown[] = []
      const broken = clientOf(() => fail('40001'), {
        totalCount: 0,
        connect: async () => ({
          query: async () => fail('08006'),
          release: (isBroken: unknown) => released.push(isBroken),
        }),
      })
      expect(await settled(broken.store.release(held))).toMatchObject({ status: 'rejected', reason: { code: '08006' } })
      expect(released).toEqual([true])
    })

    it('but is only retried through a client that is not a pool', async () => {
      for (const more of [{}, { connect: async () => ({}) }]) {
        const { asked, store } = clientOf((_text, nth) => (nth < 3 ? fail('40001') : [{}]), more)
        expect(await settled(store.release(held))).toMatchObject({ value: true })
        expect(new Set(asked.map(({ text }) => text)).size).toBe(1)
      }
    })
  })

  it('is not repeated once it has succeeded', async () => {
    const { asked, store } = clientOf((_text, nth) => (nth < 3 ? fail('40001') : [TAKEN]))
    expect(await settled(store.claim({ ...times, keys: one }))).toMatchObject({ value: { status: 'claimed' } })
    expect(asked).toHaveLength(4)
  })

  it.each<[string, Error]>([
    ['its code, as pg', failure('40001')],
    ['its errno, as Bun', Object.assign(new Error(), { code: 'ERR_POSTGRES_SERVER_ERROR', errno: '40001' })],
    ['its cause, as Drizzle', new Error('failed query', { cause: failure('40001') })],
    ['the cause of its cause', new Error('failed', { cause: new Error('query', { cause: failure('40001') }) })],
  ])('is retried if the SQLSTATE is in %s', async (_where, error) => {
    const { asked, store } = clientOf((_text, nth) => (nth === 0 ? Promise.reject(error) : [{}]))
    expect(await settled(store.release({ token: 't', keys: one }))).toMatchObject({ value: true })
    expect(asked).toHaveLength(2)
  })

  it.each(['23505', '', undefined, 40001])('is not retried after error %s', async (code) => {
    const { asked, store } = clientOf(() => fail(code))
    expect((await settled(store.release({ token: 't', keys: one }))).status).toBe('rejected')
    expect(asked).toHaveLength(1)
  })

  it.each([undefined, null, 'gone'])('is not retried if the client rejects with %s', async (reason) => {
    const { asked, store } = clientOf(() => Promise.reject(reason))
    expect(await settled(store.claim({ ...times, keys: one }))).toEqual({ status: 'rejected', reason })
    expect(asked).toHaveLength(1)
  })
})

describe('a claim', () => {
  it('of one key is one statement, with fingerprint, token and durations', async () => {
    const { asked, store } = clientOf(() => [TAKEN])
    const answer = await store.claim({ ...times, keys: one })
    expect(answer).toEqual({ status: 'claimed', claim: { token: expect.any(String), keys: one } })
    const { token } = (answer as { claim: { token: string } }).claim
    expect(asked.map(({ values }) => values)).toEqual([['a', 'x', token, 1000, 2000]])
  })

  it('of several keys sorts them, and names the first one of the request', async () => {
    const { asked, store } = clientOf(() => [TAKEN])
    for (const keys of [three, [...three].reverse()]) {
      const answer = await store.claim({ ...times, keys })
      expect(answer).toMatchObject({ status: 'claimed', claim: { keys } })
      const { token } = (answer as { claim: { token: string } }).claim
      expect(asked.splice(0).map(({ values }) => values)).toEqual([
        [['a', 'b', 'c'], [null, '2', '3'], token, 1000, 2000, keys[0]?.key],
      ])
    }
  })

  it.each<[object, object]>([
    [{ conflict: true, duplicate: true, held_ms: 5 }, { status: 'conflict' }],
    [{ duplicate: true, held_ms: 5 }, { status: 'duplicate' }],
    [{ held_ms: 5.5 }, { status: 'in_progress', retryAfterMs: 5.5 }],
    [{ held_ms: 0 }, { status: 'in_progress', retryAfterMs: 1 }],
    [{ held_ms: -3 }, { status: 'in_progress', retryAfterMs: 1 }],
    [
      { held_ms: 7, is_ahead: false },
      { status: 'in_progress', retryAfterMs: 7 },
    ],
  ])('that gets the row %j answers %j', async (verdict, answer) => {
    const { store } = clientOf(() => [{ ...NOTHING, ...verdict }])
    expect(await store.claim({ ...times, keys: one })).toEqual(answer)
  })

  it('that meets a lease which ends further ahead than it is long cuts it, by one more statement', async () => {
    for (const keys of [one, three]) {
      const { asked, store } = clientOf(() => [{ ...NOTHING, held_ms: 5, is_ahead: true }])
      expect(await store.claim({ ...times, keys })).toEqual({ status: 'in_progress', retryAfterMs: 5 })
      expect(asked[1]?.values).toEqual([keys === one ? ['a'] : ['a', 'b', 'c']])
      expect(asked).toHaveLength(2)
    }
  })

  it.each([
    ['a row without a verdict', [NOTHING]],
    ['no row at all', []],
  ])('that gets %s looks three times, at 0, 5 and 25 ms, and then answers in_progress', async (_what, rows) => {
    for (const keys of [one, three]) {
      const { asked, store } = clientOf(() => rows)
      const answer = { status: 'in_progress', retryAfterMs: 1000 }
      expect(await settled(store.claim({ ...times, keys }))).toEqual({ status: 'fulfilled', value: answer })
      const [start] = asked
      // The keys of a set that nobody holds are bound.
      expect(asked.map(({ at }) => at - start!.at)).toEqual(keys === one ? [0, 5, 25] : [0, 5, 25, 25])
      if (keys === three) expect(asked[3]?.values).toEqual([['a', 'b', 'c'], [null, '2', '3'], 2000, 'c'])
    }
  })

  it('stores names of up to 600 characters, and the digests of longer ones', async () => {
    for (const length of [599, 600, 601, 602, 603, 5000]) {
      const { asked, store } = clientOf(() => [TAKEN])
      const key = 'k'.repeat(length)
      vi.useRealTimers() // the digest does not come from a timer
      await store.claim({ ...times, keys: [{ key }] })
      const digest = `"sha256:${createHash('sha256').update(key).digest('hex')}`
      expect(asked[0]?.values?.[0]).toBe(length <= 600 ? key : digest)
    }
  })
})

describe('settling a claim', () => {
  it('succeeds if one row changes for each key; keys are sorted', async () => {
    for (const [keys, names] of [
      [one, 'a'],
      [three, ['a', 'b', 'c']],
    ] as const) {
      for (const rows of [0, 1, 2, 3]) {
        const { asked, store } = clientOf(() => Array.from({ length: rows }, () => ({})))
        const held = { token: 't', keys }
        const isSettled = rows === keys.length
        expect(await store.commit(held, 7)).toBe(isSettled)
        expect(await store.extend?.(held, 8)).toBe(isSettled)
        expect(await store.release(held)).toBe(isSettled)
        expect(asked.map(({ values }) => values)).toEqual([
          [names, 't', 7],
          [names, 't', 8],
          [names, 't'],
        ])
      }
    }
  })
})

describe('in a transaction', () => {
  const inside = (answer: Parameters<typeof clientOf>[0]) => {
    const { asked, client } = clientOf(answer)
    const { store } = clientOf(() => [])
    return { asked, store: store.inTransaction(client as never) }
  }

  it('a claim of one key is followed by a savepoint for the handler if it succeeded', async () => {
    const taken = inside(() => [TAKEN])
    expect((await taken.store.claim({ ...times, keys: one })).status).toBe('claimed')
    expect(words(taken.asked)).toEqual(['WITH known', 'SAVEPOINT fluxora_handler'])
    const known = inside(() => [{ ...NOTHING, duplicate: true }])
    expect((await known.store.claim({ ...times, keys: one })).status).toBe('duplicate')
    expect(words(known.asked)).toEqual(['WITH known'])
  })

  it('a claim of several keys has its own savepoint, and rolls back to it if it claimed only some of them', async () => {
    const { asked, store } = inside((text, nth) => (text.includes('WITH') && nth < 5 ? fail('22012') : [TAKEN]))
    expect((await store.claim({ ...times, keys: three })).status).toBe('claimed')
    const [begin, back] = ['SAVEPOINT fluxora_claim', 'ROLLBACK TO SAVEPOINT fluxora_claim']
    expect(words(asked)).toEqual([
      ...[begin, 'WITH RECURSIVE', back],
      ...[begin, 'WITH RECURSIVE', back],
      ...[begin, 'WITH RECURSIVE', 'SAVEPOINT fluxora_handler'],
    ])
  })

  it.each([
    ['22012', 5],
    ['40001', 1],
    [undefined, 1],
  ])(
    'a claim of several keys that fails with %s is tried %i times, and leaves the transaction usable',
    async (code, tries) => {
      const { asked, store } = inside((text) => (text.includes('WITH') ? fail(code) : []))
      await expect(store.claim({ ...times, keys: three })).rejects.toThrow(`error ${code}`)
      expect(words(asked).filter((word) => word.startsWith('WITH'))).toHaveLength(tries)
      expect(words(asked).filter((word) => word.startsWith('ROLLBACK'))).toHaveLength(tries)
    },
  )

  it('a commit succeeds, or aborts the transaction', async () => {
    const held = { token: 't', keys: one }
    const good = inside(() => [{}])
    expect(await good.store.commit(held, 7)).toBe(true)
    expect(words(good.asked)).toEqual(['UPDATE'])
    const lost = inside((text) => (text.startsWith('UPDATE') ? [] : fail('P0001')))
    await expect(lost.store.commit(held, 7)).rejects.toThrow('P0001')
    expect(lost.asked[1]?.text).toContain('RAISE EXCEPTION')
    expect(await inside(() => []).store.commit(held, 7)).toBe(false)
    await expect(good.store.commit(held, -1)).rejects.toThrow('retentionMs must be')
  })

  it('a release first rolls back what the handler did', async () => {
    const { asked, store } = inside(() => [{}])
    expect(await store.release({ token: 't', keys: one })).toBe(true)
    expect(words(asked)).toEqual(['ROLLBACK TO SAVEPOINT fluxora_handler', 'UPDATE'])
  })
})

describe('statements', () => {
  const connect = (): void => {}
  const release = { token: 't', keys: one }

  /** Two hashes in the manner of FNV-1a: each text has its own name. */
  function nameOf(text: string): string {
    let [a, b] = [0x811c9dc5, 0x1000193]
    for (const unit of text.split('').map((character) => character.charCodeAt(0))) {
      a = Math.imul(a ^ unit, 0x01000193)
      b = Math.imul(b ^ unit, 0x5bd1e995)
    }
    return `fluxora_${(a >>> 0).toString(16)}_${(b >>> 0).toString(16)}`
  }

  it('are prepared for pg, each under a name made from its text, and plain for other clients', async () => {
    for (const [more, isPrepared] of [
      [{ connect, totalCount: 3 }, true],
      [{ connect }, true],
      [{}, false],
      [{ connect: 'yes' }, false],
      [{ totalCount: 3 }, false],
    ] as const) {
      const { asked, store } = clientOf(() => [{}], more)
      for (let round = 0; round < 2; round++) await store.release(release)
      await store.commit(release, 7)
      expect(asked.map(({ name }) => name)).toEqual(asked.map(({ text }) => (isPrepared ? nameOf(text) : undefined)))
      expect(asked.map(({ values }) => values?.length)).toEqual([2, 2, 3])
      expect(new Set(asked.map(({ text }) => text)).size).toBe(2)
    }
  })

  it.each(['26000', '42P05'])('are plain after the first error %s, as behind a pooler', async (code) => {
    const { asked, store } = clientOf((_text, nth) => (nth === 1 ? fail(code) : [{}]), { connect, totalCount: 3 })
    for (let round = 0; round < 3; round++) expect(await store.release(release)).toBe(true)
    expect(asked.map(({ name }) => name !== undefined)).toEqual([true, true, false, false])
  })

  it('are still prepared after another error', async () => {
    const { asked, store } = clientOf((_text, nth) => (nth === 0 ? fail('23505') : [{}]), { connect, totalCount: 3 })
    await expect(store.release(release)).rejects.toThrow('23505')
    await store.release(release)
    expect(asked.map(({ name }) => name !== undefined)).toEqual([true, true])
  })

  it.each<[string, object, number]>([
    ['one at a time to a pg Client', { connect }, 1],
    ['side by side to a pg Pool', { connect, totalCount: 0 }, 3],
    ['side by side to any other client', {}, 3],
  ])('are sent %s', async (_how, more, most) => {
    let [running, peak] = [0, 0]
    const { store } = clientOf(async (_text, nth) => {
      peak = Math.max(peak, ++running)
      await new Promise((resolve) => setTimeout(resolve, 5))
      running--
      return nth === 0 ? fail('23505') : [{}] // a failure does not hold up the others
    }, more)
    const results = await settled(Promise.allSettled([1, 2, 3].map(() => store.release(release))))
    const statuses = (results as PromiseFulfilledResult<PromiseSettledResult<boolean>[]>).value.map(
      ({ status }) => status,
    )
    expect(statuses).toEqual(['rejected', 'fulfilled', 'fulfilled'])
    expect(peak).toBe(most)
  })
})

describe('a client that the store cannot use', () => {
  const template = Object.assign(() => Promise.resolve([]), { unsafe() {} })
  const typeOrm =
    'This one belongs to TypeORM, whose query method resolves to a list. Pass { query } over a QueryRunner.'
  const shapes: [what: string, hint: string | undefined, client: unknown][] = [
    [
      'a tagged template',
      'This one is a tagged template, which resolves to a list. Pass { query: async (text, values) => ({ rows: await sql.unsafe(text, values) }) }.',
      template,
    ],
    [
      'a Kysely',
      'This one belongs to Kysely. Pass { query } over executeQuery.',
      { executeQuery() {}, selectFrom() {} },
    ],
    [
      'a Knex',
      'This one belongs to Knex. Pass { query } over one of its connections.',
      Object.assign(() => {}, { raw() {}, transaction() {} }),
    ],
    ['a Drizzle', 'This one belongs to Drizzle. Pass its $client.', { execute() {}, transaction() {}, query: {} }],
    ['a DataSource', typeOrm, { query() {}, createQueryRunner() {} }],
    ['an EntityManager', typeOrm, { query() {}, getRepository() {} }],
    ['a QueryRunner', typeOrm, { query() {}, startTransaction() {} }],
    [
      'a Prisma',
      'This one belongs to Prisma. Pass { query } over $queryRawUnsafe.',
      { $queryRawUnsafe() {}, $transaction() {} },
    ],
    ['nothing', undefined, undefined],
    ['a text', undefined, 'postgres://'],
    ['half a Knex', undefined, { raw() {} }],
    ['half a Drizzle', undefined, { execute() {} }],
  ]
  it.each(shapes)(
    'because it is %s is refused when the store is made, with what to pass instead',
    (_what, hint, client) => {
      const refused = (option: string) => {
        const expected = `${option} must be a client with a query method.`
        const advice =
          'That method takes (text, values) and resolves to { rows }. docs/dedupe.md has recipes for other clients.'
        const message = hint === undefined ? `${expected} ${advice}` : `${expected} ${hint} ${advice}`
        return expect.objectContaining({ code: 'invalid_option', option, message })
      }
      expect(() => postgresDedupeStore(client as never)).toThrow(refused('pool'))
      expect(() => clientOf(() => []).store.inTransaction(client as never)).toThrow(refused('client'))
    },
  )

  const right = POSTGRES_PROOF
  const answers: [what: string, answer: unknown][] = [
    ['a list of rows', [right]],
    ['rows and their number', [[right], 1]],
    ['nothing', undefined],
    ['a number', 1],
    ['rows that are not a list', { rows: { 0: right, length: 1 } }],
    ['no row', { rows: [] }],
    ['lists for rows', { rows: [Object.values(right)] }],
    ['two rows', { rows: [right, right] }],
    ['texts for booleans', { rows: [{ ...right, yes: 't', no: 'f' }] }],
    ['numbers for booleans', { rows: [{ ...right, yes: 1, no: 0 }] }],
    ['texts for numbers', { rows: [{ ...right, number: '1.5' }] }],
    ['a parameter that was not passed on', { rows: [{ ...right, text: '$1' }] }],
    ['a list that was passed on as text', { rows: [{ ...right, count: 1 }] }],
  ]
  it.each(answers)('because it answers with %s is refused before anything is written', async (_what, answer) => {
    const asked: string[] = []
    const client = {
      query: async (text: string) => {
        asked.push(text)
        return answer
      },
    }
    const store = postgresDedupeStore(client as never)
    const refused = (option: string) =>
      expect.objectContaining({ code: 'invalid_option', option, message: expect.stringContaining('docs/dedupe.md') })
    await expect(store.claim({ ...times, keys: one })).rejects.toEqual(refused('pool'))
    await expect(store.claim({ ...times, keys: three })).rejects.toEqual(refused('pool'))
    await expect(store.release({ token: 't', keys: one })).rejects.toEqual(refused('pool'))
    await expect(store.migrate()).rejects.toEqual(refused('pool'))
    await expect(store.deleteExpired()).rejects.toEqual(refused('pool'))
    const inside = store.inTransaction(client as never)
    await expect(inside.claim({ ...times, keys: one })).rejects.toEqual(refused('client'))
    expect(asked.every((text) => text.startsWith(POSTGRES_PROBE))).toBe(true)
  })

  it('is checked once for all first calls, and again only if the server could not be reached', async () => {
    const asked: string[] = []
    let isAway = true
    const client = {
      query: async (text: string) => {
        asked.push(text)
        if (isAway) throw failure('ECONNREFUSED')
        return { rows: text.startsWith(POSTGRES_PROBE) ? [POSTGRES_PROOF] : [TAKEN] }
      },
    }
    const store = postgresDedupeStore(client as never)
    const claims = () => Promise.allSettled([1, 2, 3].map(() => store.claim({ ...times, keys: one })))
    expect((await claims()).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(asked.splice(0)).toHaveLength(1)
    isAway = false
    expect((await claims()).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled'])
    expect(asked.filter((text) => text.startsWith(POSTGRES_PROBE))).toHaveLength(1)
    expect(asked).toHaveLength(4)
  })

  it('is checked once for all transactions on clients with the same query method, as those of a pool have', async () => {
    const asked: string[] = []
    class PoolClient {
      async query(text: string) {
        asked.push(text)
        return { rows: text.startsWith(POSTGRES_PROBE) ? [POSTGRES_PROOF] : [TAKEN] }
      }
    }
    const { store } = clientOf(() => [])
    for (const client of [new PoolClient(), new PoolClient(), { query: new PoolClient().query }]) {
      expect((await store.inTransaction(client as never).claim({ ...times, keys: one })).status).toBe('claimed')
    }
    const own = { query: (text: string) => new PoolClient().query(text) }
    await store.inTransaction(own as never).claim({ ...times, keys: one })
    expect(asked.filter((text) => text.startsWith(POSTGRES_PROBE))).toHaveLength(2)
  })

  it('is refused if a later answer has no rows', async () => {
    const client = {
      query: async (text: string) => (text.startsWith(POSTGRES_PROBE) ? { rows: [POSTGRES_PROOF] } : [[], 0]),
    }
    const store = postgresDedupeStore(client as never)
    await expect(store.claim({ ...times, keys: one })).rejects.toMatchObject({ code: 'invalid_option' })
  })
})

describe('options', () => {
  it('are refused by name if they are unknown', () => {
    const client = { query: async () => ({ rows: [] }) }
    for (const [options, option] of [
      [{ tables: 'x' }, 'tables'],
      [{ table: 'x', schema: 'y' }, 'schema'],
      [null, 'options'],
    ] as [never, string][]) {
      const refused = expect.objectContaining({ code: 'invalid_option', option })
      expect(() => postgresDedupeStore(client, options)).toThrow(refused)
      expect(() => postgresDedupeSchema(options)).toThrow(refused)
    }
    expect(() => postgresDedupeStore(client, { tables: 'x' } as never)).toThrow('The options are table.')
  })
})
