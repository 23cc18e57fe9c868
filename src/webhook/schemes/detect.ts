// Which sender a request seems to come from, by the names of its headers.

import { type HeaderBag, visitHeaders } from '../pipeline/headers.ts'
import type { WebhookScheme } from './scheme.ts'
import {
  adyen,
  alchemy,
  calendly,
  chronomind,
  circle,
  contentful,
  discord,
  dropbox,
  fluxdrop,
  fluxora,
  github,
  gitlab,
  gitlabSigned,
  hubspot,
  intercom,
  lemonSqueezy,
  linear,
  mailgun,
  meta,
  mux,
  paddle,
  pagerduty,
  paystack,
  quicknode,
  razorpay,
  sendgrid,
  shopify,
  slack,
  square,
  standardWebhooks,
  stellarPayment,
  stripe,
  svix,
  telegram,
  twilio,
  twitch,
  typeform,
  workos,
  xero,
  zendesk,
  zoom,
} from './senders.ts'

/**
 * Names the schemes whose signature header a request has. This is for people who ask why a delivery was refused. Never choose a scheme or a
 * secret by it: whoever sends a request chooses its headers.
 *
 * Several senders may use the same header. The scheme of which most headers are there comes first, and among those the one of which fewest
 * are missing. A scheme whose signature is inside the body, like Mailgun's, cannot be told by headers.
 *
 * @param headers The request's headers, in any form that a host uses.
 * @returns The names of the schemes, most specific first; none if no sender is known by these headers. Never throws.
 *
 * @example
 * ```ts
 * detectScheme({ 'stripe-signature': 't=1710000000,v1=…' }) // ['stripe']
 * ```
 */
export function detectScheme(headers: HeaderBag): readonly string[] {
  const names = new Set<string>()
  visitHeaders(headers, (name) => names.add(name.toLowerCase()))
  return SENDERS.map((scheme) => likenessOf(scheme, names))
    .filter(({ isSigned }) => isSigned)
    .sort(byLikeness)
    .map(({ name }) => name)
}

/** How much of a scheme is in a request. */
interface Likeness {
  readonly name: string
  readonly isSigned: boolean
  /** How many of its headers are there. */
  readonly present: number
  readonly missing: number
  /** How many of those that are there have the scheme's first name for them, and no alias. */
  readonly own: number
}

function likenessOf({ name, headers }: WebhookScheme, names: ReadonlySet<string>): Likeness {
  const { signature, timestamp, deliveryId, event } = headers
  const fields = [signature, timestamp, deliveryId, event].filter((aliases) => aliases.length > 0)
  const isPresent = (aliases: readonly string[]): boolean => aliases.some((each) => names.has(each))
  const present = fields.filter(isPresent).length
  const own = fields.filter(([first = '']) => names.has(first)).length
  return { name, isSigned: isPresent(signature), present, missing: fields.length - present, own }
}

function byLikeness(one: Likeness, other: Likeness): number {
  return other.present - one.present || one.missing - other.missing || other.own - one.own
}

// Written out, and not `import * as`: a bundler would keep that with all its schemes even where nobody detects any. A test keeps it complete.
const SENDERS: readonly WebhookScheme[] = /* @__PURE__ */ Object.freeze([
  adyen,
  alchemy,
  calendly,
  chronomind,
  circle,
  contentful,
  discord,
  dropbox,
  fluxdrop,
  fluxora,
  github,
  gitlab,
  gitlabSigned,
  hubspot,
  intercom,
  lemonSqueezy,
  linear,
  mailgun,
  meta,
  mux,
  paddle,
  pagerduty,
  paystack,
  quicknode,
  razorpay,
  sendgrid,
  shopify,
  slack,
  square,
  standardWebhooks,
  stellarPayment,
  stripe,
  svix,
  telegram,
  twilio,
  twitch,
  typeform,
  workos,
  xero,
  zendesk,
  zoom,
])
