// The place in an adapter where an explainer is told of refusals. It is made by `explainWith` (explain.ts), which only its users load.

import { invalidOption } from '../../shared/webhook-error.ts'
import type { WebhookCode } from '../../webhook/codes.ts'
import type { HeaderBag } from '../../webhook/pipeline/headers.ts'
import type { WebhookReceiverOptions } from '../../webhook/receiver-options.ts'
import type { AdapterOutcome } from '../../webhook/receiving/outcome.ts'
import type { AdapterReceiver, ReceiveInput } from '../../webhook/receiving/receiver-contract.ts'

/** The `explain` option: made by `explainWith`. */
export interface WebhookExplainer {
  /** Told of a request that was refused after its body was read. Returns at once, and never throws. */
  readonly consider: (refused: RefusedRequest) => void
}

/** A refused request, with the options that it was refused by. These hold the secrets, so it is only for an explainer. */
export interface RefusedRequest {
  readonly code: WebhookCode
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: HeaderBag
  /** As received: still compressed, if it came so. */
  readonly body: Uint8Array
  readonly options: WebhookReceiverOptions
}

/** The same receiver, whose explainer is told of its refusals, if the options have one. */
export function withExplainer(
  receiver: AdapterReceiver,
  options: WebhookReceiverOptions & { readonly explain?: WebhookExplainer | undefined },
): AdapterReceiver {
  const { explain } = options
  if (explain === undefined) return receiver
  if (!isExplainer(explain)) throw invalidOption('explain', 'made by explainWith(diagnoseDelivery, { onDiagnosis })')
  return {
    async receive(input, handle, call) {
      const keeper = keepBody(input)
      const outcome = await receiver.receive(keeper.input, handle, call)
      const { body } = keeper
      if (body && isUnproven(outcome)) {
        const { method, url, headers } = input
        explain.consider({ code: outcome.code, method, url, headers, body, options })
      }
      return outcome
    },
  }
}

function isExplainer(value: unknown): value is WebhookExplainer {
  return typeof value === 'object' && value !== null && 'consider' in value && typeof value.consider === 'function'
}

/** Refusals that say nothing of why. All others say in their message what is wrong. */
const UNPROVEN: readonly WebhookCode[] = [
  'signature_mismatch',
  'previous_secret_expired',
  'timestamp_outside_tolerance',
  'invalid_timestamp',
  'malformed_signature',
  'missing_signature',
  'missing_timestamp',
]

function isUnproven({ ok, code }: AdapterOutcome): boolean {
  return !ok && UNPROVEN.includes(code)
}

/** Keeps the bytes that are read, for the time of one request. */
function keepBody(input: ReceiveInput): { readonly input: ReceiveInput; readonly body: Uint8Array | undefined } {
  const { body: read } = input
  if (typeof read !== 'function') return { input, body: undefined }
  const keeper: { input: ReceiveInput; body: Uint8Array | undefined } = { input, body: undefined }
  keeper.input = {
    ...input,
    async body(maxBodyBytes, budget) {
      const found = await read(maxBodyBytes, budget)
      if (found instanceof Uint8Array) keeper.body = found
      return found
    },
  }
  return keeper
}
