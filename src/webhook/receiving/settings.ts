// Reads the options of a receiver. Anything that makes no sense throws here, when the receiver is created.

import { demandKnownNames, invalidOption, readNumber } from '../../shared/webhook-error.ts'
import type { DedupeStore } from '../../stores/contract.ts'
import { memoryDedupeStore } from '../../stores/memory/store.ts'
import { type Checks, readChecks } from '../pipeline/checks.ts'
import type { WebhookReceiverOptions } from '../receiver-options.ts'
import { DEDUPE_BY, type DedupeRule, readDedupeBy } from '../schemes/dedupe-by.ts'

/** The options of a receiver with every default filled in, times in milliseconds. */
export interface ReceiverSettings extends Timing {
  readonly checks: Checks
  readonly store: DedupeStore
  /** Whether the store is the memory store that is used by default. */
  readonly isDefaultStore: boolean
  readonly namespace: string
  readonly dedupeBy: DedupeRule
  readonly dedupeKey: WebhookReceiverOptions['dedupeKey']
  readonly duplicateStatus: 200 | 409
  readonly maxConcurrent: number
  readonly acceptUnclaimed: boolean
  readonly maxBufferedBytes: number
  readonly inflate: boolean
  readonly publicUrl: string | undefined
  readonly transaction: WebhookReceiverOptions['transaction']
  readonly onOutcome: WebhookReceiverOptions['onOutcome']
}

interface Timing {
  readonly leaseMs: number
  /** How long a key stays bound to its fingerprint after a claim. */
  readonly bindMs: number
  /** Infinity means for ever. */
  readonly retentionMs: number
  readonly storeTimeoutMs: number
}

const NAMES: Record<keyof WebhookReceiverOptions, true> = {
  scheme: true,
  secrets: true,
  tenant: true,
  publicUrl: true,
  toleranceSeconds: true,
  maxBodyBytes: true,
  now: true,
  dedupe: true,
  namespace: true,
  dedupeBy: true,
  dedupeKey: true,
  leaseSeconds: true,
  retentionSeconds: true,
  duplicateStatus: true,
  maxConcurrent: true,
  onStoreFailure: true,
  storeTimeoutSeconds: true,
  maxBufferedBytes: true,
  inflate: true,
  transaction: true,
  onOutcome: true,
}

const DAY = 86_400
const MIB = 2 ** 20

/** `extraNames` are options that the caller reads itself. The secrets are read in key-ring.ts. */
export function readReceiverOptions(options: WebhookReceiverOptions, extraNames: readonly string[]): ReceiverSettings {
  const checks = readChecks(options)
  demandKnownNames(options, [...Object.keys(NAMES), ...extraNames])
  checkTenant(options)
  checkTransaction(options)
  const { scheme, maxBodyBytes } = checks
  const { dedupe, namespace, dedupeBy = scheme.dedupeBy, maxConcurrent, onOutcome } = options
  const onStoreFailure = readChoice(
    'onStoreFailure',
    options.onStoreFailure,
    ['refuse', 'accept'],
    "'refuse' or 'accept'",
  )
  return {
    checks,
    ...readTiming(options, checks),
    store: dedupe === undefined ? memoryDedupeStore() : readStore(dedupe),
    isDefaultStore: dedupe === undefined,
    namespace: readText('namespace', namespace, scheme.name),
    dedupeBy: readDedupeRule(dedupeBy),
    dedupeKey: readFunction('dedupeKey', options.dedupeKey),
    duplicateStatus: readChoice('duplicateStatus', options.duplicateStatus, [200, 409], '200 or 409'),
    maxConcurrent: readCount('maxConcurrent', maxConcurrent, Number.POSITIVE_INFINITY),
    acceptUnclaimed: onStoreFailure === 'accept',
    // There must always be room for one body of the largest size.
    maxBufferedBytes: readNumber(
      'maxBufferedBytes',
      options.maxBufferedBytes,
      Math.max(64 * MIB, maxBodyBytes),
      maxBodyBytes,
      Number.MAX_SAFE_INTEGER,
    ),
    inflate: readFlag('inflate', options.inflate),
    publicUrl: readPublicUrl(options.publicUrl),
    transaction: readFunction('transaction', options.transaction),
    onOutcome: onOutcome === false ? false : readFunction('onOutcome', onOutcome),
  }
}

