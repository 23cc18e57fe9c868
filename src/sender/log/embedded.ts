// A delivery log over a table of this process: in memory, or in an SQLite file. The table does what it is told; the decisions are here.

import type { AttemptReason } from '../delivery.ts'
import {
  type ClaimedDelivery,
  type ClaimOptions,
  type DeliveryCounts,
  type DeliveryLog,
  type EndpointChange,
  LEAST_FAILURES,
  type LoggedDelivery,
  type NewDelivery,
  type Settlement,
} from './contract.ts'
import { readTarget, type StoredDelivery, toStored } from './stored-delivery.ts'

/** A delivery in the table. Times are milliseconds since 1970. */
export interface DeliveryRow extends StoredDelivery {
  readonly state: 'pending' | 'delivered' | 'dead'
  readonly attempt: number
  readonly ownFaults: number
  /** When it can be claimed next. While it is held, that is when the lease ends. */
  readonly dueAt: number
  readonly token: string | null
  readonly reason: AttemptReason | null
  readonly settledAt: number | null
}

/** An endpoint in the table. */
export interface EndpointRow {
  readonly id: string
  /** Since its last success. */
  readonly failures: number
  readonly failingSince: number
  readonly disabledReason: AttemptReason | null
}

/** What can be done with the table. */
export interface DeliveryTable {
  /** False if the delivery is there already. */
  insert(row: DeliveryRow): boolean
  find(endpointId: string, deliveryId: string): DeliveryRow | undefined
  update(row: DeliveryRow): void
  endpoint(id: string): EndpointRow | undefined
  writeEndpoint(row: EndpointRow): void
  /** Endpoints of which something is due. */
  dueEndpoints(now: number): readonly EndpointRow[]
  /** Pending deliveries of an endpoint that are due, the oldest first. */
  due(endpointId: string, now: number, limit: number): readonly DeliveryRow[]
  /** Makes what waits for an endpoint due. */
  hasten(endpointId: string, now: number): void
  counts(now: number): DeliveryCounts
  deleteSettled(before: number, limit: number): number
}

/** Runs work on the table that nobody else can come between. */
export type WithTable = <T>(work: (table: DeliveryTable) => T) => Promise<T>

export function embeddedLog(withTable: WithTable): DeliveryLog {
  return {
    async enqueue(delivery: NewDelivery, nowMs = Date.now()) {
      const stored = toStored(delivery)
      const isNew = await withTable((table) => insert(table, stored, nowMs))
      return isNew ? 'enqueued' : 'duplicate'
    },
    claim: (options) => withTable((table) => claim(table, options, options.nowMs ?? Date.now())),
    settle: ({ endpointId, deliveryId, token }, settlement) =>
      withTable((table) => {
        const row = table.find(endpointId, deliveryId)
        if (row?.state !== 'pending' || row.token !== token) return { isSettled: false }
        const now = settlement.nowMs ?? Date.now()
        table.update(settledRow(row, settlement, now))
        return { isSettled: true, change: changeEndpoint(table, endpointId, settlement, now) }
      }),
    find: (endpointId, deliveryId) =>
      withTable((table) => {
        const row = table.find(endpointId, deliveryId)
        return row && toLogged(row)
      }),
    markDelivered: (endpointId, deliveryId, nowMs = Date.now()) =>
      withTable((table) => {
        const row = table.find(endpointId, deliveryId)
        if (row) table.update({ ...row, state: 'delivered', reason: 'ok', token: null, settledAt: nowMs })
      }),
    enableEndpoint: (endpointId) =>
      withTable((table) => {
        const endpoint = table.endpoint(endpointId)
        if (!endpoint || endpoint.disabledReason === null) return false
        table.writeEndpoint({ ...endpoint, failures: 0, disabledReason: null })
        return true
      }),
    counts: (nowMs = Date.now()) => withTable((table) => table.counts(nowMs)),
    deleteSettled: (retentionMs, limit, nowMs = Date.now()) =>
      withTable((table) => table.deleteSettled(nowMs - retentionMs, limit)),
  }
}

function insert(table: DeliveryTable, stored: StoredDelivery, now: number): boolean {
  const fresh = { state: 'pending', attempt: 0, ownFaults: 0, dueAt: now, token: null, reason: null } as const
  if (!table.insert({ ...stored, ...fresh, settledAt: null })) return false
  const { endpointId: id } = stored
  if (!table.endpoint(id)) table.writeEndpoint({ id, failures: 0, failingSince: 0, disabledReason: null })
  return true
}

function claim(table: DeliveryTable, options: ClaimOptions, now: number): ClaimedDelivery[] {
  const found = table.dueEndpoints(now).flatMap((endpoint) => {
    const most = endpoint.failures > 0 ? 1 : options.perEndpoint
    const left = most - (options.busy.get(endpoint.id) ?? 0)
    if (left <= 0) return []
    return table.due(endpoint.id, now, Math.min(left, options.limit)).map((row) => ({ row, endpoint }))
  })
  found.sort((a, b) => a.row.dueAt - b.row.dueAt)
  let failingLeft = options.failingLimit
  const chosen = found.filter(({ endpoint }) => endpoint.failures === 0 || failingLeft-- > 0).slice(0, options.limit)
  const token = crypto.randomUUID()
  return chosen.map(({ row, endpoint }) => {
    const taken = { ...row, token, attempt: row.attempt + 1, dueAt: now + options.leaseMs }
    table.update(taken)
    const { failures, disabledReason } = endpoint
    const facts = { token, isFailing: failures > 0, disabledReason: disabledReason ?? undefined }
    return { ...toLogged(taken), ...facts, ownFaults: row.ownFaults }
  })
}

function toLogged({
  endpointId,
  target,
  deliveryId,
  event,
  body,
  state,
  attempt,
  reason,
}: DeliveryRow): LoggedDelivery {
  const endpoint = readTarget(endpointId, target)
  return {
    endpointId,
    endpoint,
    deliveryId,
    event: event ?? undefined,
    body,
    state,
    attempt,
    reason: reason ?? undefined,
  }
}

function settledRow(row: DeliveryRow, settlement: Settlement, now: number): DeliveryRow {
  const { state, attempt, ownFaults, delayMs } = settlement
  const settledAt = state === 'pending' ? null : now
  const reason = settlement.reason ?? row.reason
  return { ...row, state, attempt, ownFaults, dueAt: now + delayMs, token: null, reason, settledAt }
}

function changeEndpoint(
  table: DeliveryTable,
  id: string,
  { health, reason, disableAfterMs }: Settlement,
  now: number,
): EndpointChange | undefined {
  const endpoint = table.endpoint(id)
  if (!endpoint || endpoint.disabledReason !== null || health === 'unchanged') return undefined
  if (health === 'up') {
    if (endpoint.failures === 0) return undefined
    table.writeEndpoint({ ...endpoint, failures: 0 })
    return { state: 'recovered', sinceMs: endpoint.failingSince }
  }
  const failures = endpoint.failures + 1
  const failingSince = failures === 1 ? now : endpoint.failingSince
  const hasFailedLong = failures >= LEAST_FAILURES && now - failingSince >= disableAfterMs
  if (health === 'gone' || hasFailedLong) {
    table.writeEndpoint({ id, failures, failingSince, disabledReason: reason ?? 'gone' })
    table.hasten(id, now)
    return { state: 'disabled', sinceMs: failingSince }
  }
  table.writeEndpoint({ id, failures, failingSince, disabledReason: null })
  if (failures > 1) return undefined
  return { state: 'failing', sinceMs: failingSince }
}
