// Signers are made once for each endpoint's secrets: to import a key costs as much as to sign.

import type { WebhookScheme } from '../webhook/schemes/scheme.ts'
import type { WebhookSecrets } from '../webhook/secrets.ts'
import { createWebhookSigner, type WebhookSigner } from '../webhook/sign.ts'

/** More endpoints than this take turns. */
const MOST = 1_000

/** Finds or makes the signer for some secrets. Throws a `WebhookError` for secrets that cannot sign. */
export function signerCache(scheme: WebhookScheme, now: () => number): (secrets: WebhookSecrets) => WebhookSigner {
  // Only for text, which cannot change. Secrets in an object are read again each time, since somebody may write to it.
  const signers = new Map<string, WebhookSigner>()
  return (secrets) => {
    if (typeof secrets !== 'string') return createWebhookSigner({ scheme, secrets, now })
    const known = signers.get(secrets)
    if (known) return known
    const signer = createWebhookSigner({ scheme, secrets, now })
    if (signers.size >= MOST) signers.clear()
    signers.set(secrets, signer)
    return signer
  }
}