/** Checks that a store has the methods that every store has. `run` is the function that a transaction calls with one. */
export function readStore(store: DedupeStore, option: 'dedupe' | 'run' = 'dedupe'): DedupeStore {
  const has = (name: keyof DedupeStore): boolean => typeof store?.[name] === 'function'
  if (has('claim') && has('commit') && has('release')) return store
  throw invalidOption(option, option === 'run' ? 'called with a dedupe store' : 'a dedupe store')
}

/** A tenant comes with its own secrets and namespace. If there is neither `tenant` nor `secrets`, key-ring.ts says so. */
function checkTenant({ secrets, tenant, namespace }: WebhookReceiverOptions): void {
  if (readFunction('tenant', tenant) === undefined) return
  if (secrets !== undefined) {
    throw invalidOption('tenant', 'used without secrets: it finds them for each request')
  }
  if (namespace !== undefined) throw invalidOption('namespace', 'left out with tenant, which finds it')
}

function checkTransaction({ transaction, onStoreFailure }: WebhookReceiverOptions): void {
  if (readFunction('transaction', transaction) === undefined) return
  if (onStoreFailure === 'accept') {
    throw invalidOption(
      'onStoreFailure',
      "'refuse' with a transaction: without the store, a handler has no transaction to write in",
    )
  }
}

function readPublicUrl(url: unknown): string | undefined {
  if (url === undefined || (typeof url === 'string' && /^https?:\/\/[^/?#\s]+(?:[/?][^#\s]*)?$/i.test(url))) return url
  throw invalidOption('publicUrl', 'an origin or a whole URL, such as https://api.example.com, without a fragment')
}

function readDedupeRule(given: unknown): DedupeRule {
  const rule = readDedupeBy(given)
  if (!rule) throw invalidOption('dedupeBy', DEDUPE_BY)
  return rule
}

function readTiming(options: WebhookReceiverOptions, checks: Checks): Timing {
  const lease = readNumber('leaseSeconds', options.leaseSeconds, 60, 0.001, DAY)
  const storeTimeout = readNumber('storeTimeoutSeconds', options.storeTimeoutSeconds, 5, 0.001, 3600)
  if (lease < storeTimeout) {
    // A claim could run out while the store is still being asked for it. The option to blame is the one that was set.
    if (options.leaseSeconds === undefined)
      throw invalidOption('storeTimeoutSeconds', `at most leaseSeconds, which is ${lease}`)
    throw invalidOption('leaseSeconds', `at least storeTimeoutSeconds, which is ${storeTimeout}`)
  }
  return {
    leaseMs: 1000 * lease,
    // An attempt is valid from one tolerance before its timestamp to one after it; the minute is for work that runs late.
    bindMs: 1000 * (2 * checks.toleranceSeconds + 60),
    retentionMs: 1000 * readRetention(options.retentionSeconds, checks),
    storeTimeoutMs: 1000 * storeTimeout,
  }
}

function readRetention(
  seconds: WebhookReceiverOptions['retentionSeconds'],
  { scheme, toleranceSeconds }: Checks,
): number {
  if (seconds === 'forever') return Number.POSITIVE_INFINITY
  const usual = scheme.timestampSigned ? 4 * DAY : 30 * DAY
  // If it were forgotten sooner, a delivery could come back while its timestamp is still valid.
  const shortest = 2 * toleranceSeconds
  return readNumber('retentionSeconds', seconds, Math.max(usual, shortest), shortest, 1e11)
}

function readText(option: string, value: unknown, fallback: string): string {
  if (value === undefined) return fallback
  if (typeof value === 'string' && value !== '') return value
  throw invalidOption(option, 'a non-empty string')
}

/** One of some values, the first by default. `expected` lists them in words. */
function readChoice<T>(option: string, value: T | undefined, choices: readonly [T, ...T[]], expected: string): T {
  if (value === undefined) return choices[0]
  if (choices.includes(value)) return value
  throw invalidOption(option, expected)
}

function readFlag(option: string, value: unknown): boolean {
  if (value === undefined) return false
  if (typeof value === 'boolean') return value
  throw invalidOption(option, 'true or false')
}

function readFunction<T>(option: string, value: T | undefined): T | undefined {
  if (value === undefined || typeof value === 'function') return value
  throw invalidOption(option, 'a function')
}

function readCount(option: string, value: number | undefined, fallback: number): number {
  if (value === undefined) return fallback
  if (Number.isSafeInteger(value) && value >= 1) return value
  throw invalidOption(option, 'a whole number of at least 1')
}
