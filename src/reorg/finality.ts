// What is final. Three rules keep a liar harmless: finality by depth counts the ledgers above one, not the difference of heights; ledgers
// on islands do not count; and a step that passed over a gap moves finality nowhere (settle.ts).

import type { Contradiction } from './conflict.ts'
import { pushSafe, type ReorgEffect } from './effects.ts'
import { type Ledger, sequenceOf } from './ledger.ts'
import { countIslandLedgers, hashDemanded, isLinked, topOfRun } from './links.ts'
import type { FinalityPoint, MutableState, ReorgState } from './state.ts'
import { countAbove, ledgerAt, ledgerAtDepth, ledgerAtOrBelow, trimWindow } from './window.ts'

/**
 * What we know of a ledger that a source of finality names.
 *
 * - `agrees`: it is part of our chain
 * - `differs`: our chain has another ledger there
 * - `open`: we cannot be sure yet that our chain has come so far
 */
export type FinalityVerdict = { readonly kind: 'agrees' | 'open' } | ({ readonly kind: 'differs' } & Contradiction)

const AGREES: FinalityVerdict = { kind: 'agrees' }
const OPEN: FinalityVerdict = { kind: 'open' }

/** Compares what a source of finality says with our chain. */
export function judgeFinality(chain: ReorgState, { sequence, hash }: FinalityPoint): FinalityVerdict {
  const { window, config } = chain
  const held = ledgerAt(window, sequence)
  if (held && hash !== undefined) return compare(sequence, held.hash, hash)
  const top = ledgerAtDepth(window, depthOfProvenTop(chain))
  if (!top || sequence > top.sequence) return OPEN
  // Without a hash, it means the ledger of ours at that height.
  if (hash === undefined) return AGREES
  const demanded = hashDemanded(window, { sequence, hash }, ledgerAtOrBelow(window, sequence), config.heights)
  return demanded === null ? AGREES : compare(sequence, demanded, hash)
}

function compare(ledger: number, existingHash: string, incomingHash: string): FinalityVerdict {
  if (existingHash === incomingHash) return AGREES
  return { kind: 'differs', code: 'FINALITY_CONFLICT', ledger, existingHash, incomingHash }
}

/** The height that is final because enough ledgers are above it; 0 if there is none. */
export function finalByDepth(chain: ReorgState): number {
  const { window, config } = chain
  const depth = config.finalityDepth
  const top = depthOfProvenTop(chain)
  const above = Math.min(depth, window.size - 1 - top)
  // A ledger alone proves nothing.
  if (above < 1) return 0
  const missing = depth - above
  // Heights below the oldest ledger held count as if they were held, unless heights may be skipped.
  if (missing > 0 && config.heights === 'sparse') return 0
  const { sequence } = ledgerAtDepth(window, top + above) as Ledger
  return sequence - missing
}

/** How deep the highest ledger to count from is: below all islands, and below a chain of one ledger, which may be a lone liar's. */
function depthOfProvenTop(chain: ReorgState): number {
  const { window, config } = chain
  const islandLedgers = countIslandLedgers(chain)
  const top = ledgerAtDepth(window, islandLedgers)
  const below = ledgerAtDepth(window, islandLedgers + 1)
  const isProven = top !== undefined && below !== undefined && isLinked(below, top, config.heights)
  return isProven ? islandLedgers : islandLedgers + 1
}

/** Sets finality, and with it what is safe. Notes in `effects` what moved. */
export function moveFinality(next: MutableState, sequence: number, effects: ReorgEffect[]): void {
  const { config, tip, lastSafeLedger, finalizedLedger } = next
  if (sequence > finalizedLedger) effects.push({ type: 'finalize', sequence, previous: finalizedLedger })
  const safe = Math.max(sequenceOf(tip) - config.safetyMargin, sequence)
  pushSafe(effects, lastSafeLedger, safe)
  next.finalizedLedger = sequence
  next.lastSafeLedger = safe
  if (sequence > next.linkedLedger) extendChain(next, sequence)
}

/** A source of finality vouches for a ledger on an island, so the chain reaches up to there, whatever lies between. */
function extendChain(next: MutableState, sequence: number): void {
  const { window, config } = next
  next.linkedLedger = topOfRun(window, sequence, config.heights)
  next.window = trimWindow(window, config.history + countAbove(window, next.linkedLedger))
}
