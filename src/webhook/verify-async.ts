// Verifying one delivery by WebCrypto: the options, checks and verdicts of verify.ts, by promise.

import type { WebhookBody } from './pipeline/body.ts'
import type { HeaderBag } from './pipeline/headers.ts'
import { inspect, judge, type KeySet } from './pipeline/sequence.ts'
import type { Verification } from './pipeline/verdict.ts'
import { webMac } from './proof/web.ts'
import { readVerifierOptions, type WebhookVerifierOptions } from './verifier-options.ts'

/** Verifies deliveries of one scheme wherever there is WebCrypto. */
export interface AsyncWebhookVerifier {
  /** Resolves for anything that a sender can send, and computes at most one MAC for each secret. */
  verify(input: { headers: HeaderBag; body: WebhookBody }): Promise<Verification>
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
  let imported: Promise<readonly CryptoKey[]> | undefined
  let secrets: KeySet<CryptoKey> | undefined
  return Object.freeze({
    async verify({ headers, body }: { headers: HeaderBag; body: WebhookBody }): Promise<Verification> {
      const unproven = inspect(checks, headers, body)
      if (!unproven.ok) return unproven
      // Not when the verifier is made: some edge runtimes allow no asynchronous work outside a request.
      imported ??= Promise.all(keys.map((key) => webMac.importKey(key.bytes)))
      secrets ??= { keys, imported: await imported }
      return judge(webMac, checks, unproven, secrets)
    },
  })
}
