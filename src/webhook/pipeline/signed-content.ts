// Step 5, proof: exactly what the signature covers. The engines in proof/ do the rest.

import type { SignedContent } from '../proof/engine.ts'
import type { WebhookScheme } from '../schemes/scheme.ts'
import type { SignedPart } from '../schemes/signed-part.ts'

/** The fields of a delivery that may be signed beside its body. */
export interface SignedFields {
  readonly deliveryId: string | undefined
  readonly timestamp: string | undefined
}

export function signedContent(scheme: WebhookScheme, fields: SignedFields, body: Uint8Array): SignedContent {
  return { before: writeSigned(scheme.before, fields), body, after: writeSigned(scheme.after, fields) }
}

/** The signed text on one side of the body. */
export function writeSigned(parts: readonly SignedPart[], fields: SignedFields): string {
  let text = ''
  for (const part of parts) text += writePart(part, fields)
  return text
}

/** A scheme requires the fields that it signs, so they are there. One with parts of other kinds brings a content writer of its own. */
function writePart(part: SignedPart, fields: SignedFields): string | undefined {
  if (typeof part === 'object') return 'text' in part ? part.text : undefined
  if (part === 'timestamp') return fields.timestamp
  return part === 'deliveryId' ? fields.deliveryId : part
}
