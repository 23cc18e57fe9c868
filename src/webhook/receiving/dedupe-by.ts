// Reading the `dedupeBy` of a scheme's definition, or of a receiver's options.

import { readPointer } from '../../shared/json-pointer.ts'
import type { DedupeBy } from '../schemes/scheme.ts'

/** The choice, with its pointer read. */
export type ReadDedupeBy =
  | Exclude<DedupeBy, object>
  | { readonly bodyId: string /** The pointer's. */; readonly steps: readonly string[] }

/** Undefined for anything that is no choice. */
export function readDedupeBy(given: unknown): ReadDedupeBy | undefined {
  if (given === 'deliveryId' || given === 'content' || given === 'deliveryIdAndContent') return given
  if (typeof given !== 'object' || given === null || Object.keys(given).join() !== 'bodyId') return undefined
  const { bodyId } = given as { readonly bodyId: string }
  const steps = readPointer(bodyId)
  return steps && { bodyId, steps }
}

/** What `readDedupeBy` takes, in words. */
export const DEDUPE_BY =
  "'deliveryId', 'content', 'deliveryIdAndContent' or { bodyId }, a JSON Pointer that begins with a slash"
