// Signing by WebCrypto: the options, checks and headers of sign.ts, by promise.

import { importLater } from './import-keys.ts'
import type { KeySet } from './pipeline/sequence.ts'
import { draftOf, writeHeaders } from './pipeline/signing.ts'
import { type WebKey, webEngine, webSign } from './proof/web.ts'
import { readSignerOptions, type SignInput, type WebhookSignerOptions } from './signer-options.ts'

/** Signs deliveries of one scheme wherever there is WebCrypto. */
export interface AsyncWebhookSigner {
  /**
   * Writes the headers for one attempt, by lower-case name. Fields that the scheme has no header for are left out. The body is copied, so
   * its buffer may be used again at once.
   *
   * @param input The body, and what differs from the defaults.
   * @returns The headers to send beside the body.
   * @throws {WebhookError} Rejects with `invalid_input` for what cannot be sent, `invalid_secret` if every secret has expired or a key cannot
   *   be used, and `invalid_option` if the clock does not give Unix seconds.
   */
  sign(input: SignInput): Promise<Record<string, string>>
}

/**
 * Makes a signer that needs nothing but WebCrypto: for browsers, edge runtimes and every server runtime. Its headers are those of
 * `createWebhookSigner`, by promise. Keys are imported with the first delivery and kept.
 *
 * @param options The secrets, and the scheme and clock if they differ from the defaults.
 * @returns A signer whose `sign` resolves to the headers to send beside a body.
 * @throws {WebhookError} `invalid_secret`, `invalid_option` or `invalid_scheme` if the options make no sense.
 *
 * @example
 * ```ts
 * const signer = createAsyncWebhookSigner({ secrets: env.WEBHOOK_SECRET })
 * const body = JSON.stringify(event) // once: exactly these bytes are signed and sent
 * await fetch(url, { method: 'POST', body, headers: await signer.sign({ body, deliveryId: event.id }) })
 * ```
 */
export function createAsyncWebhookSigner(options: WebhookSignerOptions): AsyncWebhookSigner {
  const { terms, keys } = readSignerOptions(options)
  let imported: Promise<readonly WebKey[]> | undefined
  let secrets: KeySet<WebKey> | undefined
  return Object.freeze({
    async sign(input: SignInput): Promise<Record<string, string>> {
      const given = draftOf(terms, input)
      const draft = { ...given, body: new Uint8Array(given.body) }
      // Not when the signer is made: some edge runtimes allow no asynchronous work outside a request.
      imported ??= importLater(webEngine, keys)
      secrets ??= { keys, imported: await imported }
      return writeHeaders(ENGINE, terms.scheme, draft, secrets)
    },
  })
}

const ENGINE = { proof: webEngine, sign: webSign }
