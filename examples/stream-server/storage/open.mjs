// Opens the storage that the settings name. The server starts even while it is away, and asks again at each use.

import { redisDedupeStore } from '@fluxora/verify/stores/redis'
import { createClient } from 'redis'
import { openPostgres } from './postgres.mjs'
import { openSqlite } from './sqlite.mjs'

/** @typedef {Record<string, any>} Row */
/** @typedef {{ rows(sql: string, ...values: unknown[]): Promise<Row[]> }} Statements */
/**
 * @typedef {Statements & {
 *   transaction<T>(run: (statements: Statements) => Promise<T>): Promise<T>,
 *   dedupe: import('@fluxora/verify').DedupeStore,
 *   pool?: { totalCount: number, idleCount: number, waitingCount: number, options: { max: number } },
 *   close(): Promise<void>,
 * }} Storage
 */

/**
 * @param {import('../settings.mjs').Settings} settings
 * @param {import('fastify').FastifyBaseLogger} log
 * @returns {Promise<Storage>}
 */
export async function openStorage(settings, log) {
  const storage = settings.databaseUrl
    ? openPostgres(settings.databaseUrl, log)
    : await openSqlite(settings.dataDirectory)
  if (!settings.redisUrl) return storage
  // Without an offline queue a command fails at once while Redis is away, and the sender is told to come back.
  const client = createClient({ url: settings.redisUrl, disableOfflineQueue: true })
  client.on('error', (error) => log.error({ code: error.code }, 'Redis is unavailable'))
  client.connect().catch(() => {})
  return {
    ...storage,
    dedupe: redisDedupeStore(client),
    async close() {
      client.destroy()
      await storage.close()
    },
  }
}
