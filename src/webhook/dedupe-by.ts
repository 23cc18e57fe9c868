// Reading the `dedupeBy` of a scheme's definition, or of a receiver's options.

import { readPointer } from '../shared/json-pointer.ts'
import type { DedupeBy } from './scheme.ts'

/** The choice, where it is one; undefined for anything else. */
export function readDedupeBy(given: unknown): DedupeBy | undefined {
  if (given === 'deliveryId' || given === 'content' || given === 'deliveryIdAndContent') return given
  if (typeof given !== 'object' || given === null || Object.keys(given).join() !== 'bodyId') return undefined
  const { bodyId } = given as { readonly bodyId: string }
  return readPointer(bodyId) && { bodyId }
}

/** What `readDedupeBy` takes, in words. */
export const DEDUPE_BY =
  "'deliveryId', 'content', 'deliveryIdAndContent' or { bodyId }, a JSON Pointer that begins with a slash"
