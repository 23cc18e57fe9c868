// The capture file: a line of JSON for each delivery. `listen --save` writes it; `replay`, `verify` and `diagnose` read it.

import { encodeBase64 } from '../shared/encoding.ts'
import { toBytes } from '../webhook/pipeline/body.ts'
import { snapshotHeaders } from '../webhook/pipeline/headers.ts'
import { inputProblem } from './exit-codes.ts'
import type { CapturedRequest } from './input/captured-request.ts'
import { jsonLine } from './output/style.ts'

/** A delivery as it arrived. */
export interface ArrivedDelivery {
  readonly method: string
  /** Path and query, as in the request line. */
  readonly url: string
  /** As they stood, repeated ones repeated. */
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Uint8Array
  /** Unix seconds. */
  readonly receivedAt: number
}

/** One line of a capture. */
export function captureLine({ body, ...delivery }: ArrivedDelivery): string {
  return jsonLine({ ...delivery, bodyBase64: encodeBase64(body) })
}

/** A captured request with its bytes. Throws an input problem if only a parsed body was kept. */
export function demandBytes(
  request: CapturedRequest,
  index: number,
): { headers: [string, string][]; body: Uint8Array } {
  const body = toBytes(request.body)
  if (!body) throw inputProblem(`Request ${index + 1} holds a body that was parsed, and its bytes are gone.`)
  return { headers: Object.entries(snapshotHeaders(request.headers)), body }
}
