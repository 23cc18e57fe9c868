// How much of an input is read, measured with inputs that count their reads: each part is read once or twice, however many there are, and
// nothing is read beyond a limit. Strings and bytes cannot count; `npm run growth` times those, and prints the slope for every input.

import { expect, it } from 'vitest'
import { findUnsafeAmounts, parseAmountFields } from '../../src/decimal/index.ts'
import { createReorgState, stepReorg } from '../../src/reorg/index.ts'
import { createWebhookVerifier } from '../../src/webhook/index.ts'
import { clock, send } from '../webhook/support.ts'

/** Wraps an object to count how many of its properties are read. */
function counted<T extends object>(object: T): { value: T; reads(): number } {
  let reads = 0
  const value = new Proxy(object, {
    get(target, key, receiver) {
      if (typeof key === 'string' && key !== 'length') reads++
      return Reflect.get(target, key, receiver)
    },
  })
  return { value, reads: () => reads }
}

const verifier = createWebhookVerifier({ secrets: 'topsecret', now: clock })
const many = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i))

it.each([100, 1000, 10_000])('of %i headers in an object, only the needed ones are read', (count) => {
  const others = Object.fromEntries(many(count, (i) => [`x-header-${i}`, 'v']))
  const { value, reads } = counted({ ...others, ...send('fluxora') })
  const verdict = verifier.verify({ headers: value, body: '{}' })
  expect(verdict.code).toBe('ok')
  expect(reads()).toBeLessThan(count / 5 + 30) // those whose names are as long as a needed one
  if (verdict.ok) void verdict.delivery.headers
  expect(reads()).toBeLessThan(1.2 * count + 60)
})

it.each([100, 1000, 9000])('each of %i header pairs is read once', (count) => {
  let pulled = 0
  const pairs = [...many(count, (i) => [`x-header-${i}`, 'v'] as const), ...Object.entries(send('fluxora'))]
  const headers = {
    *[Symbol.iterator]() {
      for (const pair of pairs) {
        pulled++
        yield pair
      }
    },
  }
  const verdict = verifier.verify({ headers, body: '{}' })
  expect(verdict.code).toBe('ok')
  expect(pulled).toBe(pairs.length)
})

it.each([100, 1000, 9000])(
  "of %i pairs without the sender's own headers, each is read at most twice, to find a hint",
  (count) => {
    let pulled = 0
    const headers = {
      *[Symbol.iterator](): Generator<readonly [string, string]> {
        for (let i = 0; i < count; i++) {
          pulled++
          yield [`x-signature-${i}`, 'v']
        }
      },
    }
    expect(verifier.verify({ headers, body: '{}' }).message).toContain('x-signature-0')
    expect(pulled).toBe(2 * count)
  },
)

it('endless headers are abandoned after 10,000', () => {
  let pulled = 0
  const headers = {
    *[Symbol.iterator](): Generator<readonly [string, string]> {
      for (;;) {
        pulled++
        yield ['x-header', 'v']
      }
    },
  }
  expect(verifier.verify({ headers, body: '{}' }).ok).toBe(false)
  expect(pulled).toBeLessThan(10_010)
})

it('a parsed body is not read, however large', () => {
  const { value, reads } = counted(many(100_000, () => 1))
  expect(verifier.verify({ headers: send('fluxora'), body: value as never }).code).toBe('body_already_parsed')
  expect(reads()).toBeLessThan(10)
})

it.each([10, 100, 1000])('each of %i amount fields is read once', (count) => {
  const fields = many(count, (i) => `f${i}`)
  const { value, reads } = counted(Object.fromEntries(fields.map((field) => [field, '1.5'])))
  expect(parseAmountFields(value, fields).ok).toBe(true)
  expect(reads()).toBe(count)
})

it('a payload is read once, and no further than a thousand findings', () => {
  const clean = counted(many(50_000, () => 'x'))
  expect(findUnsafeAmounts({ amount: clean.value }, ['amount'])).toEqual([])
  expect(clean.reads()).toBe(50_000)
  const full = counted(many(50_000, () => 1))
  expect(findUnsafeAmounts({ amount: full.value }, ['amount'])).toHaveLength(1001)
  expect(full.reads()).toBe(1001)
})

it('an event with too many ledgers is refused without being read', () => {
  const { value, reads } = counted(many(10_001, (i) => ({ sequence: i, hash: `h${i}` })))
  expect(stepReorg(createReorgState(), { type: 'ledgers', ledgers: value }).code).toBe('INVALID')
  expect(reads()).toBeLessThan(10)
})

it.each([10, 100, 1000])('each of %i ledgers is read a few times', (count) => {
  const { value, reads } = counted(many(count, (i) => ({ sequence: i + 1, hash: `h${i + 1}`, parentHash: `h${i}` })))
  expect(stepReorg(createReorgState(), { type: 'ledgers', ledgers: value }).code).toBe('EXTENDED')
  expect(reads()).toBeLessThanOrEqual(4 * count + 10)
})
