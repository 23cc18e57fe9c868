// What a field may hold: how many decimals, and between which bounds. And the types of what it holds.
//
// A policy is a plain object. `definePolicy` checks it once and freezes it; one that you write by hand works too and is checked on each call.

import { rejectUnknownNames } from '../shared/options.ts'
import { invalidPolicy } from './errors.ts'
import { MAX_LENGTH, MAX_SCALE } from './limits.ts'
import { writeUnits } from './write.ts'

/**
 * The canonical text of an amount: no `+`, no leading zeros, no `-0`. Made by `formatUnits` and `normalizeDecimal`; a plain string is not
 * assignable to it.
 */
export type DecimalString = string & { readonly '~decimal': true }

/**
 * An amount in its smallest unit. At run time it is a plain bigint, and a plain bigint can be passed for it; but the compiler does not
 * accept units of a scale of 7 where units of 18 decimals belong.
 */
export type Units<Scale extends number = number> = bigint & { readonly '~scale'?: Scale }

/** `Units<Scale>` if the compiler knows the scale, otherwise `bigint`. */
export type UnitsOf<Scale extends number> = number extends Scale ? bigint : Units<Scale>

/** How many decimals a field has, and between which bounds its amounts lie. */
export interface DecimalPolicy<Scale extends number = number> {
  /** Decimals of the unit, a whole number from 0 to 126: at scale 7, `1.5` is 15,000,000 units. */
  readonly scale: Scale
  /** The least amount, in units, inclusive. */
  readonly min: bigint
  /** The greatest amount, in units, inclusive. */
  readonly max: bigint
}

// What definePolicy has checked and frozen. A mark on the object itself would survive `{ ...policy, scale: -1 }`.
const checked: WeakSet<object> = /* @__PURE__ */ new WeakSet()

/**
 * Makes a policy: checked once, frozen, and quicker to use than an object written by hand.
 *
 * Only `definePolicy` refuses unknown members. An object that is passed as a policy directly may have more, such as a record of a token:
 * no member of a policy is optional, so a misspelt one cannot go unnoticed.
 *
 * @param policy Scale and bounds. The bounds, written with all decimals, must fit into 128 characters.
 * @returns The policy, frozen.
 * @throws {DecimalError} `DECIMAL_INVALID_POLICY` if the scale is not a whole number from 0 to 126, a bound is not a bigint or is too long,
 * `min` is above `max`, or a member is unknown.
 *
 * @example
 * ```ts
 * const PRICE = definePolicy({ scale: 2, min: 1n, max: 100_000_00n }) // 0.01 to 100000
 * parseDecimal('0.00', PRICE) // { ok: false, code: 'DECIMAL_OUT_OF_RANGE', reason: 'below_minimum', … }
 * ```
 */
export function definePolicy<const Scale extends number>(policy: DecimalPolicy<Scale>): DecimalPolicy<Scale> {
  rejectUnknownNames(policy, ['scale', 'min', 'max'], invalidPolicy)
  checkPolicy(policy)
  const { scale, min, max } = policy
  const frozen = Object.freeze({ scale, min, max })
  checked.add(frozen)
  return frozen
}

// Most programs use one policy at a time, and comparing with it is quicker than asking the set. At first it is no policy at all.
let latest: object = checked

/** Throws unless the policy makes sense. */
export function checkPolicy(policy: DecimalPolicy): void {
  if (policy === latest) return
  if (checked.has(policy)) {
    latest = policy
    return
  }
  const { scale, min, max }: DecimalPolicy = Object(policy)
  checkScale(scale, 'The scale of a policy')
  const isOrdered = typeof min === 'bigint' && typeof max === 'bigint' && min <= max
  if (isOrdered && fits(min, scale) && fits(max, scale)) return
  const length = `at most ${MAX_LENGTH} characters long when written with all decimals`
  throw invalidPolicy('bounds', `The bounds min and max must be bigints, min not above max, and ${length}.`)
}

/** Throws unless the scale is one that an amount of at most 128 characters can have. `name` begins the message. */
export function checkScale(scale: number, name = 'The scale'): void {
  if (Number.isInteger(scale) && scale >= 0 && scale <= MAX_SCALE) return
  throw invalidPolicy('scale', `${name} must be a whole number from 0 to ${MAX_SCALE}.`)
}

function fits(units: bigint, scale: number): boolean {
  return writeUnits(units, scale, 'fixed').length <= MAX_LENGTH
}
