// Sentences in refusals that help the developer who reads them to find the cause.

import { fluxora } from '../schemes/fluxora.ts'
import type { WebhookScheme } from '../schemes/scheme.ts'
import { findHeaderName } from './headers.ts'

/** The sentence about a signature that is not in the scheme's form. */
export function describeMalformed({ headers, signature: { form } }: WebhookScheme): string {
  const which = form === undefined ? '' : `, which is ${form}`
  return `The ${headers.signature[0]} header is not in the form that the scheme writes${which}.`
}

/**
 * A sentence about a request without the scheme's signature but with one under another name: it most likely comes from another sender,
 * which a beginner would not see. Empty if there is nothing of the kind.
 */
export function describeOtherSender({ name, headers }: WebhookScheme, bag: unknown): string {
  const other = findHeaderName(bag, (each) => isSignatureName(each) && !headers.signature.includes(each))
  if (other === undefined) return ''
  const current = name === fluxora.name ? 'fluxora is the default' : `it is ${name} here`
  return ` The request has the header ${other}. If it comes from another sender, set the scheme option (${current}).`
}

/** Judged by its form, since a bundle with one scheme does not hold the header names of others. Only characters that are safe to repeat. */
function isSignatureName(name: string): boolean {
  return name.length <= 64 && /signature|hmac/.test(name) && /^[a-z0-9_-]+$/.test(name)
}
