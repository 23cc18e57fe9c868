// Settles a claimed delivery, and changes its endpoint.

import type { Row, Send } from '../../../stores/postgres/client.ts'
import type { ClaimedDelivery, DeliveryLog, Settled, Settlement } from '../contract.ts'
import { inGroups } from './groups.ts'
import { readChange } from './rows.ts'
import type { LogStatements } from './statements.ts'

type Held = Pick<ClaimedDelivery, 'endpointId' | 'deliveryId' | 'token'>

/** Makes the log's `settle`. What was delivered, which most deliveries are, is written down in groups. */
export function settlerOn(send: Send, sql: LogStatements): DeliveryLog['settle'] {
  const deliver = inGroups((items: readonly Delivered[]) => deliverGroup(send, sql, items))
  return async (held, settlement) => {
    if (settlement.state !== 'delivered' || settlement.health !== 'up') return settleOne(send, sql, held, settlement)
    const row = await deliver({ held, settlement })
    if (!row) return { isSettled: false }
    if (row.had_failed !== true) return { isSettled: true }
    // If this never runs, the endpoint recovers with its next success.
    const [change] = await send(sql.recover, [held.endpointId])
    return { isSettled: true, change: readChange(change) }
  }
}

async function settleOne(send: Send, sql: LogStatements, held: Held, settlement: Settlement): Promise<Settled> {
  const { endpointId, deliveryId, token } = held
  const { state, reason, delayMs, attempt, ownFaults, health, disableAfterMs, nowMs } = settlement
  const result = [state, reason ?? null, delayMs, attempt, ownFaults, health, disableAfterMs, nowMs ?? null]
  const [row] = await send(sql.settle, [endpointId, deliveryId, token, ...result])
  const change = readChange(row)
  // If this never runs, what waits is found to be of a disabled endpoint when it is due.
  if (change?.state === 'disabled') await send(sql.hasten, [endpointId, nowMs ?? null])
  return { isSettled: row?.settled === true, change }
}

interface Delivered {
  readonly held: Held
  readonly settlement: Settlement
}

/** For each item the row that was settled; undefined if the delivery no longer belongs to its worker. */
async function deliverGroup(
  send: Send,
  sql: LogStatements,
  items: readonly Delivered[],
): Promise<readonly (Row | undefined)[]> {
  const columns = [
    items.map(({ held }) => held.endpointId),
    items.map(({ held }) => held.deliveryId),
    items.map(({ held }) => held.token),
    items.map(({ settlement }) => settlement.reason ?? null),
    items.map(({ settlement }) => settlement.attempt),
    items.map(({ settlement }) => settlement.nowMs ?? null),
  ]
  const rows = await send(sql.deliver, columns)
  const byPlace = new Map(rows.map((row) => [Number(row.place), row]))
  return items.map((_, index) => byPlace.get(index + 1))
}
