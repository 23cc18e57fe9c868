// The error codes of PostgreSQL that the store acts on, by the names of its manual (appendix A).

import { errorChain } from '../shared/error-chain.ts'

export const INVALID_SQL_STATEMENT_NAME = '26000'
export const DUPLICATE_PREPARED_STATEMENT = '42P05'
export const UNDEFINED_TABLE = '42P01'
/** A transaction cannot be put in one order with the others. Only REPEATABLE READ and SERIALIZABLE know this. */
export const SERIALIZATION_FAILURE = '40001'
export const DEADLOCK_DETECTED = '40P01'

const SQLSTATE = /^[0-9A-Z]{5}$/

/** The SQLSTATE of an error. Most clients have it in `code`, Bun in `errno`, and some wrap the error of another client. */
export function sqlStateOf(error: unknown): string | undefined {
  for (const { code, errno } of errorChain(error)) {
    if (isSqlState(code)) return code
    if (isSqlState(errno)) return errno
  }
  return undefined
}

function isSqlState(value: unknown): value is string {
  return typeof value === 'string' && SQLSTATE.test(value)
}
