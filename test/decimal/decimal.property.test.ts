import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  accruedUnits,
  compareDecimals,
  covers,
  type DecimalPolicy,
  depletesAt,
  evmAmount,
  FLUXORA_AMOUNT,
  FLUXORA_SAFE_INTEGER,
  findUnsafeAmounts,
  formatUnits,
  normalizeDecimal,
  parseAmountFields,
  parseDecimal,
  rateOver,
  refundableUnits,
  SOROBAN_AMOUNT,
  STELLAR_AMOUNT,
  toUnits,
} from '../../src/decimal/index.ts'

// A hundred runs once missed a stream paused before its start.
fc.configureGlobal({ numRuns: 1000 })

const policies: DecimalPolicy[] = [
  FLUXORA_AMOUNT,
  FLUXORA_SAFE_INTEGER,
  STELLAR_AMOUNT,
  SOROBAN_AMOUNT,
  evmAmount(0),
  evmAmount(6),
  evmAmount(18),
]
const policy = fc.constantFrom(...policies)
const held = policy.chain((rules) => fc.tuple(fc.constant(rules), fc.bigInt({ min: rules.min, max: rules.max })))
const pair = policy.chain((rules) => {
  const units = fc.bigInt({ min: rules.min, max: rules.max })
  return fc.tuple(fc.constant(rules), units, fc.oneof(units, fc.constantFrom(-1n, 0n, 1n)))
})

/** Another way to write the same amount. */
const disguise = fc.record({ plus: fc.boolean(), leading: fc.nat(20), trailing: fc.nat(20) })
function disguised(
  text: string,
  { plus, leading, trailing }: { plus: boolean; leading: number; trailing: number },
): string {
  const sign = text.startsWith('-') ? '-' : plus ? '+' : ''
  const digits = '0'.repeat(leading) + text.replace('-', '')
  return sign + (trailing > 0 ? `${digits}${digits.includes('.') ? '' : '.'}${'0'.repeat(trailing)}` : digits)
}

describe('text and units', () => {
  it('parsing the text of units gives the units, in both styles', () => {
    fc.assert(
      fc.property(held, ([rules, units]) => {
        expect(parseDecimal(formatUnits(units, rules), rules)).toStrictEqual({ ok: true, units })
        expect(parseDecimal(formatUnits(units, rules, 'fixed'), rules)).toStrictEqual({ ok: true, units })
        expect(parseDecimal(formatUnits(units, rules.scale), rules)).toStrictEqual({ ok: true, units })
      }),
    )
  })

  it('formatUnits writes canonical text: no plus, no extra zeros, no -0, a point only before digits', () => {
    fc.assert(
      fc.property(held, ([rules, units]) => {
        expect(formatUnits(units, rules)).toMatch(/^(0|-?(0|[1-9]\d*)\.\d*[1-9]|-?[1-9]\d*)$/)
        const fixed = formatUnits(units, rules, 'fixed')
        expect(fixed.split('.')[1]?.length ?? 0).toBe(rules.scale)
      }),
    )
  })

  it('normalizing gives the same text however an amount is written, and changes nothing the second time', () => {
    fc.assert(
      fc.property(held, disguise, ([rules, units], dress) => {
        const canonical = formatUnits(units, rules)
        const text = disguised(canonical, dress)
        expect(toUnits(text, rules)).toBe(units)
        expect(normalizeDecimal(text, rules)).toBe(canonical)
        expect(normalizeDecimal(canonical, rules)).toBe(canonical)
      }),
    )
  })

  it('compareDecimals orders texts as their units are ordered', () => {
    fc.assert(
      fc.property(pair, disguise, ([rules, a, near], dress) => {
        const b = near > rules.max || near < rules.min ? a : near
        const order = a < b ? -1 : a > b ? 1 : 0
        expect(compareDecimals(formatUnits(a, rules), disguised(formatUnits(b, rules), dress))).toBe(order)
      }),
    )
  })

  it('compareDecimals is a total order on texts of any length and scale', () => {
    const text = fc.stringMatching(/^[+-]?\d{1,40}(\.\d{1,40})?$/)
    fc.assert(
      fc.property(text, text, text, (a, b, c) => {
        expect(compareDecimals(a, a)).toBe(0)
        expect(compareDecimals(a, b) + compareDecimals(b, a)).toBe(0)
        if (compareDecimals(a, b) <= 0 && compareDecimals(b, c) <= 0)
          expect(compareDecimals(a, c)).toBeLessThanOrEqual(0)
      }),
    )
  })

  it('parseDecimal never throws and always returns a verdict, whatever the value', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.anything({ withBigInt: true, withBoxedValues: true }), fc.string({ unit: 'binary' })),
        (value) => {
          const result = parseDecimal(value)
          if (result.ok) expect(typeof value).toBe('string')
          else expect(result.code).toMatch(/^DECIMAL_(EMPTY_VALUE|INVALID_TYPE|INVALID_FORMAT|OUT_OF_RANGE)$/)
          if (typeof value !== 'string') expect(result).toMatchObject({ ok: false })
        },
      ),
    )
  })
})

