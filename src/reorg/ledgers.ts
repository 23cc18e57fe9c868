// An event of ledgers from a provider. Each ledger is classified (place.ts) and applied to a draft of the next state (apply.ts); then the
// step is settled (settle.ts). A single ledger that cannot be taken in turns down the whole event, so a consumer never sees half of a
// branch.

import { accept, type ReorgStep, reject } from './answer.ts'
import { applyLedger, type Draft, startDraft, updateLinkedLedger } from './apply.ts'
import { rejectConflict } from './conflict.ts'
import { remember } from './create-state.ts'
import type { ApplyEffect, LateEffect } from './effects.ts'
import type { Ledger } from './ledger.ts'
import { countIslandLedgers, maxIslandLedgers } from './links.ts'
import { isBeaten, type Obstacle, type Placement, placeLedger } from './place.ts'
import { settle } from './settle.ts'
import type { ReorgState } from './state.ts'
import { appendLedgers } from './window.ts'

/** Takes in a page of ledgers, in ascending order. */
export function stepLedgers(state: ReorgState, page: readonly Ledger[], source: string | undefined): ReorgStep {
  const draft = startDraft(state, source)
  let at = 0
  for (const ledger of page) {
    const placement = classify(draft, ledger, page, at)
    if (!placement.ok) return turnDown(state, placement, ledger, source)
    applyLedger(draft, ledger, placement)
    at++
  }
  const { next, fresh, code } = draft
  if (code === 'DUPLICATE' || code === 'STALE') return accept(state, code, [])

  updateLinkedLedger(draft)
  const islandLedgers = countAllIslandLedgers(draft)
  if (islandLedgers > maxIslandLedgers(next.config)) return askBelowIslands(state, draft)
  next.window = appendLedgers(next.window, fresh, next.config.history + islandLedgers)
  return settle(draft)
}

/** What a ledger is to the chain in the draft. */
function classify(draft: Draft, ledger: Ledger, page: readonly Ledger[], at: number): Placement {
  const placement = placeLedger(draft.next, ledger, page, at)
  if (placement.kind === 'far') {
    // Late ledgers before it in the page may have brought the end of the chain closer.
    updateLinkedLedger(draft)
    return placeLedger(draft.next, ledger, page, at)
  }
  if (placement.kind === 'fork') {
    updateLinkedLedger(draft)
    if (isBeaten(draft.next, page)) return { ok: false, kind: 'lower' }
  }
  return placement
}

/** Answers an event because of a ledger that cannot be taken in. Nothing of the draft is used. */
function turnDown(state: ReorgState, obstacle: Obstacle, ledger: Ledger, source: string | undefined): ReorgStep {
  switch (obstacle.kind) {
    case 'need':
      return askFor(state, obstacle.from, ledger)
    case 'far':
      return reject(state, 'GAP_TOO_LARGE', 'ledgers must be within maxGap heights of the last linked ledger.')
    case 'torn':
      return reject(state, 'INVALID', 'ledgers must be of one chain, each linked to the one below it.', [], 400)
    case 'conflict':
      return rejectConflict(state, obstacle, source)
    case 'lower':
      return accept(state, 'IGNORED_LOWER_BRANCH', [])
  }
}

/** How many ledgers are on islands, counting those that are not in the window yet. */
function countAllIslandLedgers({ next, fresh }: Draft): number {
  let count = countIslandLedgers(next)
  for (const { sequence } of fresh) if (sequence > next.linkedLedger) count++
  return count
}

/** Asks for the ledgers between the chain and the first new ledger on an island, because no more islands can be held. */
function askBelowIslands(state: ReorgState, { next, effects }: Draft): ReorgStep {
  const added = effects.filter((effect) => effect.type === 'apply' || effect.type === 'late')
  const lowest = added.find(({ ledger }) => ledger.sequence > next.linkedLedger) as ApplyEffect | LateEffect
  return askFor(state, next.linkedLedger + 1, lowest.ledger)
}

/** Asks for the ledgers below one, from a height up. Nothing is undone until the replacement is here. */
function askFor(state: ReorgState, from: number, { sequence, parentHash }: Ledger): ReorgStep {
  const need = { from, to: sequence - 1, ...(parentHash && { parentHash }) }
  const reason = 'ledgers must be sent in one event with the missing ledgers below them.'
  return reject(remember(state, 'need', need), 'NEED', reason, [{ type: 'need', ...need }])
}
