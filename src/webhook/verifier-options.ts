// The options of a verifier, read for node:crypto and for WebCrypto alike.

import { demandKnownNames } from '../shared/webhook-error.ts'
import { type CheckOptions, type Checks, readChecks } from './pipeline/checks.ts'
import { type Key, readSecrets, type WebhookSecrets } from './secrets.ts'

/** What a verifier is made of. */
export interface WebhookVerifierOptions extends CheckOptions {
  /** The secret, or several while one is being rotated. One that is undefined, as an unset variable of the environment is, throws. */
  readonly secrets: WebhookSecrets
}

const NAMES: Record<keyof WebhookVerifierOptions, true> = {
  secrets: true,
  scheme: true,
  toleranceSeconds: true,
  maxBodyBytes: true,
  now: true,
}

export function readVerifierOptions(options: WebhookVerifierOptions): { checks: Checks; keys: Key[] } {
  const checks = readChecks(options)
  demandKnownNames(options, Object.keys(NAMES))
  return { checks, keys: readSecrets('secrets', options.secrets, checks.scheme) }
}
