// How the service is, what it is, and the file by which wallets know it.

import { assessHealth } from '@fluxora/verify/reorg'
import { STELLAR_TOML_HEADERS, writeStellarToml } from '@fluxora/verify/stellar'
import { readTracker } from './ledgers.mjs'
import { SettingError } from './settings.mjs'
import { StorageError } from './storage/ready.mjs'

export const SERVICE = 'stream-server'

/**
 * @param {import('fastify').FastifyInstance} app
 * @param {import('./context.mjs').Context} context
 */
export function healthRoutes(app, { settings, storage, now }) {
  app.get('/health', async (_request, reply) => {
    try {
      const { state, lastSyncAt } = await readTracker(storage)
      const enabled = settings.isIndexerEnabled ?? lastSyncAt !== null
      return assessHealth(state, { now: now() * 1000, lastSyncAt, enabled, service: SERVICE })
    } catch (error) {
      if (!(error instanceof StorageError)) throw error
      const timestamp = new Date(now() * 1000).toISOString()
      return reply.code(503).send({ status: 'unavailable', service: SERVICE, timestamp, message: error.message })
    }
  })

  const toml = writeStellarToml({
    VERSION: '2.7.0',
    NETWORK_PASSPHRASE: settings.networkPassphrase,
    SIGNING_KEY: settings.signingKey,
    ACCOUNTS: [settings.signingKey],
    DOCUMENTATION: { ORG_NAME: 'Fluxora stream server, an example', ORG_URL: 'https://example.com' },
  })
  // At the start, not at the first wallet: a secret seed given by mistake is named by its variable, and written nowhere.
  if (!toml.ok) {
    const [problem] = toml.errors
    throw new SettingError(`STELLAR_NETWORK_PASSPHRASE or SIGNING_KEY: ${problem?.pointer} ${problem?.message}`)
  }
  app.get('/.well-known/stellar.toml', async (_request, reply) => reply.headers(STELLAR_TOML_HEADERS).send(toml.text))
}
