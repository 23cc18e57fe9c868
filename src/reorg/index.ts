/**
 * A chain that may reorganise: a pure state machine that tells lag, reorg, finality conflict and chain reset apart.
 *
 * @module
 */
export { type ReorgConfig, type ReorgOptions, STELLAR } from './config.ts'
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
export {
  createReorgState,
  type LedgerRange,
  type OrphanedBranch,
  type ReorgConflict,
  type ReorgConflictCode,
  type ReorgCounts,
  type ReorgRecord,
  type ReorgRecovery,
  type ReorgState,
} from './state.ts'
export { stepReorg } from './step.ts'
export type { FinalizedEvent, LedgersEvent, ReorgEvent, ReplayEvent, ResetEvent } from './validate.ts'
export type { Ledger, LedgerWindow } from './window.ts'
