import { describe, expect, it } from 'vitest'
import { findUnsafeAmounts } from '../../src/decimal/index.ts'
import { thrownBy } from './support.ts'

const FIELDS = ['amount', 'depositAmount']
const pointers = (payload: unknown, fields: Iterable<string> & object = FIELDS) =>
  findUnsafeAmounts(payload, fields).map(({ pointer, found }) => `${found} ${pointer}`)

describe('findUnsafeAmounts', () => {
  it('finds numbers where amounts belong, at any depth, with a pointer to each', () => {
    const payload = JSON.parse(
      '{"amount":1,"streams":[{"depositAmount":1.5,"id":7},{"depositAmount":"2"}],"a":{"b":{"amount":0}}}',
    )
    expect(findUnsafeAmounts(payload, FIELDS)).toStrictEqual([
      {
        pointer: '/amount',
        field: 'amount',
        found: 'number',
        code: 'DECIMAL_INVALID_TYPE',
        reason: 'not_a_string',
        message: expect.any(String),
      },
      expect.objectContaining({ pointer: '/streams/0/depositAmount', field: 'depositAmount' }),
      expect.objectContaining({ pointer: '/a/b/amount', field: 'amount' }),
    ])
  })

  it('finds every number, whatever its value, and bigints, which JSON cannot carry', () => {
    for (const amount of [0, -0, 1, 1e21, 0.1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53 + 2]) {
      expect(pointers({ amount })).toStrictEqual(['number /amount'])
    }
    expect(pointers({ amount: 1n })).toStrictEqual(['bigint /amount'])
  })

  it('ignores strings, absent values, booleans, and numbers in other fields', () => {
    expect(pointers({ amount: '1e3', depositAmount: null, id: 5, list: [1, 2], nested: { count: 3 } })).toStrictEqual(
      [],
    )
    expect(pointers({ amount: undefined, depositAmount: true })).toStrictEqual([])
    for (const payload of [null, undefined, 1, 'amount', true, 1n, Symbol('s'), () => 1, [], {}, [1, [2]]]) {
      expect(pointers(payload)).toStrictEqual([])
    }
    expect(pointers({ amount: 1 }, [])).toStrictEqual([])
  })

  it('counts the elements of an array as amounts of its field', () => {
    expect(pointers({ amount: ['1', 2, [3, { amount: 4, other: 5 }]] })).toStrictEqual([
      'number /amount/1',
      'number /amount/2/0',
      'number /amount/2/1/amount',
    ])
    expect(pointers({ amount: { value: 1 } })).toStrictEqual([])
    expect(pointers([{ amount: 1 }])).toStrictEqual(['number /0/amount'])
  })

  it('escapes pointers by RFC 6901', () => {
    expect(pointers({ 'a/b': { 'm~n': { '~1': { '': { amount: 1 } } } } })).toStrictEqual([
      'number /a~1b/m~0n/~01//amount',
    ])
    expect(pointers({ 'x/y~z': 1 }, ['x/y~z'])).toStrictEqual(['number /x~1y~0z'])
  })

  it('gives pointers that lead back to the number', () => {
    const payload = JSON.parse('{"~":{"/":[{"amount":1},{"":{"amount":2,"~1":{"amount":[3]}}}]}}')
    const found = findUnsafeAmounts(payload, FIELDS).map(({ pointer }) => resolve(payload, pointer))
    expect(found).toStrictEqual([1, 2, 3])
  })

  it('treats __proto__, constructor and toString as ordinary keys', () => {
    const payload = JSON.parse('{"__proto__":{"amount":1},"constructor":{"amount":2},"toString":3,"hasOwnProperty":4}')
    expect(pointers(payload, ['amount', 'toString', 'hasOwnProperty'])).toStrictEqual([
      'number /__proto__/amount',
      'number /constructor/amount',
      'number /toString',
      'number /hasOwnProperty',
    ])
    expect(pointers(JSON.parse('{"__proto__":5}'), ['__proto__'])).toStrictEqual(['number /__proto__'])
    expect(({} as Record<string, unknown>).amount).toBeUndefined()
  })

  it('does not read inherited properties', () => {
    expect(pointers(Object.create({ amount: 1 }))).toStrictEqual([])
    expect(pointers(Object.assign(Object.create(null), { amount: 1 }))).toStrictEqual(['number /amount'])
  })

  it('ends on cycles, and reports a shared object everywhere it appears', () => {
    const loop: Record<string, unknown> = { amount: 1 }
    loop.self = loop
    loop.list = [loop, { up: loop }]
    expect(pointers(loop)).toStrictEqual(['number /amount'])
    const shared = { amount: 1 }
    expect(pointers({ a: shared, b: [shared] })).toStrictEqual(['number /a/amount', 'number /b/0/amount'])
  })

  it('ends on structures that unfold without end', () => {
    let knot: unknown = { amount: 1 }
    for (let i = 0; i < 60; i++) knot = [knot, knot]
    expect(findUnsafeAmounts(knot, FIELDS).length).toBeLessThanOrEqual(1001)
    const endless = {
      get more(): unknown {
        return Object.create(null, Object.getOwnPropertyDescriptors(endless))
      },
    }
    expect(pointers(endless)).toStrictEqual([`unread ${'/more'.repeat(64)}`])
  })

  it('reports what it could not read, and goes on', () => {
    const payload = {
      get broken(): unknown {
        throw new Error('no')
      },
      amount: 1,
      inner: {
        get amount(): number {
          throw new Error('no')
        },
      },
    }
    expect(findUnsafeAmounts(payload, FIELDS)).toStrictEqual([
      expect.objectContaining({ pointer: '/broken', field: '', found: 'unread', code: 'DECIMAL_OUT_OF_RANGE' }),
      expect.objectContaining({ pointer: '/amount', found: 'number' }),
      expect.objectContaining({ pointer: '/inner/amount', field: 'amount', found: 'unread', reason: 'unread' }),
    ])
  })

  it('survives proxies that refuse everything', () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    expect(pointers(proxy)).toStrictEqual(['unread '])
    expect(pointers({ a: proxy, amount: 1 })).toStrictEqual(['unread /a', 'number /amount'])
    const refusing = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('no')
        },
      },
    )
    expect(pointers([refusing, { amount: 1 }])).toStrictEqual(['unread /0', 'number /1/amount'])
  })

  it('reads 64 containers deep and says where it stopped', () => {
    const nest = (depth: number) => JSON.parse(`${'{"a":'.repeat(depth)}{"amount":1}${'}'.repeat(depth)}`)
    expect(pointers(nest(63))).toStrictEqual([`number ${'/a'.repeat(63)}/amount`])
    expect(pointers(nest(64))).toStrictEqual([`unread ${'/a'.repeat(64)}`])
    expect(pointers(nest(5000))).toStrictEqual([`unread ${'/a'.repeat(64)}`])
    expect(pointers(JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`))).toStrictEqual([`unread ${'/0'.repeat(64)}`])
  })

  it('counts a value that is not a container as read, however deep it is', () => {
    const leaf: Record<string, unknown> = {
      none: null,
      flag: true,
      absent: undefined,
      call: () => 1,
      text: 'x',
      sign: Symbol('s'),
    }
    let payload: unknown = leaf
    for (let i = 0; i < 63; i++) payload = { a: payload }
    expect(pointers(payload)).toStrictEqual([])
    leaf.box = {}
    expect(pointers(payload)).toStrictEqual([`unread ${'/a'.repeat(63)}/box`])
  })

  it('reads a million values and says where it stopped', () => {
    const list = new Array(999_996).fill('x')
    expect(pointers({ list, last: { amount: 1 } })).toStrictEqual(['number /last/amount'])
    list.push('x')
    expect(pointers({ list, last: { amount: 1 } })).toStrictEqual(['unread /last/amount'])
    list.push('x')
    expect(pointers({ list, last: { amount: 1 }, more: { amount: 1 } })).toStrictEqual(['unread /last'])
    expect(pointers({ list, amount: 1, more: 2 }, ['amount', 'more'])).toStrictEqual(['unread /amount'])
    expect(pointers({ amount: 1, list })).toStrictEqual(['number /amount'])
  })

  it('stops after 1000 findings, and says so', () => {
    const thousand = findUnsafeAmounts({ amount: new Array(1000).fill(1) }, FIELDS)
    expect(thousand).toHaveLength(1000)
    expect(thousand.every(({ found }) => found === 'number')).toBe(true)
    const more = findUnsafeAmounts({ a: { amount: new Array(5000).fill(1) }, b: [{ amount: 1 }] }, FIELDS)
    expect(more).toHaveLength(1001)
    expect(more.at(-1)).toMatchObject({ pointer: '/a/amount/1000', found: 'unread' })
  })

  it('does not repeat a long key in every finding', () => {
    const key = 'k'.repeat(100_000)
    const payload = { [key]: new Array(900).fill({ amount: 1 }), amount: 2 }
    const found = findUnsafeAmounts(payload, FIELDS)
    expect(found).toHaveLength(901)
    expect(found[0]).toMatchObject({ pointer: '', field: 'amount', found: 'unread' })
    expect(found[900]).toMatchObject({ pointer: '/amount', found: 'number' })
    expect(JSON.stringify(found).length).toBeLessThan(2 * key.length)
    let deep: unknown = { [key]: new Array(900).fill([]) }
    for (let i = 0; i < 62; i++) deep = [deep]
    const unread = findUnsafeAmounts(deep, FIELDS)
    expect(unread).toHaveLength(900)
    expect(unread[899]).toMatchObject({ pointer: '/0'.repeat(62), field: '', found: 'unread' })
    expect(JSON.stringify(unread).length).toBeLessThan(4 * key.length)
  })

  it('gives pointers of up to 1024 characters', () => {
    const found = (key: string) => findUnsafeAmounts({ [key]: { amount: 1 } }, FIELDS)[0]
    expect(found('k'.repeat(1017))).toMatchObject({ pointer: `/${'k'.repeat(1017)}/amount`, found: 'number' })
    expect(found('k'.repeat(1018))).toMatchObject({ pointer: `/${'k'.repeat(1018)}`, found: 'unread' })
    expect(found('k'.repeat(1024))).toMatchObject({ pointer: `/${'k'.repeat(1024)}`, found: 'unread' })
    expect(found('k'.repeat(1025))).toMatchObject({ pointer: '', found: 'unread' })
  })

  it('accepts any list of names and throws for anything else, such as a text, which would be a list of letters', () => {
    for (const fields of [['amount'], new Set(['amount']), new Map([['amount', 1]]).keys()]) {
      expect(findUnsafeAmounts({ amount: 1 }, fields)).toHaveLength(1)
    }
    for (const fields of [
      ['amount', undefined],
      [1],
      'amount',
      '',
      null,
      undefined,
      5,
      true,
      {},
      { amount: 'amount' },
    ]) {
      const call = () => findUnsafeAmounts({ amount: 1, a: 1 }, fields as unknown as string[])
      expect(thrownBy(call)).toMatchObject({ code: 'DECIMAL_INVALID_ARGUMENT', reason: 'fields' })
    }
  })

  it('changes nothing in the payload', () => {
    const freeze = (value: unknown): unknown => {
      if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze)
      return value
    }
    expect(pointers(freeze({ streams: [{ amount: 1 }] }))).toStrictEqual(['number /streams/0/amount'])
  })
})

/** RFC 6901, section 4. */
function resolve(payload: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], payload)
}
