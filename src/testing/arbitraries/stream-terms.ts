// Terms of streams, for tests of accrual.

import * as fc from 'fast-check'
import type { StreamTerms } from '../../decimal/accrual.ts'
import { checkPolicy } from '../../decimal/policy.ts'
import { rateOver } from '../../decimal/rate.ts'
import { amountUnits, type DecimalConstraints, readPolicy } from './decimals.ts'

/**
 * Generates the terms of a stream and a time to ask about: before it, during it or after it, with cliffs and pauses. `accruedUnits` and
 * `refundableUnits` take the value as it is. The deposit is never negative.
 *
 * @param constraints `policy`: bounds of the deposit, `FLUXORA_AMOUNT` by default.
 * @returns An arbitrary of terms whose times are whole Unix seconds.
 * @throws {DecimalError} `DECIMAL_INVALID_POLICY` for a policy that makes no sense or allows no amount from zero,
 * `DECIMAL_INVALID_ARGUMENT` for an unknown option.
 *
 * @example
 * ```ts
 * fc.assert(fc.property(streamTerms(), (terms) => accruedUnits(terms) + refundableUnits(terms) === terms.deposit))
 * ```
 */
export function streamTerms(
  constraints: DecimalConstraints = {},
): fc.Arbitrary<StreamTerms & { readonly now: number }> {
  const policy = readPolicy(constraints)
  const bounds = { ...policy, min: policy.min > 0n ? policy.min : 0n }
  checkPolicy(bounds)
  const seconds = fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: 400_000_000 }))
  return fc
    .record({
      deposit: amountUnits({ policy: bounds }),
      duration: seconds,
      startTime: fc.integer({ min: 1_600_000_000, max: 1_900_000_000 }),
      // The duration pays out the deposit exactly. Another period ends early or never.
      period: fc.option(seconds, { freq: 4 }),
      bounded: fc.boolean(),
      cliff: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 3 }),
      paused: fc.option(fc.record({ total: fc.nat(100_000), since: fc.option(fc.nat(1_000_000)) }), { freq: 3 }),
      elapsed: fc.oneof(fc.integer({ min: -10, max: 2_000 }), fc.integer({ min: -10, max: 800_000_000 })),
    })
    .map(({ deposit, duration, startTime, period, bounded, cliff, paused, elapsed }) => ({
      deposit,
      rate: rateOver(deposit, period ?? duration),
      startTime,
      now: startTime + elapsed,
      ...(bounded && { endTime: startTime + duration }),
      ...(cliff !== null && { cliff: startTime + Math.floor(cliff * duration) }),
      ...(paused && { pause: { total: paused.total, since: paused.since === null ? null : startTime + paused.since } }),
    }))
}
