/**
 * What the tracker's state means for an operator: one word, the facts behind it, and the body of `GET /health`.
 *
 * @module
 */
import { assessSync, type Freshness, type Time } from './freshness.ts'
import { islandOf } from './links.ts'
import type { LedgerRange, ReorgConflict, ReorgRecord, ReorgState } from './state.ts'
import type { Ledger } from './window.ts'

/** Where the state machine is. */
export type ReorgPhase = 'empty' | 'following' | 'recovering' | 'conflicted'

/** Options of {@link reorgHealth}. */
export interface ReorgHealthOptions {
  /** The caller's clock. */
  readonly now: Time
  /** Longest lag that is healthy, in milliseconds, inclusive. Default 300,000. */
  readonly stallThresholdMs?: number | undefined
  /** When a ledger was last taken in. Left out, the tip's close time is taken; without either, lag is not judged. */
  readonly lastSyncAt?: Time | null | undefined
}

/** What {@link reorgHealth} returns. */
export interface ReorgHealth {
  /** `starting`: no ledger yet; `degraded`: look at `phase`, `need` and `island`; `stalled`: nothing wrong but too far behind. */
  readonly status: 'starting' | 'healthy' | 'degraded' | 'stalled'
  readonly phase: ReorgPhase
  /** Whether the lag is beyond the threshold, whatever else is wrong. */
  readonly stalled: boolean
  readonly lagMs: number | null
  readonly thresholdMs: number
  readonly tip: Ledger | null
  readonly lastSafeLedger: number
  readonly finalizedLedger: number
  /** Up to here links tie the ledgers together. */
  readonly linkedLedger: number
  /** The ledgers above that, which nothing ties to the chain; null while the tip is of the chain. */
  readonly island: LedgerRange | null
  readonly reorgDetected: boolean
  readonly reorgCount: number
  readonly lastReorg: ReorgRecord | null
  readonly conflict: ReorgConflict | null
  readonly need: LedgerRange | null
  /** One sentence for a person. */
  readonly summary: string
}

/**
 * The tracker's health at a given time.
 *
 * Throws a `ReorgError` (`REORG_INVALID_ARGUMENT`) for a time that cannot be milliseconds, or a threshold that cannot be read.
 *
 * @example
 * ```ts
 * const { status, phase, summary } = reorgHealth(state, { now: Date.now() })
 * ```
 */
export function reorgHealth(state: ReorgState, options: ReorgHealthOptions): ReorgHealth {
  const { tip, conflict, need, lastReorg, reorgDetected } = state
  const island = islandOf(state)
  const freshness = assessSync({ ...options, enabled: true }, options.lastSyncAt, tip?.closedAt)
  const phase = phaseOf(state)
  const { stalled, lagMs, thresholdMs } = freshness
  let status: ReorgHealth['status'] = stalled ? 'stalled' : 'healthy'
  let summary = lagMs === null ? 'Following the chain.' : `Following the chain, ${lagMs} ms behind.`
  if (stalled) summary = freshness.summary
  if (!tip) {
    status = 'starting'
    summary = 'No ledger has come yet.'
  } else if (conflict) {
    status = 'degraded'
    summary = `${conflict.code} at ledger ${conflict.ledger}: nothing was undone; look into the provider.`
  } else if (reorgDetected) {
    status = 'degraded'
    summary = `Recovering from a reorg of depth ${lastReorg?.depth} at ledger ${lastReorg?.ledger}.`
  } else if (need) {
    status = 'degraded'
    summary = `Waiting for ledgers ${need.from} to ${need.to}.`
  } else if (island) {
    status = 'degraded'
    const known = `the chain is known up to ${state.linkedLedger}`
    summary = `Ledgers ${island.from} to ${island.to} are linked to nothing below; ${known}.`
  }
  const { lastSafeLedger, finalizedLedger, linkedLedger, counts } = state
  const facts = {
    tip,
    lastSafeLedger,
    finalizedLedger,
    linkedLedger,
    island,
    reorgDetected,
    reorgCount: counts.reorgs,
    lastReorg,
    conflict,
    need,
  }
  return { status, phase, stalled, lagMs, thresholdMs, ...facts, summary }
}

/** What {@link assessHealth} takes beside the state. */
export interface HealthOptions extends ReorgHealthOptions {
  /** Whether there is an indexer at all. Default true. */
  readonly enabled?: boolean | undefined
  /** Name of the service, for the body. */
  readonly service?: string | undefined
}

/** The body of `GET /health`. */
export interface HealthBody {
  /** `degraded` while the indexer is starting or stalled, or its tracker is recovering, conflicted, waiting for ledgers or on an island. */
  readonly status: 'ok' | 'degraded'
  readonly service?: string
  /** When this was assessed, ISO 8601. */
  readonly timestamp: string
  readonly indexer: Freshness
  readonly lastSafeLedger: number
  readonly reorgDetected: boolean
  readonly reorg: {
    readonly phase: ReorgPhase
    readonly count: number
    readonly last: ReorgRecord | null
    readonly conflict: ReorgConflict | null
    readonly need: LedgerRange | null
    /** Only while the tip is on one: ledgers that nothing ties to the chain. */
    readonly island?: LedgerRange
  }
}

/**
 * The whole body of `GET /health`. Answer it with 200: a degraded service still serves; tell a load balancer by another route.
 *
 * Throws as {@link reorgHealth} does. `indexer` is `assessFreshness` of `lastSyncAt`, or of the tip's close time where that is left out.
 *
 * @example
 * ```ts
 * response.json(assessHealth(state, { now: Date.now(), lastSyncAt, service: 'streams' }))
 * ```
 */
export function assessHealth(state: ReorgState, options: HealthOptions): HealthBody {
  const { now, service, enabled = true, stallThresholdMs } = options
  const indexer = assessSync({ enabled, now, stallThresholdMs }, options.lastSyncAt, state.tip?.closedAt)
  const island = islandOf(state)
  const { lastSafeLedger, reorgDetected, conflict, need, lastReorg, counts } = state
  const calm = indexer.status === 'healthy' || indexer.status === 'not_configured'
  return {
    status: calm && !reorgDetected && !conflict && !need && !island ? 'ok' : 'degraded',
    ...(service === undefined ? {} : { service }),
    timestamp: new Date(now).toISOString(),
    indexer,
    lastSafeLedger,
    reorgDetected,
    reorg: { phase: phaseOf(state), count: counts.reorgs, last: lastReorg, conflict, need, ...(island && { island }) },
  }
}

function phaseOf({ tip, conflict, reorgDetected }: ReorgState): ReorgPhase {
  if (!tip) return 'empty'
  if (conflict) return 'conflicted'
  return reorgDetected ? 'recovering' : 'following'
}
