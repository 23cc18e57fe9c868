// Dropbox, "Webhooks", "The verification request": dropbox.com/developers/reference/webhooks

import { echo, soleParameter, type WebhookHandshake } from './handshake.ts'

/**
 * Dropbox's handshake: a GET with a `challenge`, which is answered as plain text. Nothing in it is secret or signed, so anyone can have an
 * answer: it is given only to a challenge of up to 256 letters, digits and `_.~+/=:-`, and browsers must not take it for HTML.
 *
 * @returns A handshake for the `handshake` option of an adapter.
 * @see {@link https://www.dropbox.com/developers/reference/webhooks}
 *
 * @example
 * ```ts
 * const options = { scheme: dropbox, secrets: process.env.DROPBOX_APP_SECRET, handshake: dropboxHandshake() }
 * app.all('/webhooks', expressWebhook(options), handler)
 * ```
 */
export function dropboxHandshake(): WebhookHandshake {
  return Object.freeze({
    name: 'dropbox',
    signatureHeader: 'x-dropbox-signature',
    answerGet: (query: string) => echo(soleParameter(query, 'challenge')),
  })
}
