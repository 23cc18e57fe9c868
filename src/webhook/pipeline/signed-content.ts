// Step 5, proof: exactly what the signature covers. The engines in proof/ do the rest.

import type { SignedContent } from '../proof/engine.ts'
import type { SignedText, WebhookScheme } from '../schemes/scheme.ts'

/** The fields of a delivery that may be signed beside its body. */
export interface SignedFields {
  readonly deliveryId: string | undefined
  readonly timestamp: string | undefined
}

export function signedContent(scheme: WebhookScheme, fields: SignedFields, body: Uint8Array): SignedContent {
  return { before: writeSigned(scheme.before, fields), body, after: writeSigned(scheme.after, fields) }
}

/** The signed text on one side of the body. */
export function writeSigned(parts: readonly (string | SignedText)[], fields: SignedFields): string {
  let text = ''
  for (const part of parts) text += typeof part === 'object' ? part.text : writePart(part, fields)
  return text
}

/** A scheme requires the fields that it signs, so they are there. */
function writePart(part: string, fields: SignedFields): string | undefined {
  return part === 'timestamp' || part === 'deliveryId' ? fields[part] : part
}
