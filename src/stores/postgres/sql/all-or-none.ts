// How a claim of several keys undoes itself after claiming only some of them: it divides by zero.

/**
 * A claim of a set locks its keys, then writes their rows. Between the moment the statement reads a row and the moment it holds the lock,
 * someone else may change that row; it is then skipped, and the others must not stay written either. A statement can only roll itself back
 * by failing, and SQL has no function that fails. So it divides by zero, which PostgreSQL reports with this SQLSTATE (division_by_zero).
 * No other statement of the store divides.
 */
export const PARTLY_CLAIMED = '22012'

/** An expression that is true if all were claimed, false if none was, and fails if only some were. */
export function allOrNone(claimed: string, all: string): string {
  return `CASE ${claimed} WHEN 0 THEN false WHEN ${all} THEN true ELSE 1 / (${claimed} - ${claimed}) = 1 END`
}
