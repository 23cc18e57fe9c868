// The options of a verifier, read in the same way for node:crypto and for WebCrypto.

import { demandKnownNames } from '../shared/webhook-error.ts'
import { type CheckOptions, type Checks, readChecks } from './pipeline/checks.ts'
import { type Key, readSecrets, type WebhookSecrets } from './secrets.ts'

/** The options of a verifier. */
export interface WebhookVerifierOptions extends CheckOptions {
  /** The secret, or several while one is being rotated. Throws if one is undefined, as an environment variable that is not set is. */
  readonly secrets: WebhookSecrets
}

const NAMES: Record<keyof WebhookVerifierOptions, true> = {
  secrets: true,
  scheme: true,
  toleranceSeconds: true,
  maxBodyBytes: true,
  now: true,
}

export function readVerifierOptions(options: WebhookVerifierOptions): { checks: Checks; keys: readonly Key[] } {
  const checks = readChecks(options)
  demandKnownNames(options, Object.keys(NAMES))
  return { checks, keys: readSecrets('secrets', options.secrets, checks.scheme) }
}
