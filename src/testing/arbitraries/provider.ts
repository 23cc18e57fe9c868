// A simulated provider. It has a whole chain, linked by hash, and shows parts of it. `ledgerChain` plays a list of its moves in advance,
// `reorgCommands` plays them one at a time against an indexer.

import type { ReorgEvent } from '../../reorg/event.ts'
import type { Ledger } from '../../reorg/ledger.ts'
import { encodeHex } from '../../shared/encoding.ts'
import { sha256 } from '../signing/sha256.ts'

/** What the provider may do, and what its ledgers look like. */
export interface ProviderSettings {
  readonly firstSequence: number
  readonly maxForkDepth: number
  readonly maxBatch: number
  readonly maxGap: number
  readonly parentHash: boolean
  readonly closedAt: boolean
  readonly heights: 'consecutive' | 'sparse'
  readonly closeTimes: 'ordered' | 'unordered'
  readonly hashFormat: 'readable' | 'hex64'
}

/** One thing that a provider does. A depth beyond the chain is taken as far as the chain goes. */
export type Move = Action & {
  /** Whether each event comes twice, as from a provider that delivers at least once. */
  readonly again: boolean
}

type Action = Grow | Fork | Lag | Gap | Late | Finalize | Reset

interface Grow {
  readonly type: 'grow'
  readonly count: number
}

interface Fork {
  readonly type: 'fork'
  readonly depth: number
  readonly count: number
  readonly headFirst: boolean
}

interface Lag {
  readonly type: 'lag'
  readonly depth: number
  readonly count: number
}

interface Gap {
  readonly type: 'gap'
  readonly missing: number
  readonly count: number
}

interface Late {
  readonly type: 'late'
  readonly depth: number
}

interface Finalize {
  readonly type: 'finalize'
  readonly depth: number
}

interface Reset {
  readonly type: 'reset'
  readonly count: number
}

/** The chain of a provider, and what it has shown of it. */
export interface Provider {
  readonly settings: ProviderSettings
  /** The whole chain, oldest first: linked, and consecutive unless heights are skipped. */
  chain: Ledger[]
  /** Every ledger there has ever been, by hash. */
  known: Map<string, Ledger>
  /** Heights of the chain that were never shown. */
  hidden: Set<number>
  /** How many branches there have been, so no two ledgers share a hash. */
  branches: number
  /** Nothing at this height or below is replaced. */
  finalized: number
  /** The highest ledger since the last reset. */
  highest: number
  /** When the next chain begins, in Unix seconds. */
  time: number
}

export function createProvider(settings: ProviderSettings): Provider {
  return {
    settings,
    chain: [],
    known: new Map(),
    hidden: new Set(),
    branches: 0,
    finalized: -1,
    highest: -1,
    time: 1_700_000_000,
  }
}

/** What a consumer holds that was shown everything: the chain without the hidden ledgers, oldest first. */
export function shownLedgers(provider: Provider): Ledger[] {
  return provider.chain.filter(({ sequence }) => !provider.hidden.has(sequence))
}

/** Carries out a move and returns the events that show it. There are none if the chain does not allow the move. */
export function carryOut(provider: Provider, move: Move): ReorgEvent[] {
  const events = act(provider, move)
  if (!move.again) return events
  return events.flatMap((event) => [event, event])
}

/** Whether a move would show anything. */
export function canCarryOut(provider: Provider, move: Move): boolean {
  const { chain, known, hidden } = provider
  const copy = { ...provider, chain: [...chain], known: new Map(known), hidden: new Set(hidden) }
  return act(copy, move).length > 0
}

function act(provider: Provider, move: Action): ReorgEvent[] {
  switch (move.type) {
    case 'grow':
      return grow(provider, move.count)
    case 'fork':
      return fork(provider, move)
    case 'lag':
      return showAgain(provider, move)
    case 'gap':
      return leaveOut(provider, move)
    case 'late':
      return showLate(provider, move)
    case 'finalize':
      return finalize(provider, move)
    case 'reset':
      return reset(provider, move)
  }
}

function grow(provider: Provider, count: number): ReorgEvent[] {
  return batches(provider, extend(provider, count))
}

/** Replaces the end of the chain by another branch. */
function fork(provider: Provider, { depth, count, headFirst }: Fork): ReorgEvent[] {
  const { chain, hidden, settings } = provider
  const shown = shownLedgers(provider)
  const lowest = lowestReplaceable(provider)
  const replaceable = shown.slice(1).filter(({ sequence }) => sequence >= lowest)
  const foot = replaceable[Math.max(0, replaceable.length - depth)]
  const tip = shown.at(-1)
  if (!foot || !tip) return []
  provider.chain = chain.filter(({ sequence }) => sequence < foot.sequence)
  for (const sequence of hidden) if (sequence >= foot.sequence) hidden.delete(sequence)
  provider.branches++
  if (!headFirst || !settings.parentHash) return grow(provider, count)
  // First the ledger right above the old tip: it reveals another branch, but not where that branch forks off.
  const branch = extend(provider, tip.sequence + 2 - foot.sequence)
  return [ledgersEvent(branch.slice(-1)), ...batches(provider, branch)]
}

