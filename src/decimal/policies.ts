/**
 * The policies of the systems this library grew out of.
 *
 * @module
 */
import { type DecimalPolicy, definePolicy } from './policy.ts'

/**
 * Amounts of the Fluxora API, and the default everywhere: 7 decimals, both signs, the integer part within a signed 64-bit
 * integer's greatest value: ±9223372036854775807.9999999.
 */
export const FLUXORA_AMOUNT: DecimalPolicy<7> = /* @__PURE__ */ withIntegerPart(63n)

/**
 * As {@link FLUXORA_AMOUNT}, with the integer part within ±(2^53 - 1), for consumers that end in a JavaScript number:
 * ±9007199254740991.9999999.
 */
export const FLUXORA_SAFE_INTEGER: DecimalPolicy<7> = /* @__PURE__ */ withIntegerPart(53n)

/** The default where none is passed. It has every scale as far as the compiler knows, so it is a default for any. */
export const DEFAULT_POLICY: DecimalPolicy<never> = FLUXORA_AMOUNT as DecimalPolicy<never>

/** Amounts of Stellar operations and balances, an int64 of stroops: 0 to 922337203685.4775807. */
export const STELLAR_AMOUNT: DecimalPolicy<7> = /* @__PURE__ */ definePolicy({
  scale: 7,
  min: 0n,
  max: 9223372036854775807n,
})

/** Amounts of Soroban token contracts with 7 decimals, an i128: -2^127 to 2^127 - 1 units. */
export const SOROBAN_AMOUNT: DecimalPolicy<7> = /* @__PURE__ */ signed(127n)

/**
 * Amounts of an EVM token, a uint256, with that token's decimals: 0 to 2^256 - 1 units. Keep what it returns; do not call
 * it for each amount.
 *
 * @param decimals A whole number from 0 to 126; 18 for ether and most tokens, 6 for USDC.
 * @throws DecimalError `DECIMAL_INVALID_POLICY` for other decimals.
 */
export function evmAmount<const Decimals extends number>(decimals: Decimals): DecimalPolicy<Decimals> {
  return definePolicy({ scale: decimals, min: 0n, max: 2n ** 256n - 1n })
}

// Functions of small literals: a bundler can then drop the policies that are not used.

/** Seven decimals, both signs, an integer part below 2^bits. */
function withIntegerPart(bits: bigint): DecimalPolicy<7> {
  const max = 2n ** bits * 10n ** 7n - 1n
  return definePolicy({ scale: 7, min: -max, max })
}

/** Seven decimals in a two's complement integer of `bits` bits and a sign. */
function signed(bits: bigint): DecimalPolicy<7> {
  return definePolicy({ scale: 7, min: -(2n ** bits), max: 2n ** bits - 1n })
}
