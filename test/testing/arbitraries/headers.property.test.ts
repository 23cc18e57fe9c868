import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type HeaderBagKind, headerBag } from '../../../src/testing/index.ts'
import { findHeaders, planHeaders } from '../../../src/webhook/pipeline/header-fields.ts'
import { snapshotHeaders } from '../../../src/webhook/pipeline/headers.ts'

const kindOf = (bag: unknown): HeaderBagKind => {
  if (bag instanceof Headers) return 'Headers'
  if (bag instanceof Map) return 'Map'
  if (!Array.isArray(bag)) return 'object'
  return typeof bag[0] === 'string' ? 'rawHeaders' : 'pairs'
}

describe('bags of headers', () => {
  const headers = { 'x-one': '1', 'x-two': ['a', 'b'], __proto__x: 'p' }

  it('hold the given headers, whatever their kind, in any case, among other headers', () => {
    fc.assert(
      fc.property(headerBag({ headers }), (bag) => {
        expect(snapshotHeaders(bag)).toMatchObject({ 'x-one': '1', 'x-two': 'a, b', __proto__x: 'p' })
        // A Headers object joins what was sent twice, and cannot say so.
        const plan = planHeaders({ deliveryId: ['x-one'], timestamp: ['x-two'], signature: ['x-none'], event: [] })
        expect(findHeaders(plan, bag)).toEqual({
          ok: true,
          bag,
          deliveryId: '1',
          timestamp: 'a, b',
          repeated: kindOf(bag) === 'Headers' ? [] : ['timestamp'],
        })
      }),
    )
  })

  it('are of every kind, with names in every case and with headers that trip up plain objects', () => {
    const sample = fc.sample(headerBag({ headers: { 'x-one': '1' } }), { numRuns: 300, seed: 11 })
    expect([...new Set(sample.map(kindOf))].sort()).toEqual(['Headers', 'Map', 'object', 'pairs', 'rawHeaders'])
    const objects = sample.filter((bag) => kindOf(bag) === 'object')
    const names = new Set(objects.flatMap((bag) => Object.keys(bag)))
    expect(names).toEqual(new Set([...names, 'x-one', 'X-One', 'X-ONE', '__proto__', 'constructor']))
    expect(objects.every((bag) => Object.getPrototypeOf(bag) === Object.prototype)).toBe(true)
    // Like those of any object: a handler under test may change them.
    const properties = objects.flatMap((bag) => Object.values(Object.getOwnPropertyDescriptors(bag)))
    expect(properties.every((one) => one.enumerable && one.writable && one.configurable)).toBe(true)
  })

  it('can be of one kind, without other headers, and shrink to a plain object', () => {
    fc.assert(
      fc.property(headerBag({ headers: { a: 'b' }, kinds: ['pairs'], noise: false }), (bag) => {
        expect(snapshotHeaders(bag)).toEqual({ a: 'b' })
        expect(kindOf(bag)).toBe('pairs')
      }),
    )
    const { counterexample } = fc.check(
      fc.property(headerBag({ headers }), () => false),
      { seed: 42 },
    )
    expect(counterexample).toEqual([headers])
    expect(snapshotHeaders(fc.sample(headerBag({ headers: {}, noise: false }), { numRuns: 1, seed: 1 })[0])).toEqual({})
  })

  it('hold any headers if none are given', () => {
    fc.assert(
      fc.property(headerBag({ noise: false }), (bag) => {
        const names = Object.keys(snapshotHeaders(bag))
        expect(names.length).toBeGreaterThan(0)
        expect(names.every((name) => /^x-[a-z0-9-]+$/.test(name))).toBe(true)
      }),
    )
  })
})
