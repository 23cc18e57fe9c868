// The store as a part of the application's own transaction.

import type { Claim, ClaimResult, DedupeStore } from '../contract.ts'
import { readKeys, readMilliseconds } from '../shared/request.ts'
import { missingTable } from '../shared/table.ts'
import { type ClaimRequest, claim, type Query, settle } from './claim.ts'
import { codeOf, type PostgresClient, prover, rowsOf, type Send, UNDEFINED_TABLE } from './client.ts'
import { HALF_TAKEN } from './half-taken.ts'
import type { Statements } from './statements.ts'

/**
 * A claim in a transaction needs no lease: the transaction is one. Its row and a lock on its key are there for as long as the
 * transaction, and gone with it. `proven` holds the query methods that are known to answer as they should: those of one pool's clients
 * are one and the same.
 */
export function transactionStore(
  client: PostgresClient,
  sql: Statements,
  { table, proven }: { readonly table: string; readonly proven: WeakSet<object> },
): DedupeStore {
  const send: Send = async (text, values) => rowsOf('client', await client.query(text, values))
  const prove = prover('client', send)
  const query: Query = async <Row>(text: string, values: unknown[]) => {
    if (!proven.has(client.query)) {
      await prove()
      proven.add(client.query)
    }
    try {
      return (await send(text, values)) as readonly Row[]
    } catch (error) {
      throw codeOf(error) === UNDEFINED_TABLE ? missingTable(table, error) : error
    }
  }

  /** A set that was taken by half is given back without giving up the transaction. */
  async function claimInside(request: ClaimRequest): Promise<ClaimResult> {
    if (readKeys(request.keys).length === 1) return claim(query, sql, request)
    for (let attempt = 1; ; attempt++) {
      await client.query('SAVEPOINT fluxora_claim')
      try {
        return await claim(query, sql, request)
      } catch (error) {
        await client.query('ROLLBACK TO SAVEPOINT fluxora_claim')
        if (attempt === 5 || codeOf(error) !== HALF_TAKEN) throw error
      }
    }
  }

  return Object.freeze({
    async claim(request: ClaimRequest) {
      const answer = await claimInside(request)
      if (answer.status === 'claimed') await client.query('SAVEPOINT fluxora_handler')
      return answer
    },
    async commit(held: Claim, retentionMs: number) {
      if (await settle(query, sql.commit, held, readMilliseconds('retentionMs', retentionMs))) return true
      // Someone rolled the claim back and went on. What was written since may not stand without it.
      await client.query(
        `DO $$ BEGIN RAISE EXCEPTION 'the claim of this delivery is not part of this transaction'; END $$`,
      )
      return false
    },
    async release(held: Claim) {
      // Undoes what the handler wrote, and mends a transaction that an error of the handler's broke.
      await client.query('ROLLBACK TO SAVEPOINT fluxora_handler')
      return settle(query, sql.release, held)
    },
  })
}
