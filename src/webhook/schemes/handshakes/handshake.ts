// What a handshake is. Before it sends its first delivery, a sender may ask an endpoint to prove that it belongs to its customer.

import type { VerifiedDelivery } from '../../verified-delivery.ts'

/**
 * How to answer a sender that first asks whether an endpoint is really meant to get its deliveries, for the `handshake` option of an adapter.
 * Made by `metaHandshake`, `slackHandshake` and the like. A handshake is no delivery: your handler never gets one, and none is remembered.
 */
export interface WebhookHandshake {
  /** The sender, for messages. */
  readonly name: string
  /** The sender's signature header, in lower case. The receiver's scheme must have it, or the handshake is another sender's. */
  readonly signatureHeader: string
  /** Answers a GET by its query, without the `?`. Nothing in it is signed. Without this function, a GET is refused as `method_not_allowed`. */
  readonly answerGet?: ((query: string) => HandshakeAnswer | 'refused') | undefined
  /** Answers a request whose signature is valid. Undefined if that is a delivery like any other. */
  readonly answerDelivery?:
    | ((delivery: VerifiedDelivery, mac: MacOfText) => PossibleAnswer | Promise<PossibleAnswer>)
    | undefined
  /** Whether the sender wants an empty body in every answer; false by default. */
  readonly emptyAnswers?: boolean | undefined
}

/** What a handshake is answered with, by the status 200. */
export interface HandshakeAnswer {
  /** Response headers by lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** `'refused'` if it is a handshake that must not be answered, undefined if it is none. */
export type PossibleAnswer = HandshakeAnswer | 'refused' | undefined

/** The MAC of a text under the secret that made the signature of the request. */
export type MacOfText = (text: string) => Promise<Uint8Array>

/**
 * Echoes a challenge, or refuses one that does not look like one. What is echoed may be anybody's, so it must never be more than a short
 * word, and never be taken for HTML.
 */
export function echo(challenge: unknown): HandshakeAnswer | 'refused' {
  if (typeof challenge !== 'string' || !CHALLENGE.test(challenge)) return 'refused'
  return { headers: { 'content-type': 'text/plain', 'x-content-type-options': 'nosniff' }, body: challenge }
}

const CHALLENGE = /^[\w.~+/=:-]{1,256}$/

/** The value of a query parameter that is there once. With two of a name, a proxy and this endpoint might each read another one. */
export function soleParameter(query: string, name: string): string | undefined {
  const values = new URLSearchParams(query).getAll(name)
  return values.length === 1 ? values[0] : undefined
}

/** An own member of a JSON object; undefined if there is none, or if the value is no object. */
export function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return (value as Record<string, unknown>)[name]
}

/** The body as JSON; undefined if it is none. */
export function jsonOf(delivery: VerifiedDelivery): unknown {
  try {
    return delivery.json()
  } catch {
    return undefined
  }
}
