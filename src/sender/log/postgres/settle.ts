// Settles a claimed delivery, and changes its endpoint.

import type { Send } from '../../../stores/postgres/client.ts'
import type { ClaimedDelivery, Settled, Settlement } from '../contract.ts'
import { readChange } from './rows.ts'
import type { LogStatements } from './statements.ts'

type Held = Pick<ClaimedDelivery, 'endpointId' | 'deliveryId' | 'token'>

export async function settleOn(send: Send, sql: LogStatements, held: Held, settlement: Settlement): Promise<Settled> {
  if (settlement.state === 'delivered' && settlement.health === 'up') return deliver(send, sql, held, settlement)
  const { endpointId, deliveryId, token } = held
  const { state, reason, delayMs, attempt, ownFaults, health, disableAfterMs, nowMs } = settlement
  const result = [state, reason ?? null, delayMs, attempt, ownFaults, health, disableAfterMs, nowMs ?? null]
  const [row] = await send(sql.settle, [endpointId, deliveryId, token, ...result])
  const change = readChange(row)
  // If this never runs, what waits is found to be of a disabled endpoint when it is due.
  if (change?.state === 'disabled') await send(sql.hasten, [endpointId, nowMs ?? null])
  return { isSettled: row?.settled === true, change }
}

async function deliver(
  send: Send,
  sql: LogStatements,
  { endpointId, deliveryId, token }: Held,
  { reason, attempt, nowMs }: Settlement,
): Promise<Settled> {
  const [row] = await send(sql.deliver, [endpointId, deliveryId, token, reason ?? null, attempt, nowMs ?? null])
  if (row?.settled !== true) return { isSettled: false }
  if (row.had_failed !== true) return { isSettled: true }
  // If this never runs, the endpoint recovers with its next success.
  const [change] = await send(sql.recover, [endpointId])
  return { isSettled: true, change: readChange(change) }
}
