// The store as a part of the application's own transaction.

import type { Claim, DedupeStore } from '../contract.ts'
import { type ClaimAnswer, claimResult } from '../shared/answer.ts'
import { type ClaimRequest, readClaimRequest, readMilliseconds, type StoredRequest } from '../shared/request.ts'
import { missingTable } from '../shared/table.ts'
import { claimKeys } from './claim-keys.ts'
import { type PostgresClient, readRows, type Send } from './client.ts'
import { probeOnce } from './client-check.ts'
import { settleClaim } from './settle-claim.ts'
import { PARTLY_CLAIMED } from './sql/all-or-none.ts'
import type { Statements } from './sql/statements.ts'
import { sqlStateOf, UNDEFINED_TABLE } from './sqlstate.ts'

/** How often to try a claim of several keys of which someone else changes one at the same time. */
const MAX_ATTEMPTS = 5

/** What all transactions of one store share. */
export interface TransactionContext {
  readonly sql: Statements
  readonly table: string
  /** The query methods that have passed the check; all clients of a pool have the same one. */
  readonly checkedMethods: WeakSet<object>
}

/**
 * Makes the store for one transaction. It needs no lease, because the transaction is one: the row of the claim, and the lock on its key,
 * are there for as long as the transaction, and gone with it.
 */
export function transactionStore(
  client: PostgresClient,
  { sql, table, checkedMethods }: TransactionContext,
): DedupeStore {
  const sendUnchecked: Send = async (text, values) => readRows('client', await client.query(text, values))
  const check = probeOnce('client', sendUnchecked)

  const send: Send = async (text, values) => {
    if (!checkedMethods.has(client.query)) {
      await check()
      checkedMethods.add(client.query)
    }
    try {
      return await sendUnchecked(text, values)
    } catch (error) {
      if (sqlStateOf(error) === UNDEFINED_TABLE) throw missingTable(table, error)
      throw error
    }
  }

  /** A claim that took only some of its keys fails. The savepoint keeps the transaction usable. */
  async function claimSet(request: StoredRequest, token: string): Promise<ClaimAnswer> {
    for (let attempt = 1; ; attempt++) {
      await client.query('SAVEPOINT fluxora_claim')
      try {
        return await claimKeys(send, sql, request, token)
      } catch (error) {
        await client.query('ROLLBACK TO SAVEPOINT fluxora_claim')
        if (attempt === MAX_ATTEMPTS || sqlStateOf(error) !== PARTLY_CLAIMED) throw error
      }
    }
  }

  return Object.freeze({
    async claim(request: ClaimRequest) {
      const stored = readClaimRequest(request)
      const token = crypto.randomUUID()
      const isOneKey = stored.keys.length === 1
      const answer = await (isOneKey ? claimKeys(send, sql, stored, token) : claimSet(stored, token))
      if (answer.status === 'claimed') await client.query('SAVEPOINT fluxora_handler')
      return claimResult(answer, { token, keys: request.keys })
    },
    async commit(claim: Claim, retentionMs: number) {
      if (await settleClaim(send, sql.commit, claim, readMilliseconds('retentionMs', retentionMs))) return true
      // Someone rolled the claim back and went on. What was written since then must not be committed without it.
      await client.query(
        `DO $$ BEGIN RAISE EXCEPTION 'the claim of this delivery is not part of this transaction'; END $$`,
      )
      return false
    },
    async release(claim: Claim) {
      // Undoes what the handler wrote. It also makes a transaction usable again that an error of the handler has aborted.
      await client.query('ROLLBACK TO SAVEPOINT fluxora_handler')
      return settleClaim(send, sql.release, claim)
    },
  })
}
