// Claims the keys of a delivery, whichever way statements are sent.

import type { ClaimAnswer } from '../shared/answer.ts'
import { pause } from '../shared/pause.ts'
import type { StoredKey, StoredRequest } from '../shared/request.ts'
import type { Row, Send } from './client.ts'
import { indexKeys } from './index-keys.ts'
import type { Statements } from './sql/statements.ts'

/** How long to wait before each look at keys that somebody else is claiming. */
const LOOKS_AFTER_MS = [0, 5, 20]

/** When to come back to keys that somebody is claiming in a transaction: nobody can say how long that takes. */
const CONTENDED_MS = 1000

/**
 * Claims all keys of a request under a token, or none. When somebody else is about to claim one of them, their row cannot be seen yet;
 * the next look usually shows it.
 */
export async function claimKeys(
  send: Send,
  sql: Statements,
  request: StoredRequest,
  token: string,
): Promise<ClaimAnswer> {
  const query = claimQuery(sql, await indexKeys(request.keys), request, token)
  for (const waitMs of LOOKS_AFTER_MS) {
    if (waitMs > 0) await pause(waitMs)
    const [row] = await send(query.text, query.values)
    const verdict = readVerdict(row)
    if (verdict.status === 'claimed' || verdict.status === 'conflict') return verdict
    // A lease ends further ahead than it is long: the server's clock was set back.
    if (row?.is_ahead === true) await send(sql.cutLeases, [query.names])
    if (verdict.status !== 'unclear') return verdict
  }
  if (query.bindRest) await send(sql.bindSet, query.bindRest)
  return { status: 'in_progress', retryAfterMs: CONTENDED_MS }
}

interface ClaimQuery {
  readonly text: string
  readonly values: unknown[]
  readonly names: readonly string[]
  /** Parameters for binding the keys of a set that nobody holds; a single key is never bound without a claim. */
  readonly bindRest?: unknown[]
}

/** One key has a simpler statement. The keys of a set are sorted, so that of two who want the same keys one gets them all. */
function claimQuery(
  sql: Statements,
  keys: readonly StoredKey[],
  { leaseMs, bindMs }: StoredRequest,
  token: string,
): ClaimQuery {
  const sorted = [...keys].sort((a, b) => (a.name < b.name ? -1 : 1))
  const names = sorted.map(({ name }) => name)
  const fingerprints = sorted.map(({ fingerprint }) => fingerprint ?? null)
  if (keys.length === 1) {
    return { text: sql.claimOne, values: [names[0], fingerprints[0], token, leaseMs, bindMs], names }
  }
  const first = keys[0]?.name
  return {
    text: sql.claimSet,
    values: [names, fingerprints, token, leaseMs, bindMs, first],
    names,
    bindRest: [names, fingerprints, bindMs, first],
  }
}

/** Reads the row that a claim answers with. */
function readVerdict(row: Row | undefined): ClaimAnswer | { readonly status: 'unclear' } {
  if (row?.taken === true) return { status: 'claimed' }
  if (row?.conflict === true) return { status: 'conflict' }
  if (row?.duplicate === true) return { status: 'duplicate' }
  if (typeof row?.held_ms === 'number') return { status: 'in_progress', retryAfterMs: Math.max(1, row.held_ms) }
  return { status: 'unclear' }
}
