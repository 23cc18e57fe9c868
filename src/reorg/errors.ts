/**
 * What the programmer can do wrong. Nothing a provider sends leads here: that is answered by `stepReorg` with a code.
 *
 * @module
 */

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

// Registered, so that the ESM and the CommonJS copy of this library know each other's errors.
const brand: symbol = /* @__PURE__ */ Symbol.for('@fluxora/verify/ReorgError')

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
export class ReorgError extends Error {
  declare readonly code: ReorgErrorCode
  declare readonly field: string | undefined

  constructor(code: ReorgErrorCode, message: string, field?: string) {
    super(message)
    this.name = 'ReorgError'
    this.code = code
    this.field = field
    Object.defineProperty(this, brand, { value: true })
  }
}

/** Whether a value is a {@link ReorgError}, of this copy of the library or of another. Never throws. */
export function isReorgError(value: unknown): value is ReorgError {
  try {
    return typeof value === 'object' && (value as Record<symbol, unknown>)[brand] === true
  } catch {
    return false // null, or a proxy whose traps throw
  }
}
