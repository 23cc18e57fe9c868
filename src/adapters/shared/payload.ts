// Types for what a delivery carries, and its validation by any library that speaks Standard Schema.

import { WebhookError } from '../../shared/webhook-error.ts'
import type { HandlerContext } from '../../webhook/receiving/receiver.ts'
import type { VerifiedDelivery } from '../../webhook/verified-delivery.ts'

/**
 * A delivery of one of several events, for a `switch (delivery.event)`: in each case `json()` has that event's payload. These are types
 * alone, and most schemes do not sign the event header: where a wrong name would do harm, read the name from the body.
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

/** What zod, valibot, arktype and others give: Standard Schema version 1, as much of it as is needed here. */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined
  }
}

type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/**
 * The payload of a verified delivery, validated. Thrown inside a handler its error releases the claim, so that the sender tries again
 * once the receiver knows better; catch it to drop the delivery instead.
 *
 * @throws {WebhookError} `invalid_body` where the body is not JSON, or not what the schema says: the message tells where, never what was
 * there, and `cause` holds the schema's issues
 * @example
 * const transfer = await readPayload(request.webhook, z.object({ amount: z.string() }))
 */
export async function readPayload<Output>(
  delivery: Pick<VerifiedDelivery, 'json'>,
  schema: StandardSchema<Output>,
): Promise<Output> {
  const result = await schema['~standard'].validate(delivery.json())
  if (!result.issues) return result.value
  const places = [...new Set(result.issues.slice(0, 16).map(pointer))].join(', ')
  const error = new WebhookError('invalid_body', `The body is not what its schema says, at: ${places}.`)
  error.cause = result.issues
  throw error
}

/** JSON Pointer (RFC 6901) of an issue; the root is written `/`, for an empty text says nothing. */
function pointer({ path = [] }: SchemaIssue): string {
  const steps = path.map((step) => String(typeof step === 'object' ? step.key : step))
  return `/${steps.map((step) => step.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`
}
