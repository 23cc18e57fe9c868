// The options of a receiver, and how they are read: whatever makes no sense throws here, when the receiver is made.

import { demandKnownNames, invalidOption, readNumber } from '../shared/webhook-error.ts'
import type { DedupeKey, DedupeStore } from '../stores/contract.ts'
import { memoryDedupeStore } from '../stores/memory/store.ts'
import { type CheckOptions, type Checks, readChecks } from './pipeline/checks.ts'
import { DEDUPE_BY, type ReadDedupeBy, readDedupeBy } from './receiving/dedupe-by.ts'
import type { OutcomeReport } from './receiving/outcome.ts'
import type { RunInTransaction } from './receiving/receiver-contract.ts'
import type { DedupeBy } from './schemes/scheme.ts'
import type { WebhookSecrets } from './secrets.ts'
import type { VerifiedDelivery } from './verified-delivery.ts'

/** Nothing found means `missing_secret`: the delivery is refused, never let through. */
export type FoundSecrets = WebhookSecrets | null

/** Secrets, or a function that fetches them for each request: from a vault, or from an environment that is not there yet. */
export type SecretSource = WebhookSecrets | (() => FoundSecrets | Promise<FoundSecrets>)

/** The request that a tenant is found for. Nothing of it is authenticated. */
export interface TenantRequest {
  /** All headers by lower-case name, frozen. */
  readonly headers: Readonly<Record<string, string>>
  readonly method: string | undefined
  /** As the host gives it: path and query from Node, absolute from Fetch. */
  readonly url: string | undefined
}

/** One of several whose deliveries arrive at the same place. */
export interface Tenant {
  /** Keeps this tenant's deliveries apart from all others'. Take an id of your own making, not a name that tenants choose. */
  readonly namespace: string
  readonly secrets: FoundSecrets
}

/** Finds the tenant of a request; nobody means `missing_secret`. */
export type FindTenant = (request: TenantRequest) => Tenant | null | undefined | Promise<Tenant | null | undefined>

/** What the `dedupeKey` option may return: the text that makes two deliveries the same, or whole keys. */
export type DedupeKeyResult = string | DedupeKey | readonly DedupeKey[]

/** What a receiver is made of. */
export interface WebhookReceiverOptions extends CheckOptions {
  /** The secrets of the one sender; where there are many, `tenant` stands in its place. */
  readonly secrets?: SecretSource | undefined
  /**
   * Finds whose delivery a request is, and by which secrets it is judged, where many tenants share an endpoint. It is asked only once the
   * headers and the timestamp are in order, and must answer within `storeTimeoutSeconds`. No delivery of one tenant can be taken for
   * another's, or hold it back, whatever it signs.
   */
  readonly tenant?: FindTenant | undefined
  /** Where deliveries are remembered; by default a memory store of the receiver's own, which does not outlive the process. */
  readonly dedupe?: DedupeStore | undefined
  /** Keeps one endpoint's deliveries apart from another's in a store that both use; the scheme's name by default. */
  readonly namespace?: string | undefined
  /** Replaces the scheme's own idea of what makes two deliveries the same; see docs/identity.md. */
  readonly dedupeBy?: DedupeBy | undefined
  /** Replaces both, by text or keys of your own. Build them from the verified body, not from headers. */
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
  /** How long the store, or a look-up of the secrets, may take for each call; 5 by default. A call that takes longer counts as failed. */
  readonly storeTimeoutSeconds?: number | undefined
  /** How many bytes all bodies that are being read may hold together; 64 MiB by default. Beyond it the sender is asked to come back (429). */
  readonly maxBufferedBytes?: number | undefined
  /**
   * Takes bodies that were signed before they were compressed: gzip, deflate and br are inflated within `maxBodyBytes`. Without it a
   * Content-Encoding is refused.
   */
  readonly inflate?: boolean | undefined
  /**
   * Opens a transaction for a genuine delivery, calls `run` with the store inside it, waits for what that gives, and ends the transaction.
   * The answer leaves only then. Where it rejects, the delivery is refused as `store_unavailable` (503) and may be sent again.
   */
  readonly transaction?: ((run: RunInTransaction) => unknown) | undefined
  /**
   * Told of every outcome, for logs and metrics. What it throws is ignored. Without it, what is yours to mend is logged, once per cause
   * and minute; `false` switches that off.
   */
  readonly onOutcome?: ((report: OutcomeReport) => void) | false | undefined
}

export interface ReceiverSettings {
  readonly checks: Checks
  readonly store: DedupeStore
  /** Whether the store is the default one. */
  readonly isOwnStore: boolean
  readonly namespace: string
  readonly dedupeBy: ReadDedupeBy
  readonly dedupeKey: ((delivery: VerifiedDelivery) => DedupeKeyResult) | undefined
  readonly leaseMs: number
  readonly bindMs: number
  readonly retentionMs: number
  readonly duplicateStatus: 200 | 409
  readonly maxConcurrent: number
  readonly acceptUnclaimed: boolean
  readonly storeTimeoutMs: number
  readonly maxBufferedBytes: number
  readonly inflate: boolean
  readonly transaction: ((run: RunInTransaction) => unknown) | undefined
  readonly onOutcome: ((report: OutcomeReport) => void) | false | undefined
}

