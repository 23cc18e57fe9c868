// The rules of claiming and settling, over the table and the time. The caller holds the write lock.

import type { ClaimAnswer, ClaimRefusal } from '../shared/answer.ts'
import type { StoredKey, StoredRequest } from '../shared/request.ts'
import { leaseEnd, type Time } from './clock.ts'
import type { Row, Table } from './statements.ts'

/** A table with the time at which it was locked. */
export interface LockedTable {
  readonly table: Table
  readonly time: Time
}

/** A key of a request with what the table knows of it. */
interface KnownKey extends StoredKey {
  readonly row: Row | undefined
}

/** How many expired rows a claim deletes. It adds fewer, so the table does not grow without end. */
const DELETED_PER_CLAIM = 4

/** The latest time that a number counts exactly in milliseconds. */
const FOREVER = Number.MAX_SAFE_INTEGER

/** Claims all keys of a request under a token, or none. */
export function claimKeys(locked: LockedTable, request: StoredRequest, token: string): ClaimAnswer {
  const { now } = locked.time
  locked.table.deleteExpired(now, DELETED_PER_CLAIM)
  const keys = request.keys.map(({ name, fingerprint }) => ({ name, fingerprint, row: findRow(locked, name) }))
  const state = stateOf(keys, now)
  if (state.status === 'conflict') return state
  if (state.status !== 'free') {
    bindFreeKeys(locked, keys.slice(1), request.bindMs)
    return state
  }
  writeClaim(locked, keys, request, token)
  return { status: 'claimed' }
}

/** Whether keys are free to be claimed, and if not, why. */
function stateOf(keys: readonly KnownKey[], now: number): { readonly status: 'free' } | ClaimRefusal {
  if (keys.some(isConflict)) return { status: 'conflict' }
  const known = keys.map(({ row }) => row).filter((row) => row !== undefined)
  const taken = known.filter(({ until }) => until > now)
  if (taken.some(({ token }) => token === null)) return { status: 'duplicate' }
  if (taken.length === 0) return { status: 'free' }
  return { status: 'in_progress', retryAfterMs: Math.max(...taken.map(({ until }) => until)) - now }
}

function isConflict({ fingerprint, row }: KnownKey): boolean {
  return row !== undefined && row.fingerprint !== null && fingerprint !== undefined && row.fingerprint !== fingerprint
}

function writeClaim(
  { table, time }: LockedTable,
  keys: readonly KnownKey[],
  { leaseMs, bindMs }: StoredRequest,
  token: string,
): void {
  const until = time.now + leaseMs
  for (const { name, fingerprint, row } of keys) {
    const former = row?.fingerprint ?? null
    // A binding that would have lasted longer goes on.
    const formerBindMs = row && former !== null ? row.expiresAt - time.now : 0
    const expiresAt = until + Math.max(bindMs, formerBindMs)
    table.write(name, { fingerprint: fingerprint ?? former, token, leaseMs, until, expiresAt })
  }
}

/** Binds those keys that nobody holds to their fingerprints. If a claim on one has run out, it still belongs to its holder. */
function bindFreeKeys({ table, time: { now } }: LockedTable, keys: readonly KnownKey[], bindMs: number): void {
  for (const { name, fingerprint, row } of keys) {
    if (fingerprint === undefined || (row && row.until > now)) continue
    const { token = null, leaseMs = 0, expiresAt = 0 } = row ?? {}
    table.write(name, { fingerprint, token, leaseMs, until: now, expiresAt: Math.max(now + bindMs, expiresAt) })
  }
}

/** How a row changes when its claim is committed, released or extended. */
export type RowChange = (row: Row, now: number) => Row

export function commitRow(retentionMs: number): RowChange {
  return (row, now) => {
    const until = Math.min(now + retentionMs, FOREVER)
    return { ...row, token: null, leaseMs: 0, until, expiresAt: Math.max(until, now + bindingMs(row)) }
  }
}

export function releaseRow(row: Row, now: number): Row {
  return { ...row, token: null, leaseMs: 0, until: now, expiresAt: now + bindingMs(row) }
}

export function extendRow(leaseMs: number): RowChange {
  return (row, now) => {
    const until = now + leaseMs
    return { ...row, leaseMs, until, expiresAt: until + row.expiresAt - row.until }
  }
}

/** How long a key stays bound to its fingerprint after its claim. */
function bindingMs({ fingerprint, until, expiresAt }: Row): number {
  return fingerprint === null ? 0 : expiresAt - until
}

/** Changes the rows of a claim, if the token still holds all of its keys. */
export function settleClaim(
  locked: LockedTable,
  keys: readonly StoredKey[],
  token: string,
  changeRow: RowChange,
): boolean {
  const held: [name: string, row: Row][] = []
  // Even if one is lost, the others are read too, because that corrects their leases.
  for (const { name } of keys) {
    const row = findRow(locked, name)
    if (row?.token === token) held.push([name, row])
  }
  if (held.length < keys.length) return false
  for (const [name, row] of held) locked.table.write(name, changeRow(row, locked.time.now))
  return true
}

/** Finds a row. A lease that was written before the clock was set back is corrected in the table too, so that it ends for everyone. */
function findRow({ table, time }: LockedTable, name: string): Row | undefined {
  const row = table.find(name, time.now)
  if (!row || row.token === null) return row
  const until = leaseEnd(row, time)
  if (until === row.until) return row
  const corrected = { ...row, until, expiresAt: until + row.expiresAt - row.until }
  table.write(name, corrected)
  return corrected
}
