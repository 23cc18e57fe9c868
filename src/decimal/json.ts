// Amounts in outgoing JSON: bigints become decimal strings, each by its own policy.

import { invalidArgument } from './errors.ts'
import { formatUnits } from './format.ts'
import { FLUXORA_AMOUNT } from './policies.ts'
import { checkPolicy, type DecimalPolicy } from './policy.ts'

interface PoliciesByName {
  readonly [field: string]: DecimalPolicy
}

/**
 * A replacer for `JSON.stringify` that writes units as canonical decimal strings. It patches nothing global, and an application that has
 * patched `BigInt.prototype.toJSON` still gets amounts, not raw units.
 *
 * @param policies One policy for every bigint; or an object with a policy for each property name, which also holds for the elements of an
 * array under that name. {@link FLUXORA_AMOUNT} by default.
 * @returns The replacer. It throws `DECIMAL_INVALID_ARGUMENT`, with the property's name as `field`, for a bigint whose property has no
 * policy, because its scale would be a guess; and `DECIMAL_OUT_OF_RANGE` for a bigint outside its policy.
 * @throws {DecimalError} `DECIMAL_INVALID_POLICY` if a policy makes no sense.
 *
 * @example
 * ```ts
 * JSON.stringify({ id: 's1', depositAmount: 15_000_000n }, bigintReplacer({ depositAmount: FLUXORA_AMOUNT }))
 * // '{"id":"s1","depositAmount":"1.5"}'
 * ```
 */
export function bigintReplacer(
  policies: DecimalPolicy | PoliciesByName = FLUXORA_AMOUNT,
): (this: unknown, key: string, value: unknown) => unknown {
  const policyOf = readPolicies(policies)
  const policyOfList = new WeakMap<object, DecimalPolicy | undefined>()

  return function replace(this: unknown, key: string, value: unknown): unknown {
    // toJSON has already run, but the holder still has what was there before it.
    const original = typeof value === 'string' ? Object(this)[key] : value
    const policy = policyOfList.get(Object(this)) ?? policyOf(key)
    if (Array.isArray(original)) policyOfList.set(original, policy)
    if (typeof original !== 'bigint') return value
    if (!policy) throw invalidArgument('policies', NO_POLICY, key)
    return formatUnits(original, policy)
  }
}

const NO_POLICY = 'The property that holds this bigint has no policy. Give bigintReplacer one for its name.'

/** Checks the policies, and gives the one for a property name. */
function readPolicies(policies: DecimalPolicy | PoliciesByName): (name: string) => DecimalPolicy | undefined {
  if (!arePoliciesByName(policies)) {
    checkPolicy(policies)
    return () => policies
  }
  Object.values(policies).forEach(checkPolicy)
  return (name) => {
    if (Object.hasOwn(policies, name)) return policies[name]
    return undefined
  }
}

function arePoliciesByName(policies: DecimalPolicy | PoliciesByName): policies is PoliciesByName {
  return Object(policies) === policies && typeof policies.scale !== 'number'
}
