// How a statement that took only a part of a set undoes itself.

/**
 * A claim of a set locks its keys, then writes their rows. A row that was changed after the statement began to look, and before it had
 * the lock, is not written; then the others must not be written either. A statement cannot roll itself back but by failing, and SQL
 * has no function that fails: so it divides by zero, which PostgreSQL answers with this code. Nothing else in the statements divides.
 */
export const HALF_TAKEN = '22012'

/** An expression: true where all were taken, false where none was, and a failure where it was a part of them. */
export function allOrNone(taken: string, all: string): string {
  return `CASE ${taken} WHEN 0 THEN false WHEN ${all} THEN true ELSE 1 / (${taken} - ${taken}) = 1 END`
}
