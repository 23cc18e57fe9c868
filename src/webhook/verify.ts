// Verifying one delivery, synchronously, by node:crypto.

import { importAtOnce } from './import-keys.ts'
import { inspect, judge } from './pipeline/sequence.ts'
import type { Verification } from './pipeline/verdict.ts'
import { nodeEngine } from './proof/node.ts'
import { readVerifierOptions, type VerifyInput, type WebhookVerifierOptions } from './verifier-options.ts'

export type { VerifyInput, WebhookVerifierOptions } from './verifier-options.ts'

/** Verifies deliveries of one scheme. */
export interface WebhookVerifier {
  /** Never throws on anything that a sender can send, and computes at most one MAC for each secret. */
  verify(input: VerifyInput): Verification
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
  const secrets = { keys, imported: importAtOnce(nodeEngine, keys) }
  return Object.freeze({
    verify(input: VerifyInput): Verification {
      const unproven = inspect(checks, input.headers, input.body)
      return unproven.ok ? judge(nodeEngine, checks, unproven, secrets, input) : unproven
    },
  })
}
