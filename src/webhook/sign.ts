// Signing, synchronously, by node:crypto: the headers that a sender puts beside a body.

import { importAtOnce } from './import-keys.ts'
import type { WebhookBody } from './pipeline/body.ts'
import { signedContent } from './pipeline/signed-content.ts'
import { draftOf, readInputBody, writeHeaders } from './pipeline/signing.ts'
import { writeTimestamp } from './pipeline/timestamp.ts'
import { nodeEngine, nodeSign } from './proof/node.ts'
import { fluxora } from './schemes/fluxora.ts'
import { readSecret } from './secrets.ts'
import { readSignerOptions, type SignInput, type WebhookSignerOptions } from './signer-options.ts'

export type { SignInput, WebhookSignerOptions } from './signer-options.ts'

/** Signs deliveries of one scheme. */
export interface WebhookSigner {
  /**
   * Writes the headers for one attempt, by lower-case name. Fields that the scheme has no header for are left out.
   *
   * @param input The body, and what differs from the defaults.
   * @returns The headers to send beside the body.
   * @throws {WebhookError} `invalid_input` for what cannot be sent, `invalid_secret` if every secret has expired, and `invalid_option` if the
   *   clock does not give Unix seconds.
   */
  sign(input: SignInput): Record<string, string>
}

/**
 * Makes a signer.
 *
 * @param options The secrets, and the scheme and clock if they differ from the defaults.
 * @returns A signer whose `sign` gives the headers to send beside a body.
 * @throws {WebhookError} `invalid_secret`, `invalid_option` or `invalid_scheme` if the options make no sense.
 *
 * @example
 * ```ts
 * const signer = createWebhookSigner({ secrets: process.env.WEBHOOK_SECRET })
 * const body = JSON.stringify(event) // once: exactly these bytes are signed and sent
 * await fetch(url, { method: 'POST', body, headers: signer.sign({ body, deliveryId: event.id }) })
 * ```
 */
export function createWebhookSigner(options: WebhookSignerOptions): WebhookSigner {
  const { terms, keys } = readSignerOptions(options)
  const secrets = { keys, imported: importAtOnce(nodeEngine, keys) }
  return Object.freeze({
    sign(input: SignInput): Record<string, string> {
      return writeHeaders(ENGINE, terms.scheme, draftOf(terms, input), secrets)
    },
  })
}

const ENGINE = { proof: nodeEngine, sign: nodeSign }

/**
 * The Fluxora signature: hex HMAC-SHA256 of `timestamp.rawBody` under the secret's UTF-8 bytes.
 *
 * @param secret Text or bytes.
 * @param timestamp Unix seconds, exactly as in `x-fluxora-timestamp` if it is text.
 * @param rawBody The bytes to send. Text stands for its UTF-8 bytes.
 * @returns 64 lower-case hexadecimal digits.
 * @throws {WebhookError} `invalid_secret` for a secret that cannot be used, `invalid_input` for a body that is neither bytes nor well-formed
 *   text, or a number that is not a time in whole Unix seconds.
 *
 * @example
 * ```ts
 * computeWebhookSignature('topsecret', '1710000000', '{"event":"stream.updated"}')
 * ```
 */
export function computeWebhookSignature(
  secret: string | Uint8Array | undefined,
  timestamp: string | number,
  rawBody: WebhookBody,
): string {
  const key = readSecret({ option: 'secret', path: 'secret', rules: fluxora, use: 'sign' }, secret)
  const text = typeof timestamp === 'number' ? writeTimestamp(timestamp) : timestamp
  const content = signedContent(fluxora, { deliveryId: undefined, timestamp: text }, readInputBody(rawBody))
  return fluxora.signature.write([nodeSign(nodeEngine.importKey(key.material), content)], text)
}
