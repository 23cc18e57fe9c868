// The delivery log in memory: for tests, and for deliveries that may be lost with the process.

import type { DeliveryCounts, DeliveryLog } from './contract.ts'
import { type DeliveryRow, type DeliveryTable, type EndpointRow, embeddedLog } from './embedded.ts'

/**
 * Makes a delivery log in memory. What it holds is lost with the process; pending deliveries are kept without a limit.
 *
 * @returns A log to be passed to `createDispatcher`.
 *
 * @example
 * ```ts
 * const dispatcher = createDispatcher({ sender: createWebhookSender(), log: memoryDeliveryLog() })
 * ```
 */
export function memoryDeliveryLog(): DeliveryLog {
  const table = memoryTable()
  return Object.freeze(embeddedLog(async (work) => work(table)))
}

function memoryTable(): DeliveryTable {
  const endpoints = new Map<string, EndpointRow>()
  /** By endpoint, then by delivery; settled ones are apart, so that looking for what is due does not pass over them. */
  const pending = new Map<string, Map<string, DeliveryRow>>()
  const settled = new Map<string, Map<string, DeliveryRow>>()
  const find = (endpointId: string, id: string) => pending.get(endpointId)?.get(id) ?? settled.get(endpointId)?.get(id)
  const pendingOf = (endpointId: string) => [...(pending.get(endpointId)?.values() ?? [])]

  const table: DeliveryTable = {
    insert(row) {
      if (find(row.endpointId, row.deliveryId)) return false
      table.update(row)
      return true
    },
    find,
    update(row) {
      const [to, from] = row.state === 'pending' ? [pending, settled] : [settled, pending]
      remove(from, row)
      const rows = to.get(row.endpointId) ?? new Map<string, DeliveryRow>()
      to.set(row.endpointId, rows.set(row.deliveryId, row))
    },
    endpoint: (id) => endpoints.get(id),
    writeEndpoint: (row) => void endpoints.set(row.id, row),
    dueEndpoints: () => [...pending.keys()].flatMap((id) => endpoints.get(id) ?? []),
    due: (endpointId, now, limit) => earliest(pending.get(endpointId)?.values() ?? [], now, limit),
    hasten(endpointId, now) {
      for (const row of pendingOf(endpointId)) if (row.token === null) table.update({ ...row, dueAt: now })
    },
    counts: (now) => count([...pending.keys()].flatMap(pendingOf), [...settled.values()], now),
    deleteSettled(before, limit) {
      const rows = [...settled.values()].flatMap((each) => [...each.values()])
      const old = rows.filter(({ settledAt }) => (settledAt ?? before) < before).slice(0, limit)
      for (const row of old) remove(settled, row)
      return old.length
    },
  }
  return table
}

/** The first few that are due, in one pass: there may be many, and they are nearly in order. */
function earliest(rows: Iterable<DeliveryRow>, now: number, limit: number): readonly DeliveryRow[] {
  const found: DeliveryRow[] = []
  for (const row of rows) {
    const last = found.at(-1)
    if (row.dueAt > now || (found.length === limit && last && row.dueAt >= last.dueAt)) continue
    found.push(row)
    found.sort((a, b) => a.dueAt - b.dueAt)
    found.length = Math.min(found.length, limit)
  }
  return found
}

function remove(rows: Map<string, Map<string, DeliveryRow>>, { endpointId, deliveryId }: DeliveryRow): void {
  const ofEndpoint = rows.get(endpointId)
  ofEndpoint?.delete(deliveryId)
  if (ofEndpoint?.size === 0) rows.delete(endpointId)
}

function count(
  pending: readonly DeliveryRow[],
  settled: readonly ReadonlyMap<string, DeliveryRow>[],
  now: number,
): DeliveryCounts {
  const due = pending.filter(({ dueAt }) => dueAt <= now).map(({ dueAt }) => dueAt)
  const ended = settled.flatMap((each) => [...each.values()])
  const delivered = ended.filter(({ state }) => state === 'delivered').length
  const oldestDueMs = due.reduce((oldest, dueAt) => Math.max(oldest, now - dueAt), 0)
  return { pending: pending.length, due: due.length, oldestDueMs, delivered, dead: ended.length - delivered }
}
