// The base of every error that the library throws, and how an error of another copy of the library is recognised.

/**
 * Thrown when the program misuses the library, never because of what the network sent. Each module has its own class, which adds the
 * `option` or the `field` at fault. Decide by `code`: messages may change.
 *
 * @example
 * ```ts
 * try {
 *   createWebhookVerifier({ secrets: process.env.WEBHOOK_SECRET })
 * } catch (error) {
 *   if (isWebhookError(error)) console.error(error.code, error.option)
 * }
 * ```
 */
export abstract class FluxoraError extends Error {
  /** Why it was thrown. Each module lists its codes. */
  abstract readonly code: string

  /**
   * `name` is a parameter because minifiers rename classes. `cause` is what another library threw, if anything; left out, the error has no
   * `cause` at all.
   */
  protected constructor(name: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause }) // JSR wants to see one plain call
    this.name = name
    Object.defineProperty(this, brandOf(name), { value: true })
  }
}

/** Registered, so the ESM and the CommonJS copy of this library recognise each other's values. */
export function brandOf(name: string): symbol {
  return Symbol.for(`@fluxora/verify:${name}`)
}

/** Whether a value has a brand. Never throws. */
export function isBranded(value: unknown, name: string): boolean {
  if (typeof value !== 'object' || value === null) return false
  try {
    return (value as Record<symbol, unknown>)[brandOf(name)] === true
  } catch {
    return false // a proxy whose traps throw
  }
}
