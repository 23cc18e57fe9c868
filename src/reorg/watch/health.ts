// What the tracker's state means for an operator: one word, the facts behind it, and the body of `GET /health`.

import type { Ledger } from '../ledger.ts'
import { islandOf } from '../links.ts'
import type { LedgerRange, ReorgConflict, ReorgRecord, ReorgState } from '../state.ts'
import { assessSync, type Freshness, type Time } from './freshness.ts'

/** Where the state machine is. */
export type ReorgPhase = 'empty' | 'following' | 'recovering' | 'conflicted'

/** Options of {@link reorgHealth}. */
export interface ReorgHealthOptions {
  /** The caller's clock. */
  readonly now: Time
  /** Longest lag that is healthy, in milliseconds, inclusive. Default 300,000. */
  readonly stallThresholdMs?: number | undefined
  /** When a ledger was last taken in. Default: the tip's close time; without either, lag is not judged. */
  readonly lastSyncAt?: Time | null | undefined
}

/** What {@link reorgHealth} returns. */
export interface ReorgHealth {
  /** `starting`: no ledger yet. `degraded`: look at `phase`, `need` and `island`. `stalled`: only too far behind. */
  readonly status: 'starting' | 'healthy' | 'degraded' | 'stalled'
  readonly phase: ReorgPhase
  /** True if the lag is above the threshold, whatever else is wrong. */
  readonly stalled: boolean
  /** Milliseconds, 0 or more; null if it is not known. */
  readonly lagMs: number | null
  /** Longest lag that is healthy, in milliseconds, inclusive. */
  readonly thresholdMs: number
  readonly tip: Ledger | null
  readonly lastSafeLedger: number
  readonly finalizedLedger: number
  /** The end of the chain: links tie the ledgers together up to here. */
  readonly linkedLedger: number
  /** The ledgers above that, which no link ties to the chain; null while the tip is part of the chain. */
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
 * Tells how the tracker is at a given time.
 *
 * @param state The state of the tracker.
 * @param options The clock, the threshold in milliseconds, and the last sync if it is known.
 * @returns One word, the facts behind it, and a sentence for a person.
 * @throws {ReorgError} `REORG_INVALID_ARGUMENT` if a time cannot be milliseconds, or if the threshold is not a number of 0 or more.
 *
 * @example
 * ```ts
 * const { status, phase, summary } = reorgHealth(state, { now: Date.now() })
 * ```
 */
export function reorgHealth(state: ReorgState, options: ReorgHealthOptions): ReorgHealth {
  const { tip, lastSafeLedger, finalizedLedger, linkedLedger, reorgDetected, lastReorg, conflict, need } = state
  const island = islandOf(state)
  const freshness = assessSync({ ...options, enabled: true }, options.lastSyncAt, tip?.closedAt)
  const { stalled, lagMs, thresholdMs } = freshness
  const { status, summary } = judge(state, island, freshness)
  return {
    status,
    phase: phaseOf(state),
    stalled,
    lagMs,
    thresholdMs,
    tip,
    lastSafeLedger,
    finalizedLedger,
    linkedLedger,
    island,
    reorgDetected,
    reorgCount: state.counts.reorgs,
    lastReorg,
    conflict,
    need,
    summary,
  }
}

function judge(
  state: ReorgState,
  island: LedgerRange | null,
  { stalled, lagMs, summary }: Freshness,
): Pick<ReorgHealth, 'status' | 'summary'> {
  if (!state.tip) return { status: 'starting', summary: 'No ledger has come yet.' }
  const trouble = describeTrouble(state, island)
  if (trouble !== undefined) return { status: 'degraded', summary: trouble }
  if (stalled) return { status: 'stalled', summary }
  if (lagMs === null) return { status: 'healthy', summary: 'Following the chain.' }
  return { status: 'healthy', summary: `Following the chain, ${lagMs} ms behind.` }
}

/** What is wrong beside lag, the gravest first; undefined if nothing is. */
function describeTrouble(state: ReorgState, island: LedgerRange | null): string | undefined {
  const { conflict, reorgDetected, lastReorg, need, linkedLedger } = state
  if (conflict) return `${conflict.code} at ledger ${conflict.ledger}: nothing was undone; check the provider.`
  if (reorgDetected) return `Recovering from a reorg of depth ${lastReorg?.depth} at ledger ${lastReorg?.ledger}.`
  if (need) return `Waiting for ledgers ${need.from} to ${need.to}.`
  if (!island) return undefined
  const { from, to } = island
  return `No link ties ledgers ${from} to ${to} to the chain, which is known up to ${linkedLedger}.`
}

function phaseOf({ tip, conflict, reorgDetected }: ReorgState): ReorgPhase {
  if (!tip) return 'empty'
  if (conflict) return 'conflicted'
  return reorgDetected ? 'recovering' : 'following'
}

/** Options of {@link assessHealth}. */
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
    /** Ledgers that no link ties to the chain; left out while the tip is part of the chain. */
    readonly island?: LedgerRange
  }
}

/**
 * Makes the whole body of `GET /health`. Answer it with 200: a degraded service still serves. Give a load balancer another route.
 *
 * @param state The state of the tracker.
 * @param options The clock, the threshold in milliseconds, the last sync if it is known, and the name of the service.
 * @returns The body. `indexer` is {@link assessFreshness} of `lastSyncAt`, or of the tip's close time by default.
 * @throws {ReorgError} `REORG_INVALID_ARGUMENT` if a time cannot be milliseconds, or if the threshold is not a number of 0 or more.
 *
 * @example
 * ```ts
 * response.json(assessHealth(state, { now: Date.now(), lastSyncAt, service: 'streams' }))
 * ```
 */
export function assessHealth(state: ReorgState, options: HealthOptions): HealthBody {
  const { now, service, enabled = true, stallThresholdMs } = options
  const { lastSafeLedger, reorgDetected, conflict, need, lastReorg, counts } = state
  const indexer = assessSync({ enabled, now, stallThresholdMs }, options.lastSyncAt, state.tip?.closedAt)
  const island = islandOf(state)
  const isFresh = indexer.status === 'healthy' || indexer.status === 'not_configured'
  const isCalm = !reorgDetected && !conflict && !need && !island
  return {
    status: isFresh && isCalm ? 'ok' : 'degraded',
    ...(service !== undefined && { service }),
    timestamp: new Date(now).toISOString(),
    indexer,
    lastSafeLedger,
    reorgDetected,
    reorg: { phase: phaseOf(state), count: counts.reorgs, last: lastReorg, conflict, need, ...(island && { island }) },
  }
}
