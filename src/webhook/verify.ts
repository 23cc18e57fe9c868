// Verifying one delivery, synchronously, by node:crypto.

import { checkContent, checkHead, conclude, type Verification, type WebhookBody } from './pipeline/checks.ts'
import type { HeaderBag } from './pipeline/headers.ts'
import { nodeMac } from './proof/node.ts'
import { readVerifierOptions, type WebhookVerifierOptions } from './verifier-options.ts'

export type { WebhookVerifierOptions } from './verifier-options.ts'

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
  const { checks, keys } = readVerifierOptions(options)
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
