// Deletes expired rows a batch at a time, so that no transaction lasts long.

import { readNumber } from '../../shared/webhook-error.ts'

/** Options of `deleteExpired`. */
export interface DeleteExpiredOptions {
  /** Rows a batch, 1 to 1,000,000; 1000 by default. */
  readonly batchSize?: number | undefined
}

/**
 * Deletes batches until one is not full, and returns how many rows there were.
 *
 * @throws {WebhookError} `invalid_option` if `batchSize` is out of range.
 */
export async function deleteInBatches(
  { batchSize }: DeleteExpiredOptions,
  deleteBatch: (limit: number) => Promise<number>,
): Promise<number> {
  const limit = Math.floor(readNumber('batchSize', batchSize, 1000, 1, 1e6))
  let deleted = 0
  for (;;) {
    const count = await deleteBatch(limit)
    deleted += count
    if (count < limit) return deleted
  }
}
