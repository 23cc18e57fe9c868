// Reads the rows that the statements answer with. The client was probed for giving texts, numbers and booleans as they are.

import type { Row } from '../../../stores/postgres/client.ts'
import type { AttemptReason } from '../../delivery.ts'
import type { ClaimedDelivery, DeliveryCounts, EndpointChange, LoggedDelivery } from '../contract.ts'
import { readTarget } from '../stored-delivery.ts'

/** A row of the deliveries, as the schema has it. */
interface LogRow {
  readonly endpoint: string
  readonly id: string
  readonly target: string | null
  readonly event: string | null
  readonly body: string
  readonly state: LoggedDelivery['state']
  readonly attempt: number
  readonly own_faults: number
  readonly reason: AttemptReason | null
  readonly is_failing?: boolean
  readonly disabled_reason?: AttemptReason | null
}

export function readLogged(row: Row): LoggedDelivery {
  const { endpoint, id, target, event, body, state, attempt, reason } = row as unknown as LogRow
  return {
    endpointId: endpoint,
    endpoint: readTarget(endpoint, target),
    deliveryId: id,
    event: event ?? undefined,
    body: new Uint8Array(Buffer.from(body, 'base64')),
    state,
    attempt,
    reason: reason ?? undefined,
  }
}

export function readClaimed(row: Row, token: string): ClaimedDelivery {
  const { own_faults, is_failing, disabled_reason } = row as unknown as LogRow
  const facts = { isFailing: is_failing === true, disabledReason: disabled_reason ?? undefined }
  return { ...readLogged(row), token, ownFaults: own_faults, ...facts }
}

export function readChange(row: Row | undefined): EndpointChange | undefined {
  const { change, failing_since } = row ?? {}
  if (change !== 'failing' && change !== 'recovered' && change !== 'disabled') return undefined
  return { state: change, sinceMs: Number(failing_since) }
}

export function readCounts(row: Row | undefined): DeliveryCounts {
  const { pending, due, oldest, delivered, dead } = row ?? {}
  const ended = { delivered: Number(delivered), dead: Number(dead) }
  return { pending: Number(pending), due: Number(due), oldestDueMs: Number(oldest ?? 0), ...ended }
}
