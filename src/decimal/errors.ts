// The error that the decimal functions throw, and what only a program can do wrong.

import { FluxoraError, isBranded } from '../shared/fluxora-error.ts'
import type { DecimalErrorCode } from './refusals.ts'

/** What the program did wrong: a policy that makes no sense, or an argument that no caller should pass. Answer 500. */
export type DecimalMisuseCode = 'DECIMAL_INVALID_POLICY' | 'DECIMAL_INVALID_ARGUMENT'

/**
 * Thrown by every decimal function that does not return its verdict: for refused amounts (the four
 * {@link DecimalErrorCode}s) and for misuse (the two {@link DecimalMisuseCode}s).
 *
 * Recognise it with {@link isDecimalError} rather than `instanceof`: a program may load both an ESM and a CommonJS copy of the class.
 * No property of it holds a character of the input.
 *
 * @example
 * ```ts
 * try {
 *   toUnits(body.depositAmount, FLUXORA_AMOUNT, 'depositAmount')
 * } catch (error) {
 *   if (isDecimalError(error)) reply.code(400).send(error) // toJSON: code, reason, at, field, message
 * }
 * ```
 */
export class DecimalError extends FluxoraError {
  /** Stable, unlike the message. */
  declare readonly code: DecimalErrorCode | DecimalMisuseCode
  /** For a refused amount a {@link DecimalReason}; for misuse the name of the wrong argument or policy member. */
  declare readonly reason: string
  /** Index of the first wrong character. Absent if no single character is wrong. */
  declare readonly at?: number
  /** The field's name, if the caller gave one. */
  declare readonly field?: string

  constructor(
    {
      code,
      reason,
      message,
      at,
    }: {
      readonly code: DecimalErrorCode | DecimalMisuseCode
      readonly reason: string
      readonly message: string
      readonly at?: number
    },
    field?: string,
  ) {
    super('DecimalError', message)
    this.code = code
    this.reason = reason
    if (at !== undefined) this.at = at
    if (field !== undefined) this.field = field
  }

  /** Everything that is safe to send to the caller: code, reason, at, field and message. */
  toJSON(): { code: string; reason: string; at: number | undefined; field: string | undefined; message: string } {
    const { code, reason, at, field, message } = this
    return { code, reason, at, field, message }
  }
}

/**
 * Tells whether a value is a {@link DecimalError}, from this copy of the library or another.
 *
 * @param value Any value, such as what a `catch` caught.
 * @returns True for a {@link DecimalError}. It never throws.
 *
 * @example
 * ```ts
 * if (isDecimalError(error)) console.error(error.code, error.reason)
 * ```
 */
export function isDecimalError(value: unknown): value is DecimalError {
  return isBranded(value, 'DecimalError')
}

/** The error for a policy that makes no sense. `member` is the member that is wrong. */
export function invalidPolicy(member: string, message: string): DecimalError {
  return new DecimalError({ code: 'DECIMAL_INVALID_POLICY', reason: member, message })
}

/** The error for an argument that no caller should pass. `field` is the field of the payload, if one is involved. */
export function invalidArgument(argument: string, message: string, field?: string): DecimalError {
  return new DecimalError({ code: 'DECIMAL_INVALID_ARGUMENT', reason: argument, message }, field)
}
