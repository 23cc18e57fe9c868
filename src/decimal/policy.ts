/**
 * What a field may hold: how many decimals, and between which bounds.
 *
 * A policy is a plain object. `definePolicy` checks it once and freezes it; one that you wrote by hand works too and is
 * checked on each call.
 *
 * @module
 */
import { rejectUnknownNames } from '../shared/options.ts'
import { invalidPolicy } from './errors.ts'
import { MAX_LENGTH, MAX_SCALE } from './limits.ts'

/**
 * Canonical text of an amount: no `+`, no leading zeros, no `-0`; made by `formatUnits` and `normalizeDecimal`. A plain
 * string is not assignable to it.
 */
export type DecimalString = string & { readonly '~decimal': true }

/**
 * An amount in its smallest unit. At run time a plain bigint, and a plain bigint can be passed wherever one is asked for;
 * but units that came from a scale of 7 are not accepted where units of 18 decimals belong.
 */
export type Units<Scale extends number = number> = bigint & { readonly '~scale'?: Scale }

/** `Units<Scale>` where the scale is known to the compiler, `bigint` where it is not. */
export type UnitsOf<Scale extends number> = number extends Scale ? bigint : Units<Scale>

/** How many decimals a field has and between which bounds its amounts lie. */
export interface DecimalPolicy<Scale extends number = number> {
  /** Decimals of the unit: at scale 7, `1.5` is 15,000,000 units. A whole number from 0. */
  readonly scale: Scale
  /** The least amount, in units, inclusive. */
  readonly min: bigint
  /** The greatest amount, in units, inclusive. */
  readonly max: bigint
}

// Frozen by definePolicy, so that what was checked stays so. A mark on the object itself would survive `{ ...policy, scale: -1 }`.
const sound: WeakSet<object> = /* @__PURE__ */ new WeakSet()

/**
 * Makes a policy: checked once, frozen, and quicker to use than an object written by hand.
 *
 * @throws DecimalError `DECIMAL_INVALID_POLICY` when the scale is not a whole number from 0 to 126, a bound is not a bigint, the
 * bounds are crossed, an amount at a bound, written with all its decimals, would take more than 128 characters, or there is a
 * member that a policy does not have. Only here: an object that is passed as a policy directly, a token's record for instance,
 * may hold more, since nothing of a policy is optional and so nothing can be misspelt unseen.
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
  sound.add(frozen)
  return frozen
}

let latest: unknown = sound // of the sound ones; most programs use one policy at a time

/** @internal Throws unless the policy makes sense. */
export function checkPolicy(policy: DecimalPolicy): void {
  if (policy === latest) return
  if (sound.has(policy)) {
    latest = policy
    return
  }
  const { scale, min, max }: DecimalPolicy = Object(policy)
  checkScale(scale, 'The scale of a policy')
  const isOrdered = typeof min === 'bigint' && typeof max === 'bigint' && min <= max
  if (!isOrdered || !fits(min, scale) || !fits(max, scale)) {
    const message = `min and max must be bigints, min not above max, of at most ${MAX_LENGTH} characters with all their decimals.`
    throw invalidPolicy('bounds', message)
  }
}

/** @internal The scale, if it is a whole number that some amount of at most 128 characters can have; throws otherwise. */
export function checkScale(scale: number, name = 'The scale'): number {
  if (Number.isInteger(scale) && scale >= 0 && scale <= MAX_SCALE) return scale
  throw invalidPolicy('scale', `${name} must be a whole number from 0 to ${MAX_SCALE}.`)
}

/** Whether the fixed form is short enough: sign, at least one digit, point, `scale` decimals. */
function fits(units: bigint, scale: number): boolean {
  const characters = Math.max(String(units).length, scale + (units < 0n ? 2 : 1))
  return characters + (scale > 0 ? 1 : 0) <= MAX_LENGTH
}
