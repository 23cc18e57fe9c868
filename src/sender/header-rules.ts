// Which headers an endpoint may set: none that steer the connection, that say what the body is, that the signature depends on, or that open
// the metadata service of a cloud (reference: OWASP, Server-Side Request Forgery).

import type { WebhookScheme } from '../webhook/schemes/scheme.ts'

const MOST = 32
const LONGEST = 4_096

const REFUSED: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'metadata',
  'metadata-flavor',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
])
const REFUSED_PREFIX = /^(?:proxy-|webhook-|svix-|x-aws-|x-amz-|x-goog-|x-azure-|x-ms-)/

/** The headers by lower-case name; undefined if one of them may not be set. */
export function readEndpointHeaders(headers: unknown, scheme: WebhookScheme): Record<string, string> | undefined {
  const read: Record<string, string> = {}
  if (headers === undefined) return read
  if (typeof headers !== 'object' || headers === null) return undefined
  const entries = Object.entries(headers)
  if (entries.length > MOST) return undefined
  for (const [name, value] of entries) {
    const lower = name.toLowerCase()
    if (Object.hasOwn(read, lower) || !mayBeSet(lower, scheme) || !isValue(value)) return undefined
    read[lower] = value
  }
  return read
}

function mayBeSet(name: string, scheme: WebhookScheme): boolean {
  const isToken = /^[\w!#$%&'*+.^`|~-]{1,128}$/.test(name)
  const isOfScheme = Object.values(scheme.headers).some((names) => names.includes(name))
  return isToken && !isOfScheme && !REFUSED.has(name) && !REFUSED_PREFIX.test(name)
}

/** Visible ASCII, with spaces inside (RFC 9110 section 5.5). */
function isValue(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LONGEST && /^(?:[!-~](?:[ -~]*[!-~])?)?$/.test(value)
}
