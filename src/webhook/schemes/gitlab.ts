// GitLab, by its secret token.
// https://docs.gitlab.com/user/project/integrations/webhooks/

import { token } from '../proof/token.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildTokenFormat } from './signature-format.ts'

/**
 * GitLab: the secret itself in `X-Gitlab-Token`. Nothing is signed: it is worth as much as the TLS connection that it came over. Where
 * GitLab offers a signing token, use `gitlabSigned`.
 */
export const gitlab: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'gitlab',
  headers: { signature: 'x-gitlab-token', deliveryId: 'idempotency-key', event: 'x-gitlab-event' },
  signed: [],
  proof: token,
  signature: /* @__PURE__ */ buildTokenFormat(),
  dedupeBy: 'deliveryId', // as its documentation says: the same on each of the retries
  maxBodyBytes: 26_214_400, // GitLab's own limit is 25 MiB
})
