// The `dedupeBy` of a scheme's definition or of a receiver's options, parsed.

import { readPointer } from '../../shared/json-pointer.ts'
import type { DedupeBy } from './scheme.ts'

/** A `dedupeBy` whose JSON Pointer is parsed. */
export type DedupeRule =
  | { readonly kind: Exclude<DedupeBy, object> }
  | { readonly kind: 'bodyId'; readonly pointer: string; readonly tokens: readonly string[] }

/** Undefined for anything that is not a valid `dedupeBy`. */
export function readDedupeBy(given: unknown): DedupeRule | undefined {
  if (given === 'deliveryId' || given === 'content' || given === 'deliveryIdAndContent' || given === 'none')
    return { kind: given }
  if (typeof given !== 'object' || given === null || Object.keys(given).join() !== 'bodyId') return undefined
  const pointer: unknown = Reflect.get(given, 'bodyId')
  const tokens = readPointer(pointer)
  if (typeof pointer !== 'string' || tokens === undefined) return undefined
  return { kind: 'bodyId', pointer, tokens }
}

/** What `readDedupeBy` accepts, in words. */
export const DEDUPE_BY =
  "'deliveryId', 'content', 'deliveryIdAndContent', 'none' or { bodyId }, a JSON Pointer that begins with a slash"
