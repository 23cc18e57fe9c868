// Findings, put together from a code and its explanation.

import type { Change } from './change.ts'
import { EXPLANATIONS } from './explanations.ts'
import type { Certainty, Finding, FindingCode } from './finding.ts'

interface Details {
  readonly secretId?: string | undefined
  readonly transformation?: readonly string[] | undefined
}

export function fact(code: FindingCode, message?: string, details?: Details): Finding {
  return makeFinding('fact', code, message, details)
}

export function hint(code: FindingCode, message?: string, details?: Details): Finding {
  return makeFinding('hint', code, message, details)
}

/** A change after which the signature matches. */
export function proven({ code, transformation }: Change, secretId: string, more = ''): Finding {
  const message =
    `${EXPLANATIONS[code].message} The signature matches with: ${transformation.join('; ')}. ${more}`.trimEnd()
  return makeFinding('proven', code, message, { secretId, transformation })
}

function makeFinding(
  certainty: Certainty,
  code: FindingCode,
  message: string = EXPLANATIONS[code].message,
  { secretId, transformation }: Details = {},
): Finding {
  return Object.freeze({
    code,
    certainty,
    message,
    fix: `${EXPLANATIONS[code].fix} More: docs/runbook.md#${code}`,
    ...(secretId !== undefined && { secretId }),
    ...(transformation !== undefined && { transformation: Object.freeze([...transformation]) }),
  })
}
