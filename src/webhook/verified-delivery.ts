// What a verified delivery is: the bytes that were signed, and what came with them.

import { WebhookError } from '../shared/webhook-error.ts'
import { snapshotHeaders } from './pipeline/headers.ts'

/**
 * A delivery whose signature is valid. The signature covers `body`. It covers the timestamp and the id only if the scheme signs them, and
 * never `event` and `headers`.
 */
export interface VerifiedDelivery {
  /** The name of the scheme. */
  readonly scheme: string
  /** The sender's delivery id. Signed by Standard Webhooks only. */
  readonly deliveryId?: string | undefined
  /** The name of the event from its header, if the scheme has one. Not signed, unlike a name inside the body. */
  readonly event?: string | undefined
  /** Unix seconds. Signed except by Stellar Payment and Flux Drop. */
  readonly timestamp?: number | undefined
  /** The `id` of the secret that matched. */
  readonly keyId?: string | undefined
  /** All received headers by lower-case name, frozen. Not signed. */
  readonly headers: Readonly<Record<string, string>>
  /** Exactly the bytes that were verified. They are not copied, so do not write to the buffer that was passed in. */
  readonly body: Uint8Array
  /** The body as text, including a byte order mark. Throws a `WebhookError` (`invalid_body`) if it is not UTF-8. */
  text(): string
  /**
   * The body as JSON, parsed once. Throws a `WebhookError` (`invalid_body`) if it is not JSON. The message says what it looks like instead
   * (a form, XML, empty) and quotes nothing from it.
   */
  json<T = unknown>(): T
}

/** What the headers say about a delivery, and the headers themselves, in any form that can be read again. */
interface DeliveryHead {
  readonly deliveryId: string | undefined
  readonly event: string | undefined
  readonly bag: unknown
}

// A class only so that what most handlers never ask for costs nothing until it is asked for. Its fields are only declared: a definition
// would set each of them twice.
export class Delivery implements VerifiedDelivery {
  declare readonly scheme: string
  declare readonly deliveryId: string | undefined
  declare readonly event: string | undefined
  declare readonly timestamp: number | undefined
  declare readonly keyId: string | undefined
  declare readonly body: Uint8Array
  readonly #bag: unknown
  #headers: Readonly<Record<string, string>> | undefined
  #json: { value: unknown } | undefined

  constructor(
    scheme: string,
    head: DeliveryHead,
    timestamp: number | undefined,
    body: Uint8Array,
    keyId: string | undefined,
  ) {
    this.scheme = scheme
    this.deliveryId = head.deliveryId
    this.event = head.event
    this.timestamp = timestamp
    this.keyId = keyId
    this.body = body
    this.#bag = head.bag
  }

  get headers(): Readonly<Record<string, string>> {
    this.#headers ??= snapshotHeaders(this.#bag)
    return this.#headers
  }

  text(): string {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.body)
    } catch {
      throw new WebhookError('invalid_body', 'The body is not UTF-8 text.')
    }
  }

  json<T = unknown>(): T {
    this.#json ??= { value: parseJson(this.text()) }
    return this.#json.value as T
  }
}

function parseJson(body: string): unknown {
  // RFC 8259 section 8.1 lets a parser ignore a byte order mark.
  const text = body.startsWith('\ufeff') ? body.slice(1) : body
  try {
    return JSON.parse(text)
  } catch {
    throw new WebhookError('invalid_body', `The body ${describeBody(text)}.`) // the parser's own message would quote it
  }
}

/** What the body is instead of JSON, judged by its form alone. */
function describeBody(text: string): string {
  if (text === '') return 'is empty, not JSON'
  if (text.trim() === '') return 'is blank, not JSON'
  if (text.trimStart().startsWith('<')) return 'looks like XML or HTML, not JSON'
  if (/^--[^\s]+\r?\n/.test(text)) return 'looks like a form (multipart/form-data), not JSON'
  if (/^[\w%+.*[\]-]+=[^\s<>"{}]*$/.test(text)) return 'looks like a form (application/x-www-form-urlencoded), not JSON'
  return 'is not JSON'
}
