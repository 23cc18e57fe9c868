import pg, { type Pool, type PoolClient } from 'pg'
import { expect } from 'vitest'
import {
  createReorgState,
  parseReorgState,
  type ReorgEffect,
  type ReorgEvent,
  serializeReorgState,
  stepReorg,
} from '@fluxora/verify/reorg'
import { isReachable, POSTGRES_URL } from '../../stores/servers.ts'

async function carryOut(client: PoolClient, effect: ReorgEffect): Promise<void> {
  if (effect.type === 'apply' || effect.type === 'late') {
    await client.query('INSERT INTO ledgers (sequence, hash) VALUES ($1, $2)', [effect.ledger.sequence, effect.ledger.hash])
  }
  if (effect.type === 'rollback') {
    for (const { sequence, hash } of effect.undo) {
      await client.query('DELETE FROM ledgers WHERE sequence = $1 AND hash = $2', [sequence, hash])
    }
  }
}
//// block

if (await isReachable('PostgreSQL', POSTGRES_URL)) {
  const schema = `docs_reorg_host_${process.pid}`
  const pool = new pg.Pool({ connectionString: POSTGRES_URL, options: `-c search_path=${schema}` })
  try {
    await pool.query(`CREATE SCHEMA ${schema}`)
    await pool.query('CREATE TABLE tracker (id int PRIMARY KEY, state text NOT NULL)')
    await pool.query('CREATE TABLE ledgers (sequence bigint PRIMARY KEY, hash text NOT NULL)')
    const show = (...ledgers: { sequence: number; hash: string; parentHash?: string }[]) =>
      takeIn(pool, { type: 'ledgers', ledgers })
    expect((await show({ sequence: 1, hash: 'a' }, { sequence: 2, hash: 'b', parentHash: 'a' })).code).toBe('EXTENDED')
    expect((await show({ sequence: 2, hash: 'c', parentHash: 'a' })).code).toBe('REORG')
    const { rows } = await pool.query('SELECT hash FROM ledgers ORDER BY sequence')
    expect(rows).toEqual([{ hash: 'a' }, { hash: 'c' }])
    // If an effect fails, neither rows nor state are left behind.
    await pool.query("INSERT INTO ledgers VALUES (4, 'in the way')")
    await expect(show({ sequence: 3, hash: 'd' }, { sequence: 4, hash: 'e' })).rejects.toThrow('duplicate key')
    expect(parseReorgState((await pool.query('SELECT state FROM tracker')).rows[0].state).tip?.sequence).toBe(2)
  } finally {
    await pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`)
    await pool.end()
  }
}
