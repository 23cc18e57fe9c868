/**
 * A chain that may reorganise: a pure state machine that tells lag, reorg, finality conflict and chain reset apart.
 *
 * @module
 */

export { FluxoraError } from '../shared/fluxora-error.ts'
export { type ReorgConfig, type ReorgOptions, STELLAR } from './config.ts'
export { type ReorgResume, reorgCursor, resumeReorg } from './cursor.ts'
export type {
  ApplyEffect,
  FinalizeEffect,
  GapEffect,
  LateEffect,
  NeedEffect,
  RecoveredEffect,
  ReorgCode,
  ReorgEffect,
  ReorgStatus,
  ReorgStep,
  RollbackEffect,
  SafeEffect,
  WarnEffect,
} from './effects.ts'
export { isReorgError, ReorgError, type ReorgErrorCode } from './errors.ts'
export { assessFreshness, type Freshness, type FreshnessInput, type Time } from './freshness.ts'
export {
  assessHealth,
  type HealthBody,
  type HealthOptions,
  type ReorgHealth,
  type ReorgHealthOptions,
  type ReorgPhase,
  reorgHealth,
} from './health.ts'
export { invertEffects } from './invert.ts'
export { type ReorgMetric, reorgMetrics } from './metrics.ts'
export { createQuorum, type QuorumCode, type QuorumOptions, type QuorumStep, stepQuorum } from './quorum.ts'
export type { QuorumState, QuorumVotes } from './quorum-state.ts'
export { parseReorgState, serializeReorgState } from './serialize.ts'
export {
  createReorgState,
  type FinalityPoint,
  type LedgerRange,
  type OrphanedBranch,
  type ReorgConflict,
  type ReorgConflictCode,
  type ReorgCounts,
  type ReorgRecord,
  type ReorgRecovery,
  type ReorgState,
} from './state.ts'
export { checkStellarHeader, type StellarHeaderCheck } from './stellar-header.ts'
export { stepReorg } from './step.ts'
export type { FinalizedEvent, LedgersEvent, ReorgEvent, ReplayEvent, ResetEvent } from './validate.ts'
export type { Ledger, LedgerWindow } from './window.ts'
