// The options of a receiver, and how they are read: whatever makes no sense throws here, when the receiver is made.

import { type CheckOptions, type Checks, readChecks } from './checks.ts'
import type { DedupeKeyResult, DedupeStore } from './dedupe.ts'
import type { VerifiedDelivery } from './delivery.ts'
import { invalidOption, readNumber } from './errors.ts'
import { memoryDedupeStore } from './memory-store.ts'
import type { OutcomeReport } from './outcome.ts'
import type { WebhookSecret } from './secrets.ts'

/** Nothing found means `missing_secret`: the delivery is refused, never let through. */
export type FoundSecrets = WebhookSecret | readonly WebhookSecret[] | null | undefined

/** Secrets, or a function that finds those of one request's merchant or environment by its (unauthenticated) headers. */
export type SecretSource =
  | WebhookSecret
  | readonly WebhookSecret[]
  | ((headers: Readonly<Record<string, string>>) => FoundSecrets | Promise<FoundSecrets>)

/** What a receiver is made of. */
export interface WebhookReceiverOptions extends CheckOptions {
  readonly secrets: SecretSource | undefined
  /** Where deliveries are remembered; by default a memory store of the receiver's own, which does not outlive the process. */
  readonly dedupe?: DedupeStore | undefined
  /** Keeps one endpoint's or tenant's deliveries apart from another's; the scheme's name by default. */
  readonly namespace?: string | undefined
  /** Replaces the scheme's own idea of what makes two deliveries the same. Build it from the verified body, not from headers. */
  readonly dedupeKey?: ((delivery: VerifiedDelivery) => DedupeKeyResult) | undefined
  /** How long a worker that died blocks its delivery; 60 by default. Renewed at a third of it while the handler runs. */
  readonly leaseSeconds?: number | undefined
  /** How long a handled delivery is remembered: 4 days by default, 30 where the timestamp is not signed, or `'forever'`. */
  readonly retentionSeconds?: number | 'forever' | undefined
  /** What a duplicate is answered: 200 by default, or 409 for a sender that should be told. */
  readonly duplicateStatus?: 200 | 409 | undefined
  /** How many deliveries are handled at a time; no limit by default. Beyond it the sender is asked to come back (429). */
  readonly maxConcurrent?: number | undefined
  /**
   * What becomes of a delivery while the store fails or hangs. `'refuse'`, the default, answers `store_unavailable` (503) and the
   * sender comes back. `'accept'` handles it without a claim and reports the problem `unclaimed`: nothing is lost while the store is
   * down, but a delivery that is sent again is handled again.
   */
  readonly onStoreFailure?: 'refuse' | 'accept' | undefined
  /** How long the store may take for each call; 5 by default. A call that takes longer counts as failed. */
  readonly storeTimeoutSeconds?: number | undefined
  /** Told of every outcome, for logs and metrics. What it throws is ignored. */
  readonly onOutcome?: ((report: OutcomeReport) => void) | undefined
}

export interface ReceiverSettings {
  readonly checks: Checks
  readonly store: DedupeStore
  readonly namespace: string
  readonly dedupeKey: ((delivery: VerifiedDelivery) => DedupeKeyResult) | undefined
  readonly leaseMs: number
  readonly bindMs: number
  readonly retentionMs: number
  readonly duplicateStatus: 200 | 409
  readonly maxConcurrent: number
  readonly acceptUnclaimed: boolean
  readonly storeTimeoutMs: number
  readonly onOutcome: ((report: OutcomeReport) => void) | undefined
}

const DAY = 86_400

export function readReceiverOptions(options: WebhookReceiverOptions): ReceiverSettings {
  const checks = readChecks(options)
  const { scheme, toleranceSeconds } = checks
  const { dedupe, namespace = scheme.name, dedupeKey, retentionSeconds, duplicateStatus = 200, onOutcome } = options
  if (typeof namespace !== 'string' || namespace === '') throw invalidOption('namespace', 'a non-empty string')
  if (duplicateStatus !== 200 && duplicateStatus !== 409) throw invalidOption('duplicateStatus', '200 or 409')
  const { onStoreFailure = 'refuse' } = options
  if (onStoreFailure !== 'refuse' && onStoreFailure !== 'accept') {
    throw invalidOption('onStoreFailure', `'refuse' or 'accept'`)
  }
  const retention =
    retentionSeconds === 'forever'
      ? Number.POSITIVE_INFINITY
      : // Forgotten sooner, a delivery could come back while its timestamp is still good.
        readNumber(
          'retentionSeconds',
          retentionSeconds,
          Math.max((scheme.timestampSigned ? 4 : 30) * DAY, 2 * toleranceSeconds),
          2 * toleranceSeconds,
          1e11,
        )
  return {
    checks,
    store: dedupe === undefined ? memoryDedupeStore() : readStore(dedupe),
    namespace,
    dedupeKey: readFunction('dedupeKey', dedupeKey),
    leaseMs: 1000 * readNumber('leaseSeconds', options.leaseSeconds, 60, 0.001, DAY),
    // An attempt is good from a tolerance before its timestamp to one after it; the minute is for what runs late.
    bindMs: 1000 * (2 * toleranceSeconds + 60),
    retentionMs: 1000 * retention,
    duplicateStatus,
    maxConcurrent:
      options.maxConcurrent === undefined
        ? Number.POSITIVE_INFINITY
        : readCount('maxConcurrent', options.maxConcurrent),
    acceptUnclaimed: onStoreFailure === 'accept',
    storeTimeoutMs: 1000 * readNumber('storeTimeoutSeconds', options.storeTimeoutSeconds, 5, 0.001, 3600),
    onOutcome: readFunction('onOutcome', onOutcome),
  }
}

export function readStore(store: DedupeStore): DedupeStore {
  const has = (name: keyof DedupeStore): boolean => typeof store?.[name] === 'function'
  if (has('claim') && has('commit') && has('release')) return store
  throw invalidOption('dedupe', 'a dedupe store')
}

function readFunction<T>(option: string, value: T | undefined): T | undefined {
  if (value === undefined || typeof value === 'function') return value
  throw invalidOption(option, 'a function')
}

function readCount(option: string, value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= 1) return value as number
  throw invalidOption(option, 'a whole number of at least 1')
}
