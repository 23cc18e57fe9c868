// HubSpot, signatures v3.
// https://developers.hubspot.com/docs/apps/legacy-apps/authentication/validating-requests

import type { ContentWriter } from '../pipeline/content-writer.ts'
import { requestContent, signedUrl } from '../pipeline/request-content.ts'
import { unixMilliseconds } from '../pipeline/timestamp-formats.ts'
import { base64 } from '../proof/mac-encoding.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildSingleSignature } from './signature-format.ts'

/**
 * HubSpot: base64 HMAC-SHA256 of method, URL, body and timestamp (milliseconds) in `X-HubSpot-Signature-v3`. Give the receiver `publicUrl`
 * where a proxy changes the URL.
 */
export const hubspot: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'hubspot',
  headers: { signature: 'x-hubspot-signature-v3', timestamp: 'x-hubspot-request-timestamp' },
  signed: ['method', 'url', 'body', 'timestamp'],
  timestamp: unixMilliseconds,
  content: decodedUrl,
  signature: /* @__PURE__ */ buildSingleSignature({ encoding: base64 }),
  dedupeBy: 'content', // a body holds many events
})

/** HubSpot signs the URL with these characters decoded, and no others: : / ? @ ! $ ' ( ) * , ; */
const DECODED = /%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi

function decodedUrl(...[parts, request, digest]: Parameters<ContentWriter>): ReturnType<ContentWriter> {
  const url = signedUrl(request).replace(DECODED, decodeURIComponent)
  return requestContent(parts, { ...request, url, publicUrl: undefined }, digest)
}
