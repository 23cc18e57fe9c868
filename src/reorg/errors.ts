// Errors for misuse by the program. Nothing that a provider sends throws one: `stepReorg` answers with a code.

import { FluxoraError, isBranded } from '../shared/fluxora-error.ts'

/**
 * Why a {@link ReorgError} was thrown.
 *
 * - `REORG_INVALID_CONFIG`: an option is unknown, of the wrong type or out of range, or two options contradict each other
 * - `REORG_INVALID_STATE`: the text is not a state that this version wrote
 * - `REORG_INVALID_ARGUMENT`: a time or a threshold makes no sense
 * - `REORG_NOT_INVERTIBLE`: the effects of an operator's reset, whose undo list covers the window only
 */
export type ReorgErrorCode =
  | 'REORG_INVALID_CONFIG'
  | 'REORG_INVALID_STATE'
  | 'REORG_INVALID_ARGUMENT'
  | 'REORG_NOT_INVERTIBLE'

/**
 * Thrown for misuse of the reorg tracker. `field` names the option or the part of the state at fault, if there is one.
 *
 * Test for it with {@link isReorgError} rather than `instanceof`: a program may load the class twice, as ESM and as CommonJS.
 *
 * @example
 * ```ts
 * try {
 *   state = parseReorgState(row.state)
 * } catch (error) {
 *   if (isReorgError(error)) console.error(error.code, error.field)
 * }
 * ```
 */
export class ReorgError extends FluxoraError {
  declare readonly code: ReorgErrorCode
  declare readonly field: string | undefined

  constructor(code: ReorgErrorCode, message: string, field?: string, cause?: unknown) {
    super('ReorgError', message, cause)
    this.code = code
    this.field = field
  }
}

/**
 * Tells whether a value is a {@link ReorgError}, from this copy of the library or another.
 *
 * @param value Any value.
 * @returns True for a {@link ReorgError}. It never throws.
 *
 * @example
 * ```ts
 * if (isReorgError(error)) console.error(error.code)
 * ```
 */
export function isReorgError(value: unknown): value is ReorgError {
  return isBranded(value, 'ReorgError')
}
