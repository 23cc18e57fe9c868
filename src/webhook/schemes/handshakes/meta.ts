// Meta (WhatsApp, Messenger, Instagram), "Getting Started with Webhooks": developers.facebook.com/docs/graph-api/webhooks/getting-started

import { isSameBytes } from '../../../shared/bytes.ts'
import { utf8 } from '../../../shared/utf8.ts'
import { demandKnownNames, invalidOption, WebhookError } from '../../../shared/webhook-error.ts'
import { echo, soleParameter, type WebhookHandshake } from './handshake.ts'

/** The options of `metaHandshake`. */
export interface MetaHandshakeOptions {
  /** The "Verify token" that you typed in at Meta's dashboard: 1 to 256 characters. Choose it like a password. */
  readonly verifyToken: string | undefined
}

/**
 * Meta's handshake: a GET with `hub.verify_token`. If the token is right, `hub.challenge` is answered as plain text. The tokens are compared
 * in constant time. Anything else is refused as `handshake_refused` (403).
 *
 * @param options The verify token.
 * @returns A handshake for the `handshake` option of an adapter.
 * @throws {WebhookError} `invalid_option` if the options are not an object or have an unknown name, `invalid_secret` if the token is missing,
 *   blank, too long or has white space at either end.
 * @see {@link https://developers.facebook.com/docs/graph-api/webhooks/getting-started}
 *
 * @example
 * ```ts
 * const handshake = metaHandshake({ verifyToken: process.env.META_VERIFY_TOKEN })
 * app.all('/webhooks', expressWebhook({ scheme: meta, secrets: process.env.META_APP_SECRET, handshake }), handler)
 * ```
 */
export function metaHandshake(options: MetaHandshakeOptions): WebhookHandshake {
  const expected = readToken(options)
  return Object.freeze({
    name: 'meta',
    signatureHeader: 'x-hub-signature-256',
    answerGet(query: string) {
      const isSame = isSameBytes(expected, bytesOf(soleParameter(query, 'hub.verify_token')))
      if (!isSame || soleParameter(query, 'hub.mode') !== 'subscribe') return 'refused'
      return echo(soleParameter(query, 'hub.challenge'))
    },
  })
}

/** No bytes for a token that is missing or cannot be encoded: no token that is configured is empty. */
function bytesOf(token: string | undefined): Uint8Array {
  return utf8(token ?? '') ?? new Uint8Array(0)
}

function readToken(options: MetaHandshakeOptions): Uint8Array {
  if (typeof options !== 'object' || options === null) throw invalidOption('options', 'an object with a verifyToken')
  demandKnownNames(options, ['verifyToken'])
  const { verifyToken } = options
  const isUsable = typeof verifyToken === 'string' && verifyToken !== '' && verifyToken.trim() === verifyToken
  const bytes = isUsable && verifyToken.length <= LONGEST ? bytesOf(verifyToken) : NONE
  if (bytes.length > 0) return bytes
  const message = `verifyToken must be text of 1 to ${LONGEST} characters without white space at either end.`
  throw new WebhookError('invalid_secret', message, 'verifyToken')
}

const LONGEST = 256
const NONE = /* @__PURE__ */ new Uint8Array(0)
