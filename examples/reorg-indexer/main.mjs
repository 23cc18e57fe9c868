// Kills an indexer at random moments and restarts it until it is done. Then its table must be exactly the canonical chain.
//
//   DATABASE_URL=postgres://… node examples/reorg-indexer/main.mjs [seed]
//
// Needs Postgres. Creates and drops two tables: example_ledgers and example_tracker.

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { assessHealth, parseReorgState, reorgCursor } from '@fluxora/verify/reorg'
import pg from 'pg'
import { chainOf } from './node.mjs'

const MOMENTS = 250
const seed = Number(process.argv[2] ?? Date.now() % 2 ** 31)
console.log(`seed ${seed}`)

const client = new pg.Client({ connectionString: process.env.DATABASE_URL })
await client.connect()
await client.query('DROP TABLE IF EXISTS example_ledgers, example_tracker')
await client.query('CREATE TABLE example_ledgers (sequence bigint PRIMARY KEY, hash text NOT NULL)')
await client.query('CREATE TABLE example_tracker (id int PRIMARY KEY, state text NOT NULL, page int NOT NULL)')

/** Runs one worker until it finishes or is killed. */
function live(/** @type {number} */ life) {
  const worker = fileURLToPath(new URL('worker.mjs', import.meta.url))
  const child = spawn(process.execPath, [worker, String(seed), String(MOMENTS), String(seed + life)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal }))
  })
}

let kills = 0
for (let life = 1; ; life++) {
  const { code, signal } = await live(life)
  if (signal === null) {
    if (code !== 0) throw new Error(`The worker exited with code ${code}.`)
    break
  }
  kills++
}

const { canonical } = chainOf(seed, MOMENTS)
const { rows } = await client.query('SELECT sequence, hash FROM example_ledgers ORDER BY sequence')
const held = rows.map(({ sequence, hash }) => ({ sequence: Number(sequence), hash }))
const wanted = canonical.map(({ sequence, hash }) => ({ sequence, hash }))
const state = parseReorgState((await client.query('SELECT state FROM example_tracker')).rows[0].state)
const same = JSON.stringify(held) === JSON.stringify(wanted)
console.log(`${kills} kills, ${state.counts.reorgs} reorgs (deepest: ${state.counts.deepest}), ${held.length} ledgers`)
console.log(`cursor ${reorgCursor(state)}`)
const { status, reorgDetected, lastSafeLedger } = assessHealth(state, { now: Date.now(), lastSyncAt: Date.now() })
console.log(`health: ${JSON.stringify({ status, reorgDetected, lastSafeLedger })}`)
console.log(same ? 'the table is exactly the canonical chain' : 'THE TABLE DIFFERS FROM THE CANONICAL CHAIN')
await client.query('DROP TABLE example_ledgers, example_tracker')
await client.end()
process.exitCode = same ? 0 : 1
