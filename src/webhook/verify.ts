// Verifying one delivery, synchronously, by node:crypto.

import {
  type CheckOptions,
  checkContent,
  checkHead,
  conclude,
  readChecks,
  type Verification,
  type WebhookBody,
} from './checks.ts'
import type { HeaderBag } from './headers.ts'
import { nodeMac } from './mac-node.ts'
import { readSecrets, type WebhookSecrets } from './secrets.ts'

/** What a verifier is made of. */
export interface WebhookVerifierOptions extends CheckOptions {
  /** The secret, or several while one is being rotated. One that is undefined, as an unset variable of the environment is, throws. */
  readonly secrets: WebhookSecrets
}

/** Verifies deliveries of one scheme. */
export interface WebhookVerifier {
  /** Never throws for anything that a sender can send; computes at most one MAC for each secret. */
  verify(input: { headers: HeaderBag; body: WebhookBody }): Verification
}

/**
 * Makes a verifier.
 *
 * @throws {WebhookError} `invalid_secret`, `invalid_option` or `invalid_scheme`
 * @example
 * const verifier = createWebhookVerifier({ secrets: process.env.WEBHOOK_SECRET })
 * const verdict = verifier.verify({ headers: request.headers, body: rawBody })
 * if (verdict.ok) handle(verdict.delivery.json())
 */
export function createWebhookVerifier(options: WebhookVerifierOptions): WebhookVerifier {
  const checks = readChecks(options)
  const keys = readSecrets('secrets', options.secrets, checks.scheme)
  const imported = keys.map((key) => nodeMac.importKey(key.bytes))
  return Object.freeze({
    verify({ headers, body }: { headers: HeaderBag; body: WebhookBody }): Verification {
      const head = checkHead(checks, headers)
      if (!head.ok) return head
      const unproven = checkContent(checks, head, body)
      if (!unproven.ok) return unproven
      const { before, after } = unproven
      const matches = imported.map((key) => nodeMac.matches(key, before, unproven.body, after, head.candidates))
      return conclude(checks.scheme, unproven, keys, matches)
    },
  })
}
