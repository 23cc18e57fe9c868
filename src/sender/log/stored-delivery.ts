// Deliveries as logs keep them: checked, the body as bytes, the endpoint as text.

import { WebhookError } from '../../shared/webhook-error.ts'
import { toBytes } from '../../webhook/pipeline/body.ts'
import type { Endpoint } from '../delivery.ts'
import type { NewDelivery } from './contract.ts'

/** What a log keeps of a new delivery. */
export interface StoredDelivery {
  readonly endpointId: string
  /** JSON of the endpoint without its id; null where only the id is known. */
  readonly target: string | null
  readonly deliveryId: string
  readonly event: string | null
  readonly body: Uint8Array
}

/** Endpoint ids end up in indexes, which hold some 2,700 bytes. */
const ENDPOINT_ID = /^[^\p{Cc}\p{Cs}]{1,255}$/u
const DELIVERY_ID = /^[!-~]{1,255}$/

/** @throws {WebhookError} `invalid_input` */
export function toStored(delivery: NewDelivery): StoredDelivery {
  const { endpoint, deliveryId, event, body } = Object(delivery) as NewDelivery
  const endpointId: unknown = Object(endpoint).id
  if (typeof endpointId !== 'string' || !ENDPOINT_ID.test(endpointId)) {
    throw invalidInput('endpoint.id', 'text of 1 to 255 characters without control characters')
  }
  if (typeof deliveryId !== 'string' || !DELIVERY_ID.test(deliveryId)) {
    throw invalidInput('deliveryId', '1 to 255 visible ASCII characters')
  }
  if (event !== undefined && (typeof event !== 'string' || !ENDPOINT_ID.test(event))) {
    throw invalidInput('event', 'text of 1 to 255 characters without control characters')
  }
  const bytes = toBytes(body)
  if (!bytes) throw invalidInput('body', 'text or bytes')
  // A copy: the caller may go on writing to its own.
  return { endpointId, target: writeTarget(endpoint), deliveryId, event: event ?? null, body: new Uint8Array(bytes) }
}

function invalidInput(field: string, expected: string): WebhookError {
  return new WebhookError('invalid_input', `${field} must be ${expected}.`, field)
}

/** Secrets may be bytes, which JSON does not have. */
function writeTarget(endpoint: NewDelivery['endpoint']): string | null {
  if (!('url' in endpoint)) return null
  const { url, secrets, headers } = endpoint
  return JSON.stringify({ url, secrets, headers }, (_, value) => {
    if (!(value instanceof Uint8Array)) return value
    return { base64: Buffer.from(value).toString('base64') }
  })
}

/** JSON.stringify asks a Buffer for its own form before the replacer sees it. */
export function readTarget(id: string, target: string | null): Endpoint | undefined {
  if (target === null) return undefined
  const stored = JSON.parse(target, (_, value) => {
    const keys = Object.keys(Object(value)).join()
    if (keys === 'base64') return new Uint8Array(Buffer.from(value.base64, 'base64'))
    if (keys === 'type,data' && value.type === 'Buffer') return new Uint8Array(value.data)
    return value
  })
  return { id, url: stored.url, secrets: stored.secrets, headers: stored.headers }
}
