// Ready-made policies: the systems this library grew out of, and tokens.

import { type DecimalPolicy, definePolicy } from './policy.ts'

/**
 * Amounts of the Fluxora API, and the default everywhere: 7 decimals, both signs, and an integer part within that of a signed 64-bit
 * integer: ±9223372036854775807.9999999.
 */
export const FLUXORA_AMOUNT: DecimalPolicy<7> = /* @__PURE__ */ withIntegerPart(63n)

/**
 * Like {@link FLUXORA_AMOUNT}, but with an integer part within ±(2^53 - 1), for consumers that turn it into a JavaScript number:
 * ±9007199254740991.9999999.
 */
export const FLUXORA_SAFE_INTEGER: DecimalPolicy<7> = /* @__PURE__ */ withIntegerPart(53n)

/** Amounts of Stellar operations and balances, an int64 of stroops: 0 to 922337203685.4775807. */
export const STELLAR_AMOUNT: DecimalPolicy<7> = /* @__PURE__ */ definePolicy({
  scale: 7,
  min: 0n,
  max: 9223372036854775807n,
})

/** Amounts of Soroban token contracts with 7 decimals, an i128: -2^127 to 2^127 - 1 units. */
export const SOROBAN_AMOUNT: DecimalPolicy<7> = /* @__PURE__ */ signed(127n)

/**
 * A policy for amounts of an EVM token, a uint256: 0 to 2^256 - 1 units. Make it once and keep it, rather than for each amount.
 *
 * @param decimals The token's decimals, a whole number from 0 to 126: 18 for ether and most tokens, 6 for USDC.
 * @returns The policy, frozen.
 * @throws {DecimalError} `DECIMAL_INVALID_POLICY` for decimals out of range.
 *
 * @example
 * ```ts
 * const USDC = evmAmount(6)
 * parseDecimal('1.5', USDC) // { ok: true, units: 1500000n }
 * ```
 */
export function evmAmount<const Decimals extends number>(decimals: Decimals): DecimalPolicy<Decimals> {
  return definePolicy({ scale: decimals, min: 0n, max: 2n ** 256n - 1n })
}

/** {@link FLUXORA_AMOUNT}, typed as a default for a parameter of any scale: `never` is assignable to every type. */
export const DEFAULT_POLICY: DecimalPolicy<never> = FLUXORA_AMOUNT as DecimalPolicy<never>

// Policies are made by functions of small literals, so that a bundler can drop those that are not used.

/** Seven decimals, both signs, an integer part below 2^bits. */
function withIntegerPart(bits: bigint): DecimalPolicy<7> {
  const max = 2n ** bits * 10n ** 7n - 1n
  return definePolicy({ scale: 7, min: -max, max })
}

/** Seven decimals, and units in a two's complement integer of `bits` bits and a sign. */
function signed(bits: bigint): DecimalPolicy<7> {
  return definePolicy({ scale: 7, min: -(2n ** bits), max: 2n ** bits - 1n })
}