/** Shows old ledgers again. */
function showAgain(provider: Provider, { depth, count }: Lag): ReorgEvent[] {
  const shown = shownLedgers(provider)
  const from = Math.max(0, shown.length - 1 - depth)
  const old = shown.slice(from, from + count)
  if (old.length === 0) return []
  return [ledgersEvent(old)]
}

/** Grows by ledgers that stay hidden, and by others above them that do not. */
function leaveOut(provider: Provider, { missing, count }: Gap): ReorgEvent[] {
  const { hidden, settings } = provider
  if (settings.maxGap === 0 || shownLedgers(provider).length === 0) return []
  for (const { sequence } of extend(provider, Math.min(missing, settings.maxGap))) hidden.add(sequence)
  return grow(provider, count)
}

/** Shows a ledger that was left out. */
function showLate(provider: Provider, { depth }: Late): ReorgEvent[] {
  const { chain, hidden } = provider
  const lowest = lowestReplaceable(provider)
  const heights = [...hidden].filter((sequence) => sequence >= lowest).sort((one, other) => other - one)
  const height = heights[depth % Math.max(1, heights.length)]
  if (height === undefined) return []
  hidden.delete(height)
  return [ledgersEvent(chain.filter(({ sequence }) => sequence === height))]
}

function finalize(provider: Provider, { depth }: Finalize): ReorgEvent[] {
  const shown = shownLedgers(provider)
  const ledger = shown[shown.length - 1 - depth]
  if (!ledger || ledger.sequence <= provider.finalized) return []
  provider.finalized = ledger.sequence
  return [{ type: 'finalized', sequence: ledger.sequence, hash: ledger.hash }]
}

/** Begins another chain, as a test network does. */
function reset(provider: Provider, { count }: Reset): ReorgEvent[] {
  if (shownLedgers(provider).length === 0) return []
  provider.time += 1_000_000
  provider.chain = []
  provider.hidden = new Set()
  provider.finalized = -1
  provider.highest = -1
  provider.branches++
  return [{ type: 'reset', actor: 'operator', reason: 'the network was reset' }, ...grow(provider, count)]
}

/** A consumer may call a ledger final that was ever this far below a tip, even if the tip has come down since. */
function lowestReplaceable({ finalized, highest, settings }: Provider): number {
  return Math.max(finalized, highest - settings.maxForkDepth) + 1
}

/** Adds ledgers of the current branch on top of the chain. */
function extend(provider: Provider, count: number): Ledger[] {
  const added: Ledger[] = []
  for (let left = count; left > 0; left--) {
    const ledger = nextLedger(provider)
    provider.chain.push(ledger)
    provider.known.set(ledger.hash, ledger)
    provider.highest = Math.max(provider.highest, ledger.sequence)
    added.push(ledger)
  }
  return added
}

function nextLedger(provider: Provider): Ledger {
  const { settings, chain, branches } = provider
  const parent = chain.at(-1)
  const sequence = heightAfter(provider, parent)
  return {
    sequence,
    hash: hashOf(settings, sequence, branches),
    ...(settings.parentHash && { parentHash: parent?.hash ?? hashOf(settings, sequence - 1, branches) }),
    ...(settings.closedAt && { closedAt: closeTimeAfter(provider, parent) }),
  }
}

function heightAfter({ settings, branches }: Provider, parent: Ledger | undefined): number {
  if (!parent) return settings.firstSequence
  const { sequence } = parent
  if (settings.heights === 'consecutive') return sequence + 1
  return sequence + pick([1, 1, 1, 2, 1, 3, 10], sequence * 31 + branches * 17)
}

/** 5 seconds after the parent, or at some time within the quarter of an hour before or after it. */
function closeTimeAfter({ settings, branches, time }: Provider, parent: Ledger | undefined): number {
  if (parent?.closedAt === undefined) return time
  if (settings.closeTimes === 'ordered') return parent.closedAt + 5
  return parent.closedAt + pick([600, -300, 900, 0, -899], parent.sequence * 13 + branches * 7)
}

/** Depends on heights and branches only, so the options change nothing else that a seed generates. */
function pick(numbers: readonly number[], place: number): number {
  return numbers[place % numbers.length] as number
}

/** `105:2` for height 105 on branch 2, or the SHA-256 of that. */
function hashOf({ hashFormat }: ProviderSettings, sequence: number, branch: number): string {
  const name = `${sequence}:${branch}`
  if (hashFormat === 'readable') return name
  return encodeHex(sha256(new TextEncoder().encode(name)))
}

function batches({ settings }: Provider, ledgers: readonly Ledger[]): ReorgEvent[] {
  const events: ReorgEvent[] = []
  for (let at = 0; at < ledgers.length; at += settings.maxBatch)
    events.push(ledgersEvent(ledgers.slice(at, at + settings.maxBatch)))
  return events
}

function ledgersEvent(ledgers: readonly Ledger[]): ReorgEvent {
  return { type: 'ledgers', ledgers }
}
