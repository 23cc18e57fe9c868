// How all durable stores read a request, and what they say about misuse.

import { describe, expect, it } from 'vitest'
import { postgresDedupeSchema, postgresDedupeStore } from '../../src/stores/postgres/index.ts'
import { redisDedupeStore } from '../../src/stores/redis/index.ts'
import { errorChain } from '../../src/stores/shared/error-chain.ts'
import { readKeys, readMilliseconds } from '../../src/stores/shared/request.ts'
import { readTableNames } from '../../src/stores/shared/table.ts'
import { sqliteDedupeStore } from '../../src/stores/sqlite/index.ts'
import { postgresAnswering, redisAnswering } from './fakes.ts'

type Any = never

describe('readMilliseconds', () => {
  it.each([
    [0, 1],
    [0.25, 1],
    [1, 1],
    [1.01, 2],
    [59_999.5, 60_000],
    [1e15, 1e15],
    [1e15 + 1, 1e15],
    [Number.MAX_VALUE, 1e15],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
  ])('reads %d as %d', (given, whole) => {
    expect(readMilliseconds('leaseMs', given)).toBe(whole)
  })

  it.each([Number.NaN, -1, -Number.MIN_VALUE, '1', null, undefined])('refuses %s', (value) => {
    expect(() => readMilliseconds('leaseMs', value as Any)).toThrow(
      'leaseMs must be a number of milliseconds, 0 or more.',
    )
  })
})

describe('readKeys', () => {
  it('gives each key once, the first one first, as text that every database can hold', () => {
    expect(readKeys([{ key: 'a' }])).toEqual([{ name: 'a', fingerprint: undefined }])
    expect(readKeys([{ key: 'a', fingerprint: '' }])).toEqual([{ name: 'a', fingerprint: '' }])
    expect(readKeys([{ key: 'b', fingerprint: 'x' }, { key: 'a' }, { key: 'b', fingerprint: 'x' }])).toEqual([
      { name: 'b', fingerprint: 'x' },
      { name: 'a', fingerprint: undefined },
    ])
    expect(readKeys([{ key: '"\\\0\ud800é', fingerprint: '\udc00' }])).toEqual([
      { name: '\\"\\\\\\u0000\\ud800é', fingerprint: '\\udc00' },
    ])
  })

  it('refuses a request without keys', () => {
    expect(() => readKeys([])).toThrow('keys must be a list with at least one key.')
  })
})

describe('readTableNames', () => {
  it.each<[string | undefined, string, string]>([
    [undefined, '"webhook_deliveries"', '"webhook_deliveries_expires_at"'],
    ['a', '"a"', '"a_expires_at"'],
    ['_a9', '"_a9"', '"_a9_expires_at"'],
    ['schema.Table', '"schema"."Table"', '"Table_expires_at"'],
    ['x'.repeat(48), `"${'x'.repeat(48)}"`, `"${'x'.repeat(48)}_expires_at"`],
  ])('quotes %s', (name, table, index) => {
    expect(readTableNames(name)).toEqual({ table, index })
  })

  it.each([
    '',
    '1a',
    'a b',
    'a.',
    '.a',
    'a.b.c',
    'a.1',
    '1.a',
    'a"',
    'é',
    'x'.repeat(49),
    `${'x'.repeat(49)}.a`,
    'a\n',
    7,
    null,
  ])('refuses %j', (name) => {
    const message =
      'table must be a name of at most 48 letters, digits and underscores that does not begin with a digit, with or without a schema and a dot before it.'
    expect(() => readTableNames(name)).toThrow(message)
  })
})

describe('errorChain', () => {
  const wrapped = (depth: number): Error => new Error(`${depth}`, depth === 1 ? {} : { cause: wrapped(depth - 1) })
  const messages = (error: unknown): unknown[] => [...errorChain(error)].map(({ message }) => message)

  it('gives an error and its causes, five at most', () => {
    expect(messages(wrapped(1))).toEqual(['1'])
    expect(messages(wrapped(3))).toEqual(['3', '2', '1'])
    expect(messages(wrapped(7))).toEqual(['7', '6', '5', '4', '3'])
  })

  it('ends with an error that is its own cause, and with a cause that is not an object', () => {
    const circular = new Error('circular')
    circular.cause = circular
    expect(messages(circular)).toEqual(Array(5).fill('circular'))
    expect(messages(new Error('outer', { cause: 'inner' }))).toEqual(['outer'])
    expect(messages(new Error('outer', { cause: null }))).toEqual(['outer'])
  })

  it.each([undefined, null, 'gone', 7])('is empty for %s', (reason) => {
    expect(messages(reason)).toEqual([])
  })
})

