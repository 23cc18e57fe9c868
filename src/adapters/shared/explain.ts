// Why was a delivery refused? An explainer is told of each refusal once the sender has its answer, and diagnoses a few of them a minute. The
// diagnosis itself comes from `@fluxora/verify/diagnose`, which is passed in: whoever does not use it does not load it.

import { demandKnownNames, invalidOption, readNumber } from '../../shared/webhook-error.ts'
import type { WebhookCode } from '../../webhook/codes.ts'
import { type HeaderBag, snapshotHeaders } from '../../webhook/pipeline/headers.ts'
import { signedUrl } from '../../webhook/pipeline/request-content.ts'
import { systemClock } from '../../webhook/pipeline/unix-seconds.ts'
import { withTimeout } from '../../webhook/receiving/timeout.ts'
import { fluxora } from '../../webhook/schemes/fluxora.ts'
import type { WebhookScheme } from '../../webhook/schemes/scheme.ts'
import type { WebhookSecrets } from '../../webhook/secrets.ts'
import type { RefusedRequest, WebhookExplainer } from './explainer.ts'
import { setUnrefTimeout } from './unref-timeout.ts'

/** What a diagnosis is made of: the input of `diagnoseDelivery`. */
export interface DiagnosisInput {
  readonly scheme: WebhookScheme
  readonly secrets: WebhookSecrets
  readonly headers: HeaderBag
  readonly body: Uint8Array
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly now: () => number
  readonly toleranceSeconds?: number | undefined
  readonly maxHashedBytes: number
}

/** What is known of a refusal beside its diagnosis. */
export interface ExplainedRefusal {
  readonly scheme: string
  readonly code: WebhookCode
}

/** The options of `explainWith`. */
export interface ExplainOptions<Diagnosis> {
  /** Gets each diagnosis, for your log. Anything that it throws is ignored. */
  readonly onDiagnosis: (diagnosis: Diagnosis, refusal: ExplainedRefusal) => unknown
  /** How many refusals to diagnose in a minute at most, from 1 to 600; 6 by default. */
  readonly perMinute?: number | undefined
  /** How many bytes a diagnosis may hash, from 1,024 to 67,108,864; 4,194,304 by default. */
  readonly maxHashedBytes?: number | undefined
}

/**
 * Makes the `explain` option of an adapter: it finds out why deliveries are refused as not genuine, for your log alone. The sender has its
 * answer before a diagnosis begins, and no diagnosis ever becomes part of one.
 *
 * Anyone can send a bad signature. So one refusal is diagnosed at a time, at most `perMinute` in a minute, and each within `maxHashedBytes`;
 * the others are passed over. If the secrets or the tenant are found by a function, it is called once more for each diagnosis.
 *
 * @param diagnose `diagnoseDelivery` of `@fluxora/verify/diagnose`.
 * @param options Only `onDiagnosis` is required.
 * @returns An explainer for the option `explain`.
 * @throws {WebhookError} `invalid_option` if an argument makes no sense.
 *
 * @example
 * ```ts
 * const explain = explainWith(diagnoseDelivery, {
 *   onDiagnosis: ({ findings }, { code }) => console.warn(code, findings.map((finding) => finding.message)),
 * })
 * app.post('/webhooks', expressWebhook({ secrets: process.env.WEBHOOK_SECRET, explain }), handler)
 * ```
 */
export function explainWith<Diagnosis>(
  diagnose: (input: DiagnosisInput) => Promise<Diagnosis>,
  options: ExplainOptions<Diagnosis>,
): WebhookExplainer {
  const { onDiagnosis, perMinute, maxHashedBytes } = readOptions(diagnose, options)
  const hasRoom = ratePerMinute(perMinute)
  let isBusy = false

  async function explain(refused: RefusedRequest): Promise<void> {
    try {
      const diagnosis = await diagnose({ ...(await inputOf(refused)), maxHashedBytes })
      await onDiagnosis(diagnosis, { scheme: schemeOf(refused).name, code: refused.code })
    } catch {
      // A log that fails, or a vault that is away, must not become a second problem.
    } finally {
      isBusy = false
    }
  }

  return Object.freeze({
    consider(refused: RefusedRequest): void {
      if (isBusy || !hasRoom()) return
      isBusy = true
      setUnrefTimeout(() => void explain(refused), 0) // the answer goes first
    },
  })
}

function readOptions<Diagnosis>(diagnose: unknown, options: ExplainOptions<Diagnosis>) {
  if (typeof diagnose !== 'function') throw invalidOption('diagnose', 'diagnoseDelivery of @fluxora/verify/diagnose')
  if (typeof options !== 'object' || options === null) throw invalidOption('options', 'an object with onDiagnosis')
  demandKnownNames(options, ['onDiagnosis', 'perMinute', 'maxHashedBytes'])
  if (typeof options.onDiagnosis !== 'function') throw invalidOption('onDiagnosis', 'a function')
  return {
    onDiagnosis: options.onDiagnosis,
    perMinute: readNumber('perMinute', options.perMinute, 6, 1, 600),
    maxHashedBytes: readNumber('maxHashedBytes', options.maxHashedBytes, 4_194_304, 1024, 67_108_864),
  }
}

const MINUTE_MS = 60_000

/** Whether there is room for one more in this minute. */
function ratePerMinute(most: number): () => boolean {
  let startedAt = Number.NEGATIVE_INFINITY
  let count = 0
  return () => {
    const now = performance.now()
    if (now - startedAt >= MINUTE_MS) {
      startedAt = now
      count = 0
    }
    count++
    return count <= most
  }
}

async function inputOf(refused: RefusedRequest): Promise<Omit<DiagnosisInput, 'maxHashedBytes'>> {
  const { headers, body, method, url, options } = refused
  const { publicUrl, toleranceSeconds, now = systemClock } = options
  return {
    scheme: schemeOf(refused),
    secrets: await secretsOf(refused),
    headers,
    body,
    method,
    // As the sender knows it, if that is known: only a scheme that signs it needs it.
    url: url === undefined ? publicUrl : signedUrl({ ...NO_CONTENT, url, publicUrl, bag: headers, body }),
    now,
    toleranceSeconds,
  }
}

const NO_CONTENT = { deliveryId: undefined, timestamp: undefined }

function schemeOf({ options }: RefusedRequest): WebhookScheme {
  return options.scheme ?? fluxora
}

/** The secrets that the delivery was checked with. The functions that find them had an answer for it a moment ago. */
async function secretsOf({ headers, method, url, options }: RefusedRequest): Promise<WebhookSecrets> {
  const { secrets, tenant, storeTimeoutSeconds = 5 } = options
  const inTime = <Found>(found: Found | Promise<Found>): Promise<Found> =>
    withTimeout(Promise.resolve(found), 1000 * storeTimeoutSeconds, 'The function that finds the secrets')
  if (tenant) return (await inTime(tenant({ headers: snapshotHeaders(headers), method, url })))?.secrets ?? undefined
  if (typeof secrets === 'function') return (await inTime(secrets())) ?? undefined
  return secrets
}
