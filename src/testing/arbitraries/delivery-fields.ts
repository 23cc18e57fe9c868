// Delivery ids and secrets that suit a scheme.

import * as fc from 'fast-check'
import { invalidOption } from '../../shared/webhook-error.ts'
import { isAmbiguousId } from '../../webhook/pipeline/ambiguity.ts'
import type { WebhookScheme } from '../../webhook/schemes/scheme.ts'
import { isSecretText } from '../../webhook/secrets.ts'

/** Generates ids as senders write them, and any others that a header can carry. */
export function anyDeliveryId(scheme: WebhookScheme): fc.Arbitrary<string> {
  return fc
    .oneof(
      { withCrossShrink: true },
      fc.uuid(),
      fc.stringMatching(/^(evt|msg|whd)_[0-9A-Za-z]{1,24}$/),
      fc.stringMatching(/^[!-~]([ -~]{0,40}[!-~])?$/),
    )
    .filter((id) => !isAmbiguousId(scheme, id))
}

/** Generates secrets of the scheme's form: any text, or else base64 with or without a prefix, or hexadecimal digits. */
export function anySecret(scheme: WebhookScheme): fc.Arbitrary<string> {
  const isSecret = (text: string): boolean => isSecretText(text, scheme)
  const base64 = fc.uint8Array({ minLength: 24, maxLength: 64 }).map((bytes) => btoa(String.fromCharCode(...bytes)))
  const prefixed = base64.map((text) => `whsec_${text}`)
  if (isSecret('a secret')) {
    const text = fc.oneof(
      { withCrossShrink: true },
      fc.stringMatching(/^[!-~]{1,48}$/),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 24 }),
      prefixed,
    )
    return text.filter(isSecret)
  }
  const digits = fc.stringMatching(/^([0-9a-f]{2}){24,64}$/)
  // With a letter that is no hexadecimal digit, which takes its own texts.
  const sample = btoa('\xff'.repeat(24))
  if (isSecret(`whsec_${sample}`)) return prefixed
  if (isSecret(sample)) return base64
  if (isSecret('00'.repeat(24))) return digits
  throw invalidOption('secret', `set for the scheme ${scheme.name}: secrets of its form cannot be generated`)
}
