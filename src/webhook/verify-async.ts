// Verifying one delivery by WebCrypto: the options, checks and verdicts of verify.ts, by promise.

import { importLater } from './import-keys.ts'
import { inspect, judge, type KeySet } from './pipeline/sequence.ts'
import type { Verification } from './pipeline/verdict.ts'
import { type WebKey, webEngine } from './proof/web.ts'
import { readVerifierOptions, type VerifyInput, type WebhookVerifierOptions } from './verifier-options.ts'

/** Verifies deliveries of one scheme wherever there is WebCrypto. */
export interface AsyncWebhookVerifier {
  /** Resolves for anything that a sender can send, and computes at most one MAC for each secret. */
  verify(input: VerifyInput): Promise<Verification>
}

/**
 * Makes a verifier that needs nothing but WebCrypto: for browsers, edge runtimes and every server runtime. Keys are imported with the
 * first delivery and kept.
 *
 * @param options The secrets, and what differs from the defaults: scheme, tolerance, body limit, clock.
 * @returns A verifier whose verdict is `{ ok: true, delivery, … }`, or `{ ok: false, status, code, message }`.
 * @throws {WebhookError} `invalid_secret`, `invalid_option` or `invalid_scheme` if the options make no sense.
 *
 * @example
 * ```ts
 * const verifier = createAsyncWebhookVerifier({ secrets: env.WEBHOOK_SECRET })
 * const verdict = await verifier.verify({ headers: request.headers, body: await request.arrayBuffer() })
 * if (verdict.ok) handle(verdict.delivery.json())
 * ```
 */
export function createAsyncWebhookVerifier(options: WebhookVerifierOptions): AsyncWebhookVerifier {
  const { checks, keys } = readVerifierOptions(options)
  let imported: Promise<readonly WebKey[]> | undefined
  let secrets: KeySet<WebKey> | undefined
  return Object.freeze({
    async verify(input: VerifyInput): Promise<Verification> {
      const unproven = inspect(checks, input.headers, input.body)
      if (!unproven.ok) return unproven
      // Not when the verifier is made: some edge runtimes allow no asynchronous work outside a request.
      imported ??= importLater(webEngine, keys)
      secrets ??= { keys, imported: await imported }
      return judge(webEngine, checks, unproven, secrets, input)
    },
  })
}
