/**
 * Follows a blockchain through reorgs: a pure state machine that tells lag, reorgs, finality conflicts and chain resets apart.
 *
 * @module
 */

export { FluxoraError } from '../shared/fluxora-error.ts'
export { checkStellarHeader, type StellarHeaderCheck } from '../stellar/ledger-header.ts'
export type { ReorgCode, ReorgStatus, ReorgStep } from './answer.ts'
export { type ReorgConfig, type ReorgOptions, STELLAR } from './config.ts'
export { createReorgState } from './create-state.ts'
export type {
  ApplyEffect,
  FinalizeEffect,
  GapEffect,
  LateEffect,
  NeedEffect,
  RecoveredEffect,
  ReorgEffect,
  RollbackEffect,
  SafeEffect,
  WarnEffect,
} from './effects.ts'
export { isReorgError, ReorgError, type ReorgErrorCode } from './errors.ts'
export type { FinalizedEvent, LedgersEvent, ReorgEvent, ReplayEvent, ResetEvent } from './event.ts'
export { type ReorgResume, reorgCursor, resumeReorg } from './follow/cursor.ts'
export { invertEffects } from './follow/invert.ts'
export type { Ledger } from './ledger.ts'
export { createQuorum, type QuorumCode, type QuorumOptions, type QuorumStep, stepQuorum } from './quorum/quorum.ts'
export type { QuorumState, QuorumVotes } from './quorum/state.ts'
export { parseReorgState, serializeReorgState } from './serialize.ts'
export type {
  FinalityPoint,
  LedgerRange,
  LedgerWindow,
  OrphanedBranch,
  ReorgConflict,
  ReorgConflictCode,
  ReorgCounts,
  ReorgRecord,
  ReorgRecovery,
  ReorgState,
} from './state.ts'
export { stepReorg } from './step.ts'
export { assessFreshness, type Freshness, type FreshnessInput, type Time } from './watch/freshness.ts'
export {
  assessHealth,
  type HealthBody,
  type HealthOptions,
  type ReorgHealth,
  type ReorgHealthOptions,
  type ReorgPhase,
  reorgHealth,
} from './watch/health.ts'
export { type ReorgMetric, reorgMetrics } from './watch/metrics.ts'
