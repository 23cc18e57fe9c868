// Types for the payloads of deliveries, and their validation by any library that supports Standard Schema.

import { escapeToken } from '../../shared/json-pointer.ts'
import type { StandardSchemaIssue, StandardSchemaResult } from '../../shared/standard-schema.ts'
import { WebhookError } from '../../shared/webhook-error.ts'
import type { HandlerContext } from '../../webhook/receiving/receiver-contract.ts'
import type { VerifiedDelivery } from '../../webhook/verified-delivery.ts'

/**
 * A delivery of one of several events, for a `switch (delivery.event)`: in each case `json()` returns that event's payload. These are only
 * types, and most schemes do not sign the event header. If a wrong name could do harm, read the name from the body.
 */
export type EventDelivery<Events extends object> = string extends keyof Events
  ? VerifiedDelivery
  : {
      [Name in keyof Events & string]: Omit<VerifiedDelivery, 'event' | 'json'> & {
        readonly event: Name
        json<T = Events[Name]>(): T
      }
    }[keyof Events & string]

/** A handler whose payloads are typed by the event's name. */
export type EventHandler<Events extends object> = (delivery: EventDelivery<Events>, context: HandlerContext) => unknown

/**
 * A schema of zod, valibot, arktype or another library: the part of Standard Schema version 1 that `readPayload` uses.
 *
 * @see {@link https://standardschema.dev}
 */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly validate: (value: unknown) => StandardSchemaResult<Output> | Promise<StandardSchemaResult<Output>>
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined
  }
}

/**
 * Parses the body of a verified delivery as JSON, and validates it. An error that is thrown inside a handler releases the claim, so the
 * sender tries again; catch it if you would rather drop the delivery.
 *
 * @param delivery The delivery, as the adapter gave it to you.
 * @param schema A schema of any library that supports Standard Schema.
 * @returns What the schema made of the payload.
 * @throws {WebhookError} `invalid_body` if the body is not JSON or does not match the schema. The message names up to 16 places, but no
 * values; `cause` holds the schema's issues.
 * @see {@link https://standardschema.dev}
 *
 * @example
 * ```ts
 * const transfer = await readPayload(request.webhook, z.object({ amount: z.string() }))
 * ```
 */
export async function readPayload<Output>(
  delivery: Pick<VerifiedDelivery, 'json'>,
  schema: StandardSchema<Output>,
): Promise<Output> {
  const result = await schema['~standard'].validate(delivery.json())
  if (!result.issues) return result.value
  const places = [...new Set(result.issues.slice(0, 16).map(pointerOf))].join(', ')
  const message = `The body does not match its schema at: ${places}.`
  throw new WebhookError('invalid_body', message, undefined, result.issues)
}

/** The JSON Pointer (RFC 6901) of an issue. The root is `/` here: its real pointer is an empty string, which nobody would see. */
function pointerOf({ path = [] }: StandardSchemaIssue): string {
  const steps = path.map((step) => String(typeof step === 'object' ? step.key : step))
  return `/${steps.map(escapeToken).join('/')}`
}
