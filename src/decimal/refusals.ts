/**
 * The refusals that more than one reader has to say, each a sentence that names its limit.
 *
 * @module
 */
import { type DecimalRefusal, refuse } from './errors.ts'
import { type DecimalPolicy, MAX_LENGTH } from './policy.ts'
import { writeUnits } from './write.ts'

/** @internal `kind`: what was found in place of a string, `a number` for instance. */
export function refuseType(kind: string): DecimalRefusal {
  return refuse('DECIMAL_INVALID_TYPE', 'not_a_string', `The amount must be a string, not ${kind}.`)
}

/** @internal */
export function refuseLength(): DecimalRefusal {
  return refuse('DECIMAL_OUT_OF_RANGE', 'too_long', `The amount is longer than ${MAX_LENGTH} characters.`)
}

/** @internal */
export function refusePrecision(scale: number, at?: number): DecimalRefusal {
  const places = scale === 1 ? '1 decimal place' : `${scale} decimal places`
  const message = scale === 0 ? 'The amount must be a whole number.' : `The amount has more than ${places}.`
  return refuse('DECIMAL_OUT_OF_RANGE', 'precision', message, at)
}

/** @internal The refusal of units outside the policy's bounds, if they are. */
export function checkBounds(units: bigint, { scale, min, max }: DecimalPolicy): DecimalRefusal | undefined {
  if (units > max) {
    const message = `The amount is above the maximum of ${writeUnits(max, scale)}.`
    return refuse('DECIMAL_OUT_OF_RANGE', 'above_maximum', message)
  }
  if (units < min) {
    const message = `The amount is below the minimum of ${writeUnits(min, scale)}.`
    return refuse('DECIMAL_OUT_OF_RANGE', 'below_minimum', message)
  }
  return undefined
}
