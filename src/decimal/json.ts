/**
 * Amounts in outgoing JSON: bigints become decimal strings, each by its own policy.
 *
 * @module
 */

import { invalidArgument } from './errors.ts'
import { formatUnits } from './format.ts'
import { FLUXORA_AMOUNT } from './policies.ts'
import { checkPolicy, type DecimalPolicy } from './policy.ts'

/**
 * A replacer for `JSON.stringify` that writes units as canonical decimal strings. Nothing global is patched, and an
 * application that has patched `BigInt.prototype.toJSON` still gets amounts, not raw units.
 *
 * @param policies One policy for every bigint; or an object of a policy for each property name, which holds for the
 * elements of an array of that name too.
 * @returns The replacer. It throws a DecimalError, with the property's name as `field`, for a bigint whose property has no
 * policy (`DECIMAL_INVALID_ARGUMENT`), since its scale would be a guess, and for one out of its policy's bounds.
 * @throws DecimalError `DECIMAL_INVALID_POLICY`.
 *
 * @example
 * ```ts
 * JSON.stringify({ id: 's1', depositAmount: 15_000_000n }, bigintReplacer({ depositAmount: FLUXORA_AMOUNT }))
 * // '{"id":"s1","depositAmount":"1.5"}'
 * ```
 */
export function bigintReplacer(
  policies: DecimalPolicy | { readonly [field: string]: DecimalPolicy } = FLUXORA_AMOUNT,
): (this: unknown, key: string, value: unknown) => unknown {
  const single = Object(policies) !== policies || typeof policies.scale === 'number'
  for (const policy of single ? [policies] : Object.values(policies)) checkPolicy(policy as DecimalPolicy)
  const lists = new WeakMap<object, unknown>()

  return function replace(this: unknown, key: string, value: unknown): unknown {
    // toJSON has run by now; the holder still has what was there before it.
    const original = typeof value === 'string' ? Object(this)[key] : value
    const own = Object.hasOwn(policies, key) ? policies[key as keyof typeof policies] : undefined
    const policy = single ? policies : (lists.get(Object(this)) ?? own)
    if (Array.isArray(original)) lists.set(original, policy)
    if (typeof original !== 'bigint') return value
    if (!policy) throw invalidArgument('policies', 'A bigint has a name for which no policy was given.', key)
    return formatUnits(original, policy as DecimalPolicy)
  }
}
