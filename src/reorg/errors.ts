/**
 * What the programmer can do wrong. Nothing a provider sends leads here: that is answered by `stepReorg` with a code.
 *
 * @module
 */
import { FluxoraError, isBranded } from '../shared/fluxora-error.ts'

/**
 * Why a {@link ReorgError} was thrown.
 *
 * - `REORG_INVALID_CONFIG`: an option is unknown, of the wrong type or out of range, or two options contradict each other
 * - `REORG_INVALID_STATE`: text or an object that is not a state this version wrote
 * - `REORG_INVALID_ARGUMENT`: a time, a threshold or a cursor that cannot be read
 * - `REORG_NOT_INVERTIBLE`: effects of an operator's reset, whose undo list covers the window only
 */
export type ReorgErrorCode =
  | 'REORG_INVALID_CONFIG'
  | 'REORG_INVALID_STATE'
  | 'REORG_INVALID_ARGUMENT'
  | 'REORG_NOT_INVERTIBLE'

/**
 * Misuse of the reorg core. `field` names the option or the part of the state at fault, where there is one.
 *
 * Catch it with {@link isReorgError} rather than `instanceof`: a program may hold an ESM and a CommonJS copy of the class.
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

/** Whether a value is a {@link ReorgError}, of this copy of the library or of another. Never throws. */
export function isReorgError(value: unknown): value is ReorgError {
  return isBranded(value, 'ReorgError')
}
