// The algorithms by name, for schemes that are described at run time. The library's own schemes import the one that they use.

import { hmacSha1, hmacSha256, hmacSha512 } from './hmac.ts'
import type { Proof, WebhookAlgorithm } from './key-material.ts'
import { ecdsaP256 } from './public-key/ecdsa-p256.ts'
import { ed25519 } from './public-key/ed25519.ts'
import { rsa } from './public-key/rsa.ts'
import { token } from './token.ts'

export const ALGORITHMS: Readonly<Record<WebhookAlgorithm, Proof>> = /* @__PURE__ */ Object.freeze({
  'hmac-sha256': hmacSha256,
  'hmac-sha1': hmacSha1,
  'hmac-sha512': hmacSha512,
  ed25519,
  'ecdsa-p256-sha256': ecdsaP256,
  'rsa-sha256': rsa,
  token,
})
