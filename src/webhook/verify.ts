// Verifying one delivery, synchronously, by node:crypto.

import type { WebhookBody } from './pipeline/body.ts'
import type { HeaderBag } from './pipeline/headers.ts'
import { inspect, judge } from './pipeline/sequence.ts'
import type { Verification } from './pipeline/verdict.ts'
import { nodeMac } from './proof/node.ts'
import { readVerifierOptions, type WebhookVerifierOptions } from './verifier-options.ts'

export type { WebhookVerifierOptions } from './verifier-options.ts'

/** Verifies deliveries of one scheme. */
export interface WebhookVerifier {
  /** Never throws on anything that a sender can send, and computes at most one MAC for each secret. */
  verify(input: { headers: HeaderBag; body: WebhookBody }): Verification
}

/**
 * Makes a verifier. It checks one delivery at a time and remembers nothing; {@link createWebhookReceiver} also handles each delivery once.
 *
 * @param options The secrets, and what differs from the defaults: scheme, tolerance, body limit, clock.
 * @returns A verifier whose verdict is `{ ok: true, delivery, … }`, or `{ ok: false, status, code, message }`.
 * @throws {WebhookError} `invalid_secret`, `invalid_option` or `invalid_scheme` if the options make no sense.
 *
 * @example
 * ```ts
 * const verifier = createWebhookVerifier({ secrets: process.env.WEBHOOK_SECRET })
 * const verdict = verifier.verify({ headers: request.headers, body: rawBody })
 * if (verdict.ok) handle(verdict.delivery.json())
 * ```
 */
export function createWebhookVerifier(options: WebhookVerifierOptions): WebhookVerifier {
  const { checks, keys } = readVerifierOptions(options)
  const secrets = { keys, imported: keys.map((key) => nodeMac.importKey(key.bytes)) }
  return Object.freeze({
    verify({ headers, body }: { headers: HeaderBag; body: WebhookBody }): Verification {
      const unproven = inspect(checks, headers, body)
      return unproven.ok ? judge(nodeMac, checks, unproven, secrets) : unproven
    },
  })
}
