// Reads what a receiver passes to a durable store: the keys of a delivery, and durations.

import { invalidOption } from '../../shared/webhook-error.ts'
import type { DedupeKey, DedupeStore } from '../contract.ts'

/** What `claim` of a store takes. */
export type ClaimRequest = Parameters<DedupeStore['claim']>[0]

/** A key as text that every database can hold. */
export interface StoredKey {
  readonly name: string
  readonly fingerprint: string | undefined
}

/** A request to claim keys, as a database can carry it out. */
export interface StoredRequest {
  /** Each key once, the delivery's own id first. */
  readonly keys: readonly [StoredKey, ...StoredKey[]]
  readonly leaseMs: number
  readonly bindMs: number
}

/** The longest finite duration, some 30,000 years: numbers that databases calculate with stay exact. */
const MAX_MILLISECONDS = 1e15

/**
 * Reads a request to claim keys.
 *
 * @throws {WebhookError} `invalid_option`
 */
export function readClaimRequest({ keys, leaseMs, bindMs }: ClaimRequest): StoredRequest {
  return {
    keys: readKeys(keys),
    leaseMs: readMilliseconds('leaseMs', leaseMs),
    bindMs: readMilliseconds('bindMs', bindMs),
  }
}

/**
 * Reads the keys of a request: each key once, the request's first key first.
 *
 * @throws {WebhookError} `invalid_option` if there are none.
 */
export function readKeys(keys: readonly DedupeKey[]): [StoredKey, ...StoredKey[]] {
  const [only] = keys
  if (only && keys.length === 1) return [readKey(only)]
  const byName = new Map<string, StoredKey>()
  for (const key of keys.map(readKey)) byName.set(key.name, key)
  const [first, ...others] = byName.values()
  if (!first) throw invalidOption('keys', 'a list with at least one key')
  return [first, ...others]
}

/**
 * Reads a duration: whole milliseconds, rounded up, at least 1. Infinity stays as it is.
 *
 * @throws {WebhookError} `invalid_option` if it is not a number, is NaN, or is negative.
 */
export function readMilliseconds(name: string, value: number): number {
  if (typeof value !== 'number' || Number.isNaN(value) || value < 0) {
    throw invalidOption(name, 'a number of milliseconds, 0 or more')
  }
  if (value === Number.POSITIVE_INFINITY) return value
  return Math.min(Math.max(Math.ceil(value), 1), MAX_MILLISECONDS)
}

function readKey({ key, fingerprint }: DedupeKey): StoredKey {
  return { name: escapeText(key), fingerprint: fingerprint === undefined ? undefined : escapeText(fingerprint) }
}

/**
 * Escapes what databases cannot hold: PostgreSQL refuses NUL, and in UTF-8 all lone surrogates become the same character. JSON's escapes
 * keep any two texts different, and leave ordinary text as it is.
 */
function escapeText(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}
