// QuickNode Streams.
// https://www.quicknode.com/guides/quicknode-products/streams/validating-incoming-streams-webhook-messages

import { requestContent } from '../pipeline/request-content.ts'
import { hex } from '../proof/mac-encoding.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildSingleSignature } from './signature-format.ts'

/**
 * QuickNode Streams: hex HMAC-SHA256 of nonce, timestamp and body in `X-QN-Signature`. Bodies may be compressed after they were signed:
 * then set `inflate`.
 */
export const quicknode: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'quicknode',
  headers: { signature: 'x-qn-signature', timestamp: 'x-qn-timestamp' },
  signed: [{ header: 'x-qn-nonce' }, 'timestamp', 'body'],
  content: requestContent,
  signature: /* @__PURE__ */ buildSingleSignature({ encoding: hex }),
  dedupeBy: 'content', // a retry has a nonce of its own
  maxBodyBytes: 10_485_760, // batches of blocks are large
})