const NAMES: readonly (keyof WebhookReceiverOptions)[] = [
  'scheme',
  'secrets',
  'tenant',
  'toleranceSeconds',
  'maxBodyBytes',
  'now',
  'dedupe',
  'namespace',
  'dedupeBy',
  'dedupeKey',
  'leaseSeconds',
  'retentionSeconds',
  'duplicateStatus',
  'maxConcurrent',
  'onStoreFailure',
  'storeTimeoutSeconds',
  'maxBufferedBytes',
  'inflate',
  'transaction',
  'onOutcome',
]

const DAY = 86_400
const MIB = 2 ** 20

export function readReceiverOptions(options: WebhookReceiverOptions, extraNames: readonly string[]): ReceiverSettings {
  const checks = readChecks(options)
  demandKnownNames(options, [...NAMES, ...extraNames])
  checkSource(options)
  const { scheme, maxBodyBytes } = checks
  const { dedupe, duplicateStatus = 200, onStoreFailure = 'refuse', inflate = false, onOutcome } = options
  if (duplicateStatus !== 200 && duplicateStatus !== 409) throw invalidOption('duplicateStatus', '200 or 409')
  if (onStoreFailure !== 'refuse' && onStoreFailure !== 'accept') {
    throw invalidOption('onStoreFailure', `'refuse' or 'accept'`)
  }
  if (typeof inflate !== 'boolean') throw invalidOption('inflate', 'true or false')
  const transaction = readFunction('transaction', options.transaction)
  if (transaction && onStoreFailure === 'accept') {
    throw invalidOption(
      'onStoreFailure',
      `'refuse' where there is a transaction: without it there is nothing to write through`,
    )
  }
  return {
    checks,
    store: dedupe === undefined ? memoryDedupeStore() : readStore(dedupe),
    isOwnStore: dedupe === undefined,
    namespace: readNamespace(options.namespace, scheme.name),
    dedupeBy: readIdentity(options.dedupeBy === undefined ? scheme.dedupeBy : options.dedupeBy),
    dedupeKey: readFunction('dedupeKey', options.dedupeKey),
    ...readTimes(options, checks),
    duplicateStatus,
    maxConcurrent:
      options.maxConcurrent === undefined
        ? Number.POSITIVE_INFINITY
        : readCount('maxConcurrent', options.maxConcurrent),
    acceptUnclaimed: onStoreFailure === 'accept',
    // One body of the largest size must always find room.
    maxBufferedBytes: readNumber(
      'maxBufferedBytes',
      options.maxBufferedBytes,
      Math.max(64 * MIB, maxBodyBytes),
      maxBodyBytes,
      Number.MAX_SAFE_INTEGER,
    ),
    inflate,
    transaction,
    onOutcome: onOutcome === false ? false : readFunction('onOutcome', onOutcome),
  }
}

/** A store that has all that every store has. */
export function readStore(store: DedupeStore, option: 'dedupe' | 'run' = 'dedupe'): DedupeStore {
  const has = (name: keyof DedupeStore): boolean => typeof store?.[name] === 'function'
  if (has('claim') && has('commit') && has('release')) return store
  throw invalidOption(option, option === 'run' ? 'called with a dedupe store' : 'a dedupe store')
}

/** Exactly one of the two. Where neither is there, the secrets are missing: that is said where they are read. */
function checkSource({ secrets, tenant, namespace }: WebhookReceiverOptions): void {
  if (readFunction('tenant', tenant) === undefined) return
  if (secrets !== undefined) {
    throw invalidOption('tenant', 'alone: it finds the secrets, and none can stand beside it')
  }
  // Each look-up names its own, and one here would be of no account.
  if (namespace !== undefined) throw invalidOption('namespace', 'left out where tenant finds it')
}

function readNamespace(namespace: unknown, fallback: string): string {
  if (namespace === undefined) return fallback
  if (typeof namespace === 'string' && namespace !== '') return namespace
  throw invalidOption('namespace', 'a non-empty string')
}

function readIdentity(given: unknown): ReadDedupeBy {
  const dedupeBy = readDedupeBy(given)
  if (!dedupeBy) throw invalidOption('dedupeBy', DEDUPE_BY)
  return dedupeBy
}

function readTimes(
  { retentionSeconds, leaseSeconds, storeTimeoutSeconds }: WebhookReceiverOptions,
  { scheme, toleranceSeconds }: Checks,
): Pick<ReceiverSettings, 'leaseMs' | 'bindMs' | 'retentionMs' | 'storeTimeoutMs'> {
  const lease = readNumber('leaseSeconds', leaseSeconds, 60, 0.001, DAY)
  const storeTimeout = readNumber('storeTimeoutSeconds', storeTimeoutSeconds, 5, 0.001, 3600)
  if (lease < storeTimeout) {
    // A claim could run out while the store is still being asked for it.
    if (leaseSeconds === undefined)
      throw invalidOption('storeTimeoutSeconds', `at most leaseSeconds, which is ${lease}`)
    throw invalidOption('leaseSeconds', `at least storeTimeoutSeconds, which is ${storeTimeout}`)
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
    leaseMs: 1000 * lease,
    // An attempt is good from a tolerance before its timestamp to one after it; the minute is for what runs late.
    bindMs: 1000 * (2 * toleranceSeconds + 60),
    retentionMs: 1000 * retention,
    storeTimeoutMs: 1000 * storeTimeout,
  }
}

function readFunction<T>(option: string, value: T | undefined): T | undefined {
  if (value === undefined || typeof value === 'function') return value
  throw invalidOption(option, 'a function')
}

function readCount(option: string, value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= 1) return value as number
  throw invalidOption(option, 'a whole number of at least 1')
}
