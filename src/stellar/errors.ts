// What a program can do wrong with this room. Nothing that is read from outside leads here.

import { FluxoraError, isBranded } from '../shared/fluxora-error.ts'

/** Why a {@link StellarError} was thrown: an argument cannot be encoded. */
export type StellarErrorCode = 'STELLAR_INVALID_ARGUMENT'

/**
 * Misuse of the Stellar room. `field` is the name of the argument at fault. No message holds the value of an argument.
 *
 * Catch it with {@link isStellarError}, not with `instanceof`: a program may hold an ESM and a CommonJS copy of the class.
 *
 * @example
 * ```ts
 * try {
 *   encodeStrKey('muxed', data)
 * } catch (error) {
 *   if (isStellarError(error)) console.error(error.code, error.field) // STELLAR_INVALID_ARGUMENT id
 * }
 * ```
 */
export class StellarError extends FluxoraError {
  declare readonly code: StellarErrorCode
  declare readonly field: string

  constructor(code: StellarErrorCode, message: string, field: string) {
    super('StellarError', message)
    this.code = code
    this.field = field
  }
}

/** Whether a value is a {@link StellarError}, of this copy of the library or of another. Never throws. */
export function isStellarError(value: unknown): value is StellarError {
  return isBranded(value, 'StellarError')
}

/** An argument that makes no sense. */
export function invalidArgument(field: string, expected: string): StellarError {
  return new StellarError('STELLAR_INVALID_ARGUMENT', `${field} must be ${expected}.`, field)
}