describe('misuse is answered with what the option must be', () => {
  const database = { exec: () => {}, prepare: () => ({ get() {}, run() {}, all: () => [] }) }
  const client = postgresAnswering([])
  it.each<[string, () => unknown]>([
    ['client must be a node-redis (4, 5, 6) or ioredis client.', () => redisDedupeStore({} as Any)],
    ['client must be a node-redis (4, 5, 6) or ioredis client.', () => redisDedupeStore({ set() {} } as Any)],
    ['prefix must be a string.', () => redisDedupeStore({ evalSha() {} } as Any, { prefix: 1 as Any })],
    ['pool must be a client with a query method.', () => postgresDedupeStore({} as Any)],
    ['client must be a client with a query method.', () => postgresDedupeStore(client).inTransaction(null as Any)],
    ['table must be a name', () => postgresDedupeStore(client, { table: 'a b' })],
    ['table must be a name', () => postgresDedupeSchema({ table: 'a b' })],
    [
      'database must be an open database of node:sqlite, better-sqlite3, bun:sqlite or libsql.',
      () => sqliteDedupeStore(undefined as Any),
    ],
    [
      'database must be an open database of node:sqlite, better-sqlite3, bun:sqlite or libsql.',
      () => sqliteDedupeStore({ exec() {} } as Any),
    ],
    [
      'database must be an open database of node:sqlite, better-sqlite3, bun:sqlite or libsql.',
      () => sqliteDedupeStore({ prepare() {} } as Any),
    ],
    ['busyTimeoutMs must be a number from 0 to 3600000', () => sqliteDedupeStore(database, { busyTimeoutMs: -1 })],
    [
      'busyTimeoutMs must be a number from 0 to 3600000',
      () => sqliteDedupeStore(database, { busyTimeoutMs: 3_600_001 }),
    ],
  ])('%s (%#)', (message, call) => {
    expect(call).toThrow(message)
  })

  const held = { token: 't', keys: [{ key: 'a' }] }
  describe.each([
    ['redis', () => redisDedupeStore(redisAnswering(1))],
    ['postgres', () => postgresDedupeStore(client)],
    ['sqlite', () => sqliteDedupeStore(database)],
  ])('in calls of %s', (_name, make) => {
    it.each<[string, (store: ReturnType<typeof make>) => Promise<unknown>]>([
      ['keys must be a list with at least one key.', (store) => store.claim({ keys: [], leaseMs: 1, bindMs: 1 })],
      ['leaseMs must be', (store) => store.claim({ keys: [{ key: 'a' }], leaseMs: -1, bindMs: 1 })],
      ['bindMs must be', (store) => store.claim({ keys: [{ key: 'a' }], leaseMs: 1, bindMs: Number.NaN })],
      ['retentionMs must be', (store) => store.commit(held, -1)],
      ['leaseMs must be', (store) => store.extend!(held, '1' as Any)],
      ['keys must be', (store) => store.release({ ...held, keys: [] })],
    ])('%s', async (message, call) => {
      await expect(call(make())).rejects.toThrow(message)
    })
  })

  it.each([
    ['postgres', () => postgresDedupeStore(client)],
    ['sqlite', () => sqliteDedupeStore(database)],
  ])('in the batch size of deleteExpired of %s', async (_name, make) => {
    for (const batchSize of [0, 1e6 + 1, Number.NaN, '1' as Any])
      await expect(make().deleteExpired({ batchSize })).rejects.toThrow('batchSize must be a number from 1 to 1000000')
    for (const batchSize of [1, 1.5, 1e6, undefined]) expect(await make().deleteExpired({ batchSize })).toBe(0)
    expect(await make().deleteExpired()).toBe(0)
  })
})

describe('an answer that no script of the Redis store gives', () => {
  const answering = (reply: unknown) => redisDedupeStore(redisAnswering(reply))
  const held = { token: 't', keys: [{ key: 'a' }] }
  it.each<[unknown, string]>([
    ['OK', 'Redis answered a script with something other than a list.'],
    [null, 'Redis answered a script with something other than a list.'],
    [[], 'Redis answered a script with 0 results, but the store expected 1.'],
    [[1, 1], 'Redis answered a script with 2 results, but the store expected 1.'],
    [['x'], 'Redis answered a script with something other than an integer.'],
    [[null], 'Redis answered a script with something other than an integer.'],
    [[0.5], 'Redis answered a script with something other than an integer.'],
  ])('rejects %j as the answer to a commit', async (reply, message) => {
    await expect(answering(reply).commit(held, 1)).rejects.toThrow(message)
  })

  it.each([null, 'OK', 0.5, {}])('rejects %j as the answer to a release', async (reply) => {
    const message = 'Redis answered a script with something other than an integer.'
    await expect(answering(reply).release(held)).rejects.toThrow(message)
  })
})
