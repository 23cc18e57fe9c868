// Contentful, request verification.
// https://www.contentful.com/developers/docs/webhooks/request-verification/

import type { ContentWriter, WrittenContent } from '../pipeline/content-writer.ts'
import { pathOf, signedHeader, signedMethod, signedUrl } from '../pipeline/request-content.ts'
import { unixMilliseconds } from '../pipeline/timestamp-formats.ts'
import { hex } from '../proof/mac-encoding.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildSingleSignature } from './signature-format.ts'

const SIGNED_HEADERS = 'x-contentful-signed-headers'

/**
 * Contentful: hex HMAC-SHA256 of method, path, the headers that `X-Contentful-Signed-Headers` lists, and body, a line each, in
 * `X-Contentful-Signature`. The timestamp (milliseconds) is one of those headers.
 */
export const contentful: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'contentful',
  headers: {
    signature: 'x-contentful-signature',
    timestamp: 'x-contentful-timestamp',
    event: 'x-contentful-topic',
  },
  signed: ['method', '\n', 'path', '\n', { header: SIGNED_HEADERS }, 'timestamp', '\n', 'body'],
  timestamp: unixMilliseconds,
  content: canonicalRequest,
  signature: /* @__PURE__ */ buildSingleSignature({ encoding: hex }),
  dedupeBy: 'content', // deliveries have no id
})

/** More are not read: Contentful lists a handful. */
const MOST_HEADERS = 50

function canonicalRequest(...[, request]: Parameters<ContentWriter>): WrittenContent {
  const list = signedHeader(SIGNED_HEADERS, request.bag)
  if (typeof list !== 'string') return list
  const lines: string[] = []
  for (const name of sortedNames(list)) {
    const value = signedHeader(name, request.bag)
    if (typeof value !== 'string') return value
    lines.push(`${name}:${value.trim()}`)
  }
  // A timestamp that is not among them would be checked and not be signed.
  if (!lines.some((line) => line.startsWith('x-contentful-timestamp:'))) {
    lines.push(`x-contentful-timestamp:${request.timestamp}`)
  }
  const before = `${signedMethod(request)}\n${pathOf(signedUrl(request))}\n${lines.join(';')}\n`
  return { ok: true, content: { before, body: request.body, after: '' } }
}

function sortedNames(list: string): readonly string[] {
  const names = list.toLowerCase().split(',', MOST_HEADERS)
  return names.map((name) => name.trim()).sort()
}
