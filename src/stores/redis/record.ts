// What the store writes under a key. The scripts in lua.ts read and write the same form.

import type { ClaimRefusal } from '../shared/answer.ts'
import type { StoredKey } from '../shared/request.ts'

/** A claim to be written: under which token, for how long, and how long keys stay bound to their fingerprints after that. */
export interface Lease {
  readonly token: string
  readonly leaseMs: number
  readonly bindMs: number
}

/** The word in the error of a script that met a value which is not a record. */
export const FOREIGN_VALUE = 'FLUXORA_FOREIGN'

/** A fingerprint as it is in a record: `=` and the fingerprint, or nothing. So an empty fingerprint differs from none. */
export function markOf({ fingerprint }: StoredKey): string {
  return fingerprint === undefined ? '' : `=${fingerprint}`
}

/** A whole number in plain digits, also beyond 10^21. */
export function digits(count: number): string {
  return count.toFixed(0)
}

/**
 * The record of a claim: `holder|lease|binding|mark`. A record expires when nothing is known of its key any more. Until `binding`
 * milliseconds before that, the key is claimed (by the holder's token), or committed if there is no holder. From then on it stays bound to
 * its mark, if it has one, and to the holder of its last claim. `lease` is how long the claim was made for.
 */
export function claimRecord(key: StoredKey, { token, leaseMs, bindMs }: Lease): string {
  return `${token}|${digits(leaseMs)}|${digits(bindMs)}|${markOf(key)}`
}

const RECORD = /^([^|]*)\|\d+\|(\d+)\|(=.*)?$/s

/**
 * What a record alone says to a claim of its key. A different mark is a conflict, and a commit without a binding after it is a duplicate.
 * For the rest one must know how long the record has left to live.
 */
export function judgeRecord(record: unknown, key: StoredKey): ClaimRefusal | { readonly status: 'unclear' } {
  const [, holder, binding, recordMark] = RECORD.exec(String(record)) ?? []
  const mark = markOf(key)
  if (recordMark && mark && recordMark !== mark) return { status: 'conflict' }
  if (holder === '' && binding === '0') return { status: 'duplicate' }
  return { status: 'unclear' }
}
