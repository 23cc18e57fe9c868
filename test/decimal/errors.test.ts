import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareDecimals, type DecimalError, isDecimalError, parseDecimal, toUnits } from '../../src/decimal/index.ts'
import { thrownBy } from './support.ts'

describe('DecimalError', () => {
  it('carries code, reason, at and field, and shows them', () => {
    const error = thrownBy(() => toUnits('1,5', undefined, 'depositAmount')) as DecimalError
    expect(error).toMatchObject({
      name: 'DecimalError',
      code: 'DECIMAL_INVALID_FORMAT',
      reason: 'separator',
      at: 1,
      field: 'depositAmount',
      message: 'The amount must not contain separators: write 1234.5, not 1,234.5.',
    })
    expect(JSON.parse(JSON.stringify(error))).toStrictEqual({
      code: 'DECIMAL_INVALID_FORMAT',
      reason: 'separator',
      at: 1,
      field: 'depositAmount',
      message: 'The amount must not contain separators: write 1234.5, not 1,234.5.',
    })
    expect(String(error)).toBe('DecimalError: The amount must not contain separators: write 1234.5, not 1,234.5.')
    expect(inspect(error)).toContain('DECIMAL_INVALID_FORMAT')
  })

  it('has no at and no field if there is none', () => {
    const error = thrownBy(() => toUnits(null)) as DecimalError
    expect('at' in error).toBe(false)
    expect('field' in error).toBe(false)
    expect(JSON.parse(JSON.stringify(error))).toStrictEqual({
      code: 'DECIMAL_EMPTY_VALUE',
      reason: 'missing',
      message: 'The amount is missing.',
    })
  })

  it('is recognised by its brand, from another copy of the library too', () => {
    const error = thrownBy(() => toUnits(1))
    expect(isDecimalError(error)).toBe(true)
    const other = Object.defineProperty(new Error('x'), Symbol.for('@fluxora/verify:DecimalError'), { value: true })
    expect(isDecimalError(other)).toBe(true)
    for (const value of [
      new Error('x'),
      null,
      undefined,
      'DecimalError',
      { name: 'DecimalError', code: 'DECIMAL_EMPTY_VALUE' },
      new Proxy({}, { has: () => JSON.parse('') }),
    ]) {
      expect(isDecimalError(value)).toBe(false)
    }
  })

  it('survives being wrapped as a cause', () => {
    const wrapped = new Error('request failed', { cause: thrownBy(() => toUnits('')) })
    expect(isDecimalError(wrapped.cause)).toBe(true)
    expect(isDecimalError(wrapped)).toBe(false)
  })

  it('never holds the input: not in its message, JSON, inspection or stack', () => {
    const secret = fc
      .string({ minLength: 12, maxLength: 200, unit: 'binary' })
      .filter((text) => text.trim().length >= 12)
    fc.assert(
      fc.property(secret, (text) => {
        const result = parseDecimal(text)
        if (result.ok) return
        expect(JSON.stringify(result)).not.toContain(text)
        for (const call of [() => toUnits(text), () => compareDecimals(text, '1')]) {
          let error: unknown
          try {
            call()
          } catch (thrown) {
            error = thrown
          }
          if (error === undefined) continue
          const said = `${String(error)} ${JSON.stringify(error)} ${inspect(error, { showHidden: true })}`
          expect(said).not.toContain(text)
        }
      }),
    )
  })
})