describe('fields and payloads', () => {
  it('parseAmountFields gives for each field what parseDecimal gives for its value', () => {
    const value = fc.oneof(fc.constantFrom<unknown>('1', '1.5', 1, null, '', 'x', '-1', '1e3'), fc.anything())
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__', 'toString'), value), (body) => {
        const fields = ['a', 'b', 'c', '__proto__', 'toString']
        const result = parseAmountFields(body, fields)
        const verdicts = fields.map(
          (field) => [field, parseDecimal(Object.hasOwn(body, field) ? body[field] : undefined)] as const,
        )
        const refused = verdicts.flatMap(([field, verdict]) => (verdict.ok ? [] : [`${field} ${verdict.code}`]))
        expect(result.ok ? [] : result.errors.map(({ field, code }) => `${field} ${code}`)).toStrictEqual(refused)
      }),
    )
  })

  it('findUnsafeAmounts finds in any JSON what a simple recursive search finds', () => {
    const key = fc.oneof(fc.constantFrom('amount', 'a/b', 'm~n', '__proto__', ''), fc.string())
    const tree = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 6 },
        fc.constantFrom<unknown>('1', 1, 0.5, null, true, 'x'),
        fc.array(tie('node'), { maxLength: 4 }),
        fc.dictionary(key, tie('node'), { maxKeys: 4 }),
      ),
    })).node
    fc.assert(
      fc.property(tree, (value) => {
        const payload: unknown = JSON.parse(JSON.stringify(value))
        const found = findUnsafeAmounts(payload, ['amount', 'a/b']).map(({ pointer }) => pointer)
        expect(found).toStrictEqual(walk(payload, '', false))
      }),
    )

    function walk(value: unknown, pointer: string, amount: boolean): string[] {
      if (typeof value === 'number') return amount ? [pointer] : []
      if (Array.isArray(value)) return value.flatMap((item, i) => walk(item, `${pointer}/${i}`, amount))
      if (typeof value !== 'object' || value === null) return []
      return Object.entries(value).flatMap(([name, item]) => {
        const escaped = name.replace(/~/g, '~0').replace(/\//g, '~1')
        return walk(item, `${pointer}/${escaped}`, name === 'amount' || name === 'a/b')
      })
    }
  })
})

