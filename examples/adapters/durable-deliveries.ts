// In the Worker's configuration: a class Deliveries with SQLite storage, bound as DELIVERIES.

import { DurableObject } from 'cloudflare:workers'
import { type SqliteDatabase, sqliteDedupeStore } from '@fluxora/verify/stores/sqlite'
import type { Claim, DedupeStore } from '@fluxora/verify/webhook'

/** Remembers the deliveries of one endpoint or tenant. */
export class Deliveries extends DurableObject {
  readonly #store = sqliteDedupeStore(databaseOf(this.ctx.storage.sql))

  constructor(context: DurableObjectState, env: unknown) {
    super(context, env)
    context.blockConcurrencyWhile(() => this.#store.migrate())
  }

  claim(request: Parameters<DedupeStore['claim']>[0]) {
    return this.#store.claim(request)
  }

  commit(claim: Claim, retentionMs: number) {
    return this.#store.commit(claim, retentionMs)
  }

  release(claim: Claim) {
    return this.#store.release(claim)
  }

  extend(claim: Claim, leaseMs: number) {
    return this.#store.extend(claim, leaseMs)
  }
}

/** The store for a route: `dedupe: durableDedupeStore(env.DELIVERIES, 'orders')`. */
export function durableDedupeStore(namespace: DurableObjectNamespace<Deliveries>, name: string): DedupeStore {
  const deliveries = namespace.get(namespace.idFromName(name))
  return {
    claim: (request) => deliveries.claim(request),
    commit: (claim, retentionMs) => deliveries.commit(claim, retentionMs),
    release: (claim) => deliveries.release(claim),
    extend: (claim, leaseMs) => deliveries.extend(claim, leaseMs),
  }
}

/** The object's database as the store calls it. What an object writes without waiting is written as one, so it takes no transactions. */
function databaseOf(sql: SqlStorage): SqliteDatabase {
  return {
    exec: (text) => /^\s*(?:BEGIN|COMMIT|ROLLBACK|PRAGMA)\b/.test(text) || sql.exec(text),
    prepare: (text) => ({
      get: (...values) => sql.exec(text, ...values).toArray()[0],
      run: (...values) => sql.exec(text, ...values).toArray(),
      all: (...values) => sql.exec(text, ...values).toArray(),
    }),
  }
}
