// Standard Webhooks specification, "Signature scheme": the id is signed. A secret is base64 after `whsec_` and signs as `v1`; a public key is
// base64 after `whpk_`, and checks what its private key (`whsk_`) signed as `v1a`. Where both are configured, either will do.
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md

import { decodeBase64Loosely } from '../../shared/encoding.ts'
import { hmacSha256 } from '../proof/hmac.ts'
import type { KeyMaterial, Proof, SignatureLength } from '../proof/key-material.ts'
import { base64, MAC_BYTES } from '../proof/mac-encoding.ts'
import { ed25519, readTaggedEd25519Key } from '../proof/public-key/ed25519.ts'
import { buildScheme, type SchemeParts, type WebhookScheme } from './scheme.ts'
import { buildVersionedSignature, type ReadSignature, type SignatureFormat } from './signature-format.ts'

/**
 * What every sender of this specification shares: the names of its three headers apart, and the name of the scheme.
 */
export function buildStandardWebhooks(names: Pick<SchemeParts, 'name' | 'headers' | 'maxBodyBytes'>): WebhookScheme {
  return buildScheme({
    ...names,
    signed: ['deliveryId', '.', 'timestamp', '.', 'body'],
    signature: bothVersions(),
    proof: bothKinds,
    secret: readStandardSecret,
    secretForm: 'base64, with or without whsec_ before it, or a public or private key as whpk_, whsk_, PEM or JWK',
  })
}

/** HMAC-SHA256, or Ed25519 for a key that says that it is one. */
const bothKinds: Proof = /* @__PURE__ */ Object.freeze({
  // Not spread from hmacSha256: bundlers would keep that line in every bundle.
  algorithm: 'hmac-sha256',
  length: /* @__PURE__ */ Object.freeze({ least: MAC_BYTES, most: MAC_BYTES }),
  readKey(secret: string | Uint8Array, toBytes: (text: string) => Uint8Array | undefined): KeyMaterial | undefined {
    const tagged = typeof secret === 'string' ? readTaggedEd25519Key(secret) : undefined
    return tagged ?? hmacSha256.readKey(secret, toBytes)
  },
})

/** The prefixes of the specification. A doubled one, or one in capitals, would otherwise be read as url-safe base64. */
const PREFIX = /^wh(sec|sk|pk)_/i

function readStandardSecret(text: string): Uint8Array | undefined {
  const digits = text.startsWith('whsec_') ? text.slice(6) : text
  return PREFIX.test(digits) ? undefined : decodeBase64Loosely(digits)
}

/** `v1,<base64>` and `v1a,<base64>` in one list. */
function bothVersions(): SignatureFormat {
  const symmetric = buildVersionedSignature({ encoding: base64, version: 'v1' })
  const asymmetric = buildVersionedSignature({ encoding: base64, version: 'v1a' })
  return Object.freeze({
    ...symmetric,
    read(header: string, length?: SignatureLength): ReadSignature | undefined {
      const macs = symmetric.read(header, length)
      // Nearly every header has only the one kind.
      if (!header.includes('v1a,')) return macs
      const signatures = asymmetric.read(header, ed25519.length)
      if (!macs && !signatures) return undefined
      return { candidates: macs?.candidates ?? [], publicCandidates: signatures?.candidates ?? [] }
    },
    write: (signatures: readonly Uint8Array[], timestamp: string, kinds: readonly KeyMaterial['kind'][] = []): string =>
      signatures
        .map((signature, index) => (kinds[index] === 'private' ? asymmetric : symmetric).write([signature], timestamp))
        .join(' '),
  })
}

/**
 * Standard Webhooks: `v1,<base64>` over `id.timestamp.body` in `webhook-signature`, by HMAC-SHA256; `v1a,<base64>` by Ed25519. Several of
 * either while the sender rotates its keys.
 */
export const standardWebhooks: WebhookScheme = /* @__PURE__ */ buildStandardWebhooks({
  name: 'standardWebhooks',
  headers: { deliveryId: 'webhook-id', timestamp: 'webhook-timestamp', signature: 'webhook-signature' },
})