describe('streams', () => {
  const seconds = fc.oneof(
    fc.integer({ min: -1000, max: 1000 }),
    fc.integer({ min: 1_700_000_000, max: 1_800_000_000 }),
  )
  const stream = fc
    .record({
      rate: fc.record({
        units: fc.bigInt({ min: 0n, max: 10n ** 20n }),
        seconds: fc.bigInt({ min: 1n, max: 10n ** 9n }),
      }),
      deposit: fc.bigInt({ min: 0n, max: 10n ** 22n }),
      startTime: seconds,
      length: fc.option(fc.nat(10 ** 8), { nil: undefined }),
      cliffAfter: fc.option(fc.nat(2000), { nil: undefined }),
      pause: fc.option(
        fc.record({ total: fc.nat(5000), since: fc.option(seconds, { nil: undefined }) }, { requiredKeys: [] }),
        { nil: undefined },
      ),
    })
    .map(({ length, cliffAfter, ...terms }) => ({
      ...terms,
      endTime: length === undefined ? undefined : terms.startTime + length,
      cliff: cliffAfter === undefined ? undefined : terms.startTime + cliffAfter,
    }))

  it('accrue from 0 to the deposit and never less again, and the rest is refundable', () => {
    fc.assert(
      fc.property(stream, seconds, fc.nat(10 ** 6), (terms, now, later) => {
        const accrued = accruedUnits({ ...terms, now })
        expect(accrued >= 0n && accrued <= terms.deposit).toBe(true)
        expect(accruedUnits({ ...terms, now: now + later }) >= accrued).toBe(true)
        expect(accrued + refundableUnits({ ...terms, now })).toBe(terms.deposit)
        expect(accruedUnits({ ...terms, now: BigInt(now) })).toBe(accrued)
      }),
    )
  })

  it('accrue floor(rate x elapsed), by the definition of floor', () => {
    fc.assert(
      fc.property(stream, fc.nat(10 ** 8), (terms, elapsed) => {
        const running = { rate: terms.rate, deposit: 10n ** 40n, startTime: terms.startTime }
        const accrued = accruedUnits({ ...running, now: terms.startTime + elapsed })
        const due = terms.rate.units * BigInt(elapsed)
        expect(accrued * terms.rate.seconds <= due && due < (accrued + 1n) * terms.rate.seconds).toBe(true)
      }),
    )
  })

  it('accrue the whole deposit at the end, and not before, when the rate is the deposit over the duration', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 2n ** 128n }),
        seconds,
        fc.integer({ min: 1, max: 10 ** 9 }),
        (deposit, startTime, length) => {
          const endTime = startTime + length
          const terms = { deposit, startTime, endTime, rate: rateOver(deposit, length) }
          expect(accruedUnits({ ...terms, now: endTime })).toBe(deposit)
          expect(accruedUnits({ ...terms, now: endTime - 1 }) < deposit).toBe(true)
          expect(depletesAt(terms)).toBe(BigInt(endTime))
          expect(covers(deposit, terms.rate, length)).toBe(true)
          expect(covers(deposit - 1n, terms.rate, length)).toBe(false)
          expect(covers(deposit, terms.rate, length + 1)).toBe(false)
        },
      ),
    )
  })

  it('have paid everything at depletesAt and not a second before, and never if it is null', () => {
    fc.assert(
      fc.property(stream, seconds, (terms, now) => {
        const dry = depletesAt(terms)
        if (dry === null) {
          // Of an empty deposit nothing is ever missing; null then says that the clock does not reach the start.
          if (terms.deposit > 0n) expect(accruedUnits({ ...terms, now }) < terms.deposit).toBe(true)
        } else if (dry > 10n ** 11n) {
          // Beyond the times that may be passed; as far as one can ask, something is missing.
          expect(accruedUnits({ ...terms, now: 10n ** 11n }) < terms.deposit).toBe(true)
        } else {
          expect(accruedUnits({ ...terms, now: dry })).toBe(terms.deposit)
          if (terms.deposit > 0n) expect(accruedUnits({ ...terms, now: dry - 1n }) < terms.deposit).toBe(true)
        }
      }),
    )
  })

  it('keep what has accrued when a pause begins and when it ends', () => {
    fc.assert(
      fc.property(stream, fc.nat(10 ** 6), fc.nat(10 ** 6), ({ pause, ...terms }, run, rest) => {
        const since = terms.startTime + run
        const before = accruedUnits({ ...terms, now: since })
        expect(accruedUnits({ ...terms, pause: { since }, now: since + rest })).toBe(before)
        expect(accruedUnits({ ...terms, pause: { total: rest }, now: since + rest })).toBe(before)
      }),
    )
  })
})
