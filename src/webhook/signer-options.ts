// The options of a signer, read in the same way for node:crypto and for WebCrypto.

import { demandKnownNames, invalidOption, WebhookError } from '../shared/webhook-error.ts'
import type { WebhookBody } from './pipeline/body.ts'
import { systemClock } from './pipeline/unix-seconds.ts'
import { fluxora } from './schemes/fluxora.ts'
import { readScheme, type WebhookScheme } from './schemes/scheme.ts'
import { type Key, readSecrets, type WebhookSecrets } from './secrets.ts'

/** The options of a signer. Only `secrets` is required. */
export interface WebhookSignerOptions {
  /** The receiver's scheme, `fluxora` by default. */
  readonly scheme?: WebhookScheme | undefined
  /** The first one that has not expired signs. If the scheme can carry several signatures, all that have not expired sign. */
  readonly secrets: WebhookSecrets
  /** The clock, in Unix seconds; the system's clock by default. */
  readonly now?: (() => number) | undefined
}

/** One attempt at a delivery. */
export interface SignInput {
  /** Exactly what is sent. Text stands for its UTF-8 bytes. */
  readonly body: WebhookBody
  /** The same for all attempts at one delivery: visible ASCII. A random UUID by default, if the scheme has an id. */
  readonly deliveryId?: string | undefined
  /** The name of the event, if the scheme has a header for it: visible ASCII; none by default. */
  readonly event?: string | undefined
  /** Unix seconds; the clock's by default. Sign each attempt anew. */
  readonly timestamp?: number | undefined
  /** The request's method, if the scheme signs it; `POST` by default. */
  readonly method?: string | undefined
  /** The whole URL that the request is sent to, if the scheme signs the URL or its path. */
  readonly url?: string | undefined
  /** Headers of the request that the scheme signs beside its own; none by default. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

const NAMES: Record<keyof WebhookSignerOptions, true> = { secrets: true, scheme: true, now: true }

/** What a signer signs by, for each delivery. */
export interface SignerTerms {
  readonly scheme: WebhookScheme
  readonly now: () => unknown
}

export function readSignerOptions(options: WebhookSignerOptions): { terms: SignerTerms; keys: readonly Key[] } {
  if (typeof options !== 'object' || options === null) throw invalidOption('options', 'an object')
  demandKnownNames(options, Object.keys(NAMES))
  const scheme = readScheme(options.scheme ?? fluxora)
  if (scheme.bodyFields?.signature !== undefined) throw new WebhookError('invalid_scheme', SIGNATURE_IN_BODY, 'scheme')
  const keys = readSecrets('secrets', options.secrets, scheme, 'sign')
  const { now = systemClock } = options
  if (typeof now !== 'function') throw invalidOption('now', 'a function that returns Unix seconds')
  return { terms: { scheme, now }, keys }
}

const SIGNATURE_IN_BODY = 'Scheme: the signature is inside the body, so there are no headers to sign with.'
