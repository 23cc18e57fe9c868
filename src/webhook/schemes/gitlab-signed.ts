// GitLab, by its signing token: Standard Webhooks.
// https://docs.gitlab.com/user/project/integrations/webhooks/

import type { WebhookScheme } from './scheme.ts'
import { buildStandardWebhooks } from './standard-webhooks.ts'

/**
 * GitLab: `v1,<base64>` over `id.timestamp.body` in `webhook-signature`.
 */
export const gitlabSigned: WebhookScheme = /* @__PURE__ */ buildStandardWebhooks({
  name: 'gitlabSigned',
  headers: {
    deliveryId: 'webhook-id',
    timestamp: 'webhook-timestamp',
    signature: 'webhook-signature',
    event: 'x-gitlab-event',
  },
  maxBodyBytes: 26_214_400, // GitLab's own limit is 25 MiB
})
