// The options of a verifier, read in the same way for node:crypto and for WebCrypto.

import { demandKnownNames } from '../shared/webhook-error.ts'
import type { WebhookBody } from './pipeline/body.ts'
import { type CheckOptions, type Checks, readChecks } from './pipeline/checks.ts'
import type { HeaderBag } from './pipeline/headers.ts'
import { type Key, readSecrets, type WebhookSecrets } from './secrets.ts'

/** The options of a verifier. */
export interface WebhookVerifierOptions extends CheckOptions {
  /** The secret, or several while one is being rotated. Throws if one is undefined, as an environment variable that is not set is. */
  readonly secrets: WebhookSecrets
}

/** What a verifier takes. */
export interface VerifyInput {
  /** The request's headers, in any form that a host uses. */
  readonly headers: HeaderBag
  /** Exactly the bytes that arrived. */
  readonly body: WebhookBody
  /** The request's method, if the scheme signs it; `POST` by default. */
  readonly method?: string | undefined
  /** The whole URL as the sender knows it, if the scheme signs the URL or its path. */
  readonly url?: string | undefined
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
