// The indexer: copies pages from the provider into a Postgres table, and may die at any moment. Each page is one transaction: read the
// state under a lock, step it, carry out the effects, store the new state. Run by main.mjs; `node worker.mjs <seed> <moments>`.

import { createReorgState, parseReorgState, serializeReorgState, stepReorg } from '@fluxora/verify/reorg'
import pg from 'pg'
import { chainOf, random } from './node.mjs'

const [seed = 1, moments = 100, life = 1] = process.argv.slice(2).map(Number)
const { pages } = chainOf(seed, moments)
const chance = random(life)
const client = new pg.Client({ connectionString: process.env.DATABASE_URL })
await client.connect()

/** Dies as if the machine had failed: sends no rollback, closes no socket. */
function mayDie(/** @type {number} */ odds) {
  if (chance() < odds) process.kill(process.pid, 'SIGKILL')
}

/** @param {import('@fluxora/verify/reorg').ReorgEffect} effect */
async function carryOut(effect) {
  switch (effect.type) {
    case 'apply':
    case 'late':
      return client.query('INSERT INTO example_ledgers (sequence, hash) VALUES ($1, $2)', [
        effect.ledger.sequence,
        effect.ledger.hash,
      ])
    case 'rollback':
      for (const { sequence, hash } of effect.undo) {
        const { rowCount } = await client.query('DELETE FROM example_ledgers WHERE sequence = $1 AND hash = $2', [
          sequence,
          hash,
        ])
        if (rowCount !== 1) throw new Error(`Ledger ${sequence} should be undone, but it is not in the table.`)
        mayDie(0.02)
      }
      return
    case 'warn':
      return console.log(JSON.stringify(effect))
  }
}

/** One page, one transaction. */
async function takeIn(
  /** @type {readonly import('@fluxora/verify/reorg').Ledger[]} */ ledgers,
  /** @type {number} */ page,
) {
  await client.query('BEGIN')
  const { rows } = await client.query('SELECT state FROM example_tracker FOR UPDATE')
  const before = rows[0] ? parseReorgState(rows[0].state) : createReorgState({ gapPolicy: 'need' })
  const step = stepReorg(before, { type: 'ledgers', ledgers, source: 'example-node' })
  for (const effect of step.effects) {
    await carryOut(effect)
    mayDie(0.004)
  }
  const text = serializeReorgState(step.state)
  await client.query(
    'INSERT INTO example_tracker (id, state, page) VALUES (1, $1, $2) ON CONFLICT (id) DO UPDATE SET state = $1, page = $2',
    [text, page],
  )
  mayDie(0.01)
  await client.query('COMMIT')
  mayDie(0.01)
  return step
}

const { rows } = await client.query('SELECT page FROM example_tracker')
// Start a few pages back, like a worker that does not know how far the previous one got: known ledgers change nothing.
for (let page = Math.max(0, (rows[0]?.page ?? 0) - 2); page < pages.length; page++) {
  const { ledgers, chain } = /** @type {ReturnType<typeof chainOf>['pages'][number]} */ (pages[page])
  let step = await takeIn(ledgers, page)
  // If the page begins above a hole or a fork, fetch the missing ledgers and send them again in one event with the ledgers above them.
  // There may be a fork above a hole too, so repeat until nothing is missing.
  for (;;) {
    const need = step.effects.find((effect) => effect.type === 'need')
    if (!need) break
    step = await takeIn(
      chain.filter(({ sequence }) => sequence >= need.from),
      page,
    )
  }
  if (!step.ok) throw new Error(`page ${page}: ${step.code}, ${step.reason}`)
}
await client.end()
