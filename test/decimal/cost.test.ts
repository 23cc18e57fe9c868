import { describe, expect, it } from 'vitest'
import { compareDecimals, decimalSchema, parseDecimal } from '../../src/decimal/index.ts'
import { hostileTexts } from './hostile.ts'

/**
 * Nobody can count the steps of a native string method, but a test can make sure that there is nothing to count: a text
 * beyond the cap is refused before any of it is read. For strings that shows only in time, so time is measured here,
 * with a bound a hundred times above what it takes; the figures are the business of the bench.
 */
describe('hostile texts', () => {
  const sizes = [1_000, 10_000, 100_000, 1_000_000]

  it.each(hostileTexts.map(({ name, make }) => [name, make] as const))(
    '%s: refused without reading it, whatever the length',
    (_name, make) => {
      const points = sizes.map((size) => {
        const text = make(size)
        expect(parseDecimal(text)).toMatchObject({ code: 'DECIMAL_OUT_OF_RANGE', reason: 'too_long' })
        expect(() => compareDecimals(text, '1')).toThrow(expect.objectContaining({ reason: 'too_long' }))
        expect(decimalSchema()['~standard'].validate(text)).toMatchObject({ issues: [{ reason: 'too_long' }] })
        return { size, nanoseconds: leastOf(() => parseDecimal(text)) }
      })
      // A thousand times the length: a linear reader would take a thousand times as long, a quadratic one a million times.
      expect(exponent(points)).toBeLessThan(0.5)
      for (const { nanoseconds } of points) expect(nanoseconds).toBeLessThan(50_000)
    },
  )

  it('of 128 characters or fewer take microseconds at most', () => {
    for (const { make } of hostileTexts) {
      for (const size of [1, 64, 127, 128]) {
        const text = make(size)
        expect(text.length).toBeLessThanOrEqual(128)
        expect(leastOf(() => parseDecimal(text))).toBeLessThan(50_000)
      }
    }
  })
})

/** Nanoseconds of a call in the best of several batches: what else the machine does can only add. */
function leastOf(call: () => unknown): number {
  const times = Array.from({ length: 31 }, () => {
    const start = process.hrtime.bigint()
    for (let i = 0; i < 50; i++) call()
    return Number(process.hrtime.bigint() - start) / 50
  })
  return Math.min(...times)
}

/** Slope of log time over log size, by least squares. */
function exponent(points: readonly { size: number; nanoseconds: number }[]): number {
  const x = points.map(({ size }) => Math.log(size))
  const y = points.map(({ nanoseconds }) => Math.log(nanoseconds))
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [meanX, meanY] = [mean(x), mean(y)]
  const covariance = mean(x.map((value, i) => (value - meanX) * (y[i]! - meanY)))
  return covariance / mean(x.map((value) => (value - meanX) ** 2))
}
