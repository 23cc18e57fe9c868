/**
 * What can be wrong with an amount, and with a call: the codes, the refusal that `parseDecimal` returns and the
 * {@link DecimalError} that everything else throws. No message, property or JSON of either holds a character of the input.
 *
 * @module
 */
import { FluxoraError, isBranded } from '../shared/fluxora-error.ts'

/**
 * Why a value is not an amount. All four are the sender's doing: answer 400.
 *
 * - `DECIMAL_EMPTY_VALUE`: null, undefined, or text that is empty or only white space
 * - `DECIMAL_INVALID_TYPE`: not a string; numbers and bigints too
 * - `DECIMAL_INVALID_FORMAT`: text that is not sign, digits, point, digits
 * - `DECIMAL_OUT_OF_RANGE`: an amount beyond the policy's bounds or decimals, or text of more than 128 characters
 */
export type DecimalErrorCode =
  | 'DECIMAL_EMPTY_VALUE'
  | 'DECIMAL_INVALID_TYPE'
  | 'DECIMAL_INVALID_FORMAT'
  | 'DECIMAL_OUT_OF_RANGE'

/** What the program itself did wrong: a policy that makes no sense, or an argument no caller should pass. Answer 500. */
export type DecimalMisuseCode = 'DECIMAL_INVALID_POLICY' | 'DECIMAL_INVALID_ARGUMENT'

/** A finer word than the code, for logs and for telling a user what to change. */
export type DecimalReason =
  | 'missing'
  | 'blank'
  | 'not_a_string'
  | 'missing_digits'
  | 'whitespace'
  | 'separator'
  | 'exponent'
  | 'character'
  | 'too_long'
  | 'precision'
  | 'above_maximum'
  | 'below_minimum'
  | 'unread'

/** An amount that was refused. `at` is the index (in UTF-16 code units) of the first character that is to blame, where one is. */
export interface DecimalRefusal {
  readonly ok: false
  readonly code: DecimalErrorCode
  readonly reason: DecimalReason
  readonly at?: number
  /** A sentence for people, which names the limit that was passed. It may change; decide by `code` and `reason`. */
  readonly message: string
}

/** @internal A refusal. The message is a sentence that depends on the policy and the reason, never on the text that was read. */
export function refuse(code: DecimalErrorCode, reason: DecimalReason, message: string, at?: number): DecimalRefusal {
  return at === undefined ? { ok: false, code, reason, message } : { ok: false, code, reason, at, message }
}

/**
 * Thrown by everything of this module that does not return its verdict, for refused amounts (the four
 * {@link DecimalErrorCode}s) and for misuse (the two {@link DecimalMisuseCode}s).
 *
 * Catch it with {@link isDecimalError} rather than `instanceof`: a program may hold an ESM and a CommonJS copy of the class.
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
  declare readonly code: DecimalErrorCode | DecimalMisuseCode
  /** One of {@link DecimalReason} for a refused amount; the name of the argument or policy member to blame for misuse. */
  declare readonly reason: string
  /** Index of the character to blame, where there is one. */
  declare readonly at?: number
  /** The field that the caller named, where one was. */
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

  /** Code, reason, at, field and message: all that is safe to send to the caller, and nothing else. */
  toJSON(): { code: string; reason: string; at: number | undefined; field: string | undefined; message: string } {
    const { code, reason, at, field, message } = this
    return { code, reason, at, field, message }
  }
}

/** Whether a value is a {@link DecimalError}, of this copy of the library or of another. Never throws. */
export function isDecimalError(value: unknown): value is DecimalError {
  return isBranded(value, 'DecimalError')
}
