// Delivery ids and secrets that suit a scheme.

import * as fc from 'fast-check'
import { encodeBase64 } from '../../shared/encoding.ts'
import { invalidOption } from '../../shared/webhook-error.ts'
import { isAmbiguousId } from '../../webhook/pipeline/ambiguity.ts'
import type { WebhookScheme } from '../../webhook/schemes/scheme.ts'
import { isSecretText } from '../../webhook/secrets.ts'
import { P256_ORDER } from '../signing/ecdsa-p256.ts'
import { p256Pem } from '../signing/key.ts'
import { toBytes, toNumber } from '../signing/numbers.ts'

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

/** Generates what the scheme's sender signs with: a secret of its form, or a private key. */
export function anySecret(scheme: WebhookScheme): fc.Arbitrary<string> {
  const seed = fc.uint8Array({ minLength: 32, maxLength: 32 })
  switch (scheme.proof.algorithm) {
    case 'token':
      return fc.stringMatching(/^[!-~]{1,48}$/).filter((text) => isSecretText(text, scheme))
    case 'ed25519':
      return seed.map((bytes) => `whsk_${encodeBase64(bytes)}`)
    case 'ecdsa-p256-sha256':
      return seed.map((bytes) => p256Pem(toBytes((toNumber(bytes) % (P256_ORDER - 1n)) + 1n, 32)))
    case 'rsa-sha256':
      throw invalidOption('secret', `set for the scheme ${scheme.name}: RSA keys take too long to generate`)
    default:
      return anySharedSecret(scheme)
  }
}

/** Any text, or else base64 with or without a prefix, or hexadecimal digits. */
function anySharedSecret(scheme: WebhookScheme): fc.Arbitrary<string> {
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
