// The chain: a provider sends ledgers, the tracker decides what they mean, and its effects change the table of ledgers. State and table
// change in one transaction, so a crash at any moment leaves both or neither.

import { createReorgState, parseReorgState, serializeReorgState, stepReorg } from '@fluxora/verify/reorg'
import { ApiError } from './errors.mjs'

const KEPT = 1000

/**
 * @param {import('fastify').FastifyInstance} app
 * @param {import('./context.mjs').Context} context
 */
export function ledgerRoutes(app, { storage, now, publish }) {
  app.get('/internal/ledgers', async () => ({ ledgers: await readChain(storage) }))

  app.post('/internal/ledgers', async (request) => {
    const { ledgers } = /** @type {{ ledgers?: never }} */ (Object(request.body))
    if (!Array.isArray(ledgers)) throw new ApiError(400, 'INVALID', 'ledgers must be a list.')
    const step = await storage.transaction((statements) => ingest(statements, ledgers, now()))
    for (const effect of step.effects) {
      if (effect.type === 'warn')
        request.log.warn(effect, effect.code === 'REORG' ? 'the chain was reorganised' : 'the chain needs a look')
    }
    publish('chain', { code: step.code, effects: step.effects, ledgers: (await readChain(storage)).slice(-20) })
    if (!step.ok) throw new ApiError(step.status, step.code, step.reason ?? step.code)
    return { code: step.code, lastSafeLedger: step.state.lastSafeLedger, tip: step.state.tip }
  })
}

/**
 * The newest ledgers held, lowest first.
 *
 * @param {import('./storage/open.mjs').Statements} statements
 */
export async function readChain({ rows }) {
  const newest = await rows('SELECT sequence, hash FROM ledgers ORDER BY sequence DESC LIMIT ?', KEPT)
  return newest.reverse().map(({ sequence, hash }) => ({ sequence: Number(sequence), hash: String(hash) }))
}

/** @param {import('./storage/open.mjs').Statements} statements */
export async function readTracker({ rows }) {
  const [row] = await rows('SELECT state, synced_at FROM tracker WHERE id = 1')
  return {
    state: row?.state ? parseReorgState(row.state) : createReorgState(),
    lastSyncAt: row?.synced_at == null ? null : Number(row.synced_at),
  }
}

/**
 * @param {import('./storage/open.mjs').Statements} statements
 * @param {never} ledgers
 * @param {number} now
 */
async function ingest(statements, ledgers, now) {
  // Takes the row's lock: one batch at a time, whatever the number of servers.
  await statements.rows('UPDATE tracker SET id = id WHERE id = 1')
  const { state } = await readTracker(statements)
  const step = stepReorg(state, { type: 'ledgers', ledgers })
  for (const effect of step.effects) {
    if (effect.type === 'rollback') {
      for (const { sequence, hash } of effect.undo) {
        await statements.rows('DELETE FROM ledgers WHERE sequence = ? AND hash = ?', sequence, hash)
      }
    }
    if (effect.type === 'apply' || effect.type === 'late') {
      const { sequence, hash } = effect.ledger
      await statements.rows('INSERT INTO ledgers (sequence, hash) VALUES (?, ?)', sequence, hash)
    }
  }
  // A refused batch undoes nothing, but the state remembers a conflict, and /health shows it. Only a good one counts as contact.
  await statements.rows(
    'UPDATE tracker SET state = ?, synced_at = COALESCE(?, synced_at) WHERE id = 1',
    ...[serializeReorgState(step.state), step.ok ? Math.floor(now * 1000) : null],
  )
  return step
}
