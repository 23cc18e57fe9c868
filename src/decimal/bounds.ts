// Whether units lie within the bounds of a policy.

import type { DecimalPolicy } from './policy.ts'
import { type DecimalRefusal, refuseAboveMaximum, refuseBelowMinimum } from './refusals.ts'
import { writeUnits } from './write.ts'

/** The refusal of units outside the policy's bounds; undefined if they are within. */
export function refuseOutOfBounds(units: bigint, { scale, min, max }: DecimalPolicy): DecimalRefusal | undefined {
  if (units > max) return refuseAboveMaximum(writeUnits(max, scale))
  if (units < min) return refuseBelowMinimum(writeUnits(min, scale))
  return undefined
}
