// Twilio.
// https://www.twilio.com/docs/usage/webhooks/webhooks-security

import { refuse } from '../codes.ts'
import type { ContentWriter, WrittenContent } from '../pipeline/content-writer.ts'
import { signedUrl, sortedFormFields } from '../pipeline/request-content.ts'
import { withAnswer } from '../proof/engine.ts'
import { hmacSha1 } from '../proof/hmac.ts'
import { base64 } from '../proof/mac-encoding.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildSingleSignature } from './signature-format.ts'

/**
 * Twilio: base64 HMAC-SHA1 of the URL and the sorted form fields in `X-Twilio-Signature`, under the auth token. A body that is no form is
 * covered by its SHA-256, which stands in the URL as `bodySHA256`. No timestamp is signed. SHA-1 is no longer collision-resistant; an HMAC
 * of it still holds. Give the receiver `publicUrl` where a proxy changes the URL.
 */
export const twilio: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'twilio',
  headers: { signature: 'x-twilio-signature', deliveryId: 'i-twilio-idempotency-token' },
  signed: ['url', 'sortedFormFields'],
  proof: hmacSha1,
  content: urlAndFields,
  signature: /* @__PURE__ */ buildSingleSignature({ encoding: base64 }),
  dedupeBy: 'deliveryId', // its own header for this
})

const BODY_HASH = /[?&]bodySHA256=([0-9a-f]{64})(?:&|$)/i

function urlAndFields(...[, request, digest]: Parameters<ContentWriter>): WrittenContent | Promise<WrittenContent> {
  const url = withBodyHash(signedUrl(request), request.url ?? '')
  const hash = BODY_HASH.exec(url)?.[1]
  if (hash === undefined) return withFields(url, request.body)
  return withAnswer(digest(request.body), (computed) => checked(computed, hash, url))
}

function withFields(url: string, body: Uint8Array): WrittenContent {
  const fields = sortedFormFields(body)
  return typeof fields === 'string' ? written(url + fields) : fields
}

/**
 * Twilio adds the hash to the address that it was given. So if `publicUrl` is that address, the hash is still in the request's own. It is as
 * good as the rest of the URL, since all of it is signed.
 */
function withBodyHash(url: string, received: string): string {
  const added = BODY_HASH.exec(received)?.[1]
  if (added === undefined || BODY_HASH.test(url)) return url
  return `${url}${url.includes('?') ? '&' : '?'}bodySHA256=${added}`
}

/** The hash is part of the signed URL, and no secret: it may be compared as text. */
function checked(computed: string, hash: string, url: string): WrittenContent {
  if (computed === hash.toLowerCase()) return written(url)
  return refuse('signature_mismatch', 'The body does not have the SHA-256 that the URL names.')
}

function written(text: string): WrittenContent {
  return { ok: true, content: { before: text, body: new Uint8Array(), after: '' } }
}
