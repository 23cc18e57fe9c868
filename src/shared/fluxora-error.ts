// The base of every error that the library throws, and how an error is known again in the other build.

/**
 * Thrown for misuse by the program, never for what the network sent. Each room has a class of its own, which adds the `option` or the
 * `field` at fault. Decide by `code`: messages may change.
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
  abstract readonly code: string

  /** `name` is given, not read from the class: a minifier renames classes. `cause` is what another library threw, if one did. */
  protected constructor(name: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = name
    Object.defineProperty(this, brandOf(name), { value: true })
  }
}

/** Registered, so that the ESM and the CommonJS copy of this library know each other's values. */
export function brandOf(name: string): symbol {
  return Symbol.for(`@fluxora/verify:${name}`)
}

/** Whether a value bears a brand. Never throws. */
export function isBranded(value: unknown, name: string): boolean {
  try {
    return typeof value === 'object' && (value as Record<symbol, unknown>)[brandOf(name)] === true
  } catch {
    return false // null, or a proxy whose traps throw
  }
}
