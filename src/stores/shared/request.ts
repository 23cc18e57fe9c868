// What every durable store does with a request before its engine sees it.

import { invalidOption } from '../../shared/webhook-error.ts'
import type { DedupeKey } from '../contract.ts'

/** A key as an engine keeps it. */
export interface StoredKey {
  readonly name: string
  readonly fingerprint: string | undefined
}

/** Each key once, the request's first key first, as text that any engine can hold. */
export function storedKeys(keys: readonly DedupeKey[]): [StoredKey, ...StoredKey[]] {
  const [only] = keys
  if (only && keys.length === 1) return [stored(only)]
  const byName = new Map<string, StoredKey>()
  for (const key of keys.map(stored)) byName.set(key.name, key)
  const [first, ...others] = byName.values()
  if (!first) throw invalidOption('keys', 'a list with at least one key')
  return [first, ...others]
}

function stored({ key, fingerprint }: DedupeKey): StoredKey {
  return { name: storable(key), fingerprint: fingerprint === undefined ? undefined : storable(fingerprint) }
}

/** Whole milliseconds, rounded up, at least one. Some 30,000 years are as good as any longer time, short of Infinity. */
export function milliseconds(name: string, value: number): number {
  if (typeof value !== 'number' || Number.isNaN(value) || value < 0)
    throw invalidOption(name, 'a number of milliseconds')
  return value === Number.POSITIVE_INFINITY ? value : Math.min(Math.max(Math.ceil(value), 1), 1e15)
}

/**
 * Text without NUL, which PostgreSQL refuses, and without lone surrogates, which UTF-8 would merge into one. JSON's escapes keep
 * any two texts apart, and leave plain ones as they are.
 */
function storable(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}
