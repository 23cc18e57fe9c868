// What a verified delivery is: the bytes that were signed, and what came with them.

import { WebhookError } from '../shared/webhook-error.ts'
import { snapshotHeaders } from './pipeline/headers.ts'

/**
 * A delivery whose signature is valid. `body` is what the signature covers; the timestamp and the id are covered only where the scheme
 * signs them, `event` and `headers` never are.
 */
export interface VerifiedDelivery {
  /** Name of the scheme that it was verified by. */
  readonly scheme: string
  /** The sender's delivery id. Signed by Standard Webhooks only. */
  readonly deliveryId?: string | undefined
  /** The event's name from its header, where the scheme has one. Not signed: a name inside the body is. */
  readonly event?: string | undefined
  /** Unix seconds. Signed except by Stellar Payment and Flux Drop. */
  readonly timestamp?: number | undefined
  /** The `id` of the secret that matched. */
  readonly keyId?: string | undefined
  /** All received headers by lower-case name, frozen. Not signed. */
  readonly headers: Readonly<Record<string, string>>
  /** The very bytes that were verified. They are not copied: do not write to the buffer that was passed in. */
  readonly body: Uint8Array
  /** The body as text, a byte order mark kept. Throws a `WebhookError` (`invalid_body`) where it is not UTF-8. */
  text(): string
  /**
   * The body as JSON, parsed once. Throws a `WebhookError` (`invalid_body`) where it is not JSON: the message says what it looks like (a
   * form, XML, nothing at all) and quotes nothing of it.
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

/** What stands where JSON should, told by its form alone. */
function describeBody(text: string): string {
  if (text === '') return 'is empty, not JSON'
  if (text.trim() === '') return 'is blank, not JSON'
  if (text.trimStart().startsWith('<')) return 'looks like XML or HTML, not JSON'
  if (/^--[^\s]+\r?\n/.test(text)) return 'looks like a form (multipart/form-data), not JSON'
  if (/^[\w%+.*[\]-]+=[^\s<>"{}]*$/.test(text)) return 'looks like a form (application/x-www-form-urlencoded), not JSON'
  return 'is not JSON'
}
