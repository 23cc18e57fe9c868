// The verdict on a captured request, by the library's own verifier.

import type { WebhookBody } from '../webhook/pipeline/body.ts'
import type { Verification } from '../webhook/pipeline/verdict.ts'
import type { WebhookScheme } from '../webhook/schemes/scheme.ts'
import type { NamedSecret } from '../webhook/secrets.ts'
import type { VerifyInput } from '../webhook/verifier-options.ts'
import { createWebhookVerifier } from '../webhook/verify.ts'
import type { CommandArguments } from './command.ts'
import type { CapturedRequest } from './input/captured-request.ts'
import { make } from './options.ts'

/** What a request is checked against. */
export interface Check {
  readonly scheme: WebhookScheme
  readonly secrets: readonly NamedSecret[]
  /** Unix seconds, if the command line says so. */
  readonly now: number | undefined
  readonly toleranceSeconds: number | undefined
  readonly method: string | undefined
  readonly url: string | undefined
}

export function readCheck(args: CommandArguments, scheme: WebhookScheme, secrets: readonly NamedSecret[]): Check {
  return {
    scheme,
    secrets,
    now: args.wholeNumber('now', 0, Number.MAX_SAFE_INTEGER),
    toleranceSeconds: args.wholeNumber('tolerance', 0, Number.MAX_SAFE_INTEGER),
    method: args.text('method'),
    url: args.text('url'),
  }
}

/** A capture is on the user's own machine, so its size is not the sender's to choose. */
const MAX_BODY_BYTES = 2 ** 30

/** The verdict. Throws a usage problem if the secrets or times cannot be used. */
export function verdictOn(check: Check, request: CapturedRequest): Verification {
  const { scheme, secrets, toleranceSeconds } = check
  const time = check.now ?? request.receivedAt
  const now = time === undefined ? undefined : () => time
  const verifier = make(() =>
    createWebhookVerifier({ scheme, secrets, toleranceSeconds, now, maxBodyBytes: MAX_BODY_BYTES }),
  )
  // The verifier says of itself what is wrong with a body that is no bytes. It throws where the scheme signs the URL and there is none.
  return make(() => verifier.verify({ ...requestOf(check, request), body: request.body as WebhookBody }))
}

/** The request as its sender knows it: what the command line says goes before what the capture says. */
export function requestOf(
  check: Pick<Check, 'method' | 'url'>,
  { headers, method, url }: CapturedRequest,
): Pick<VerifyInput, 'headers' | 'method' | 'url'> {
  return { headers, method: check.method ?? method, url: check.url ?? url }
}
