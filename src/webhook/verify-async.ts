// Verifying one delivery by WebCrypto: the same options, the same checks, the same verdicts as verify.ts, by promise.

import { checkContent, checkHead, conclude, type Verification, type WebhookBody } from './pipeline/checks.ts'
import type { HeaderBag } from './pipeline/headers.ts'
import { all } from './proof/engine.ts'
import { webMac } from './proof/web.ts'
import { readVerifierOptions, type WebhookVerifierOptions } from './verifier-options.ts'

/** Verifies deliveries of one scheme wherever there is WebCrypto. */
export interface AsyncWebhookVerifier {
  /** Resolves for anything that a sender can send; computes at most one MAC for each secret. */
  verify(input: { headers: HeaderBag; body: WebhookBody }): Promise<Verification>
}

/**
 * Makes a verifier that needs nothing but WebCrypto: for browsers, edge runtimes and every server runtime. Keys are imported with the
 * first delivery and kept.
 *
 * @throws {WebhookError} `invalid_secret`, `invalid_option` or `invalid_scheme`
 * @example
 * const verifier = createAsyncWebhookVerifier({ secrets: env.WEBHOOK_SECRET })
 * const verdict = await verifier.verify({ headers: request.headers, body: await request.arrayBuffer() })
 * if (verdict.ok) handle(verdict.delivery.json())
 */
export function createAsyncWebhookVerifier(options: WebhookVerifierOptions): AsyncWebhookVerifier {
  const { checks, keys } = readVerifierOptions(options)
  let imported: readonly CryptoKey[] | Promise<readonly CryptoKey[]> | undefined
  return Object.freeze({
    async verify({ headers, body }: { headers: HeaderBag; body: WebhookBody }): Promise<Verification> {
      const head = checkHead(checks, headers)
      if (!head.ok) return head
      const unproven = checkContent(checks, head, body)
      if (!unproven.ok) return unproven
      // Not when the verifier is made: some edge runtimes allow no asynchronous work outside a request.
      imported ??= Promise.all(keys.map((key) => webMac.importKey(key.bytes))).then((ready) => {
        imported = ready
        return ready
      })
      const ready = imported instanceof Promise ? await imported : imported
      const { before, after } = unproven
      const matches = ready.map((key) => webMac.matches(key, before, unproven.body, after, head.candidates))
      return conclude(checks.scheme, unproven, keys, await all(matches))
    },
  })
}
