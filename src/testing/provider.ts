// A simulated provider: a whole, hash-linked chain, of which it shows parts. `ledgerChain` plays a list of its moves in advance,
// `reorgCommands` one at a time against an indexer.

import type { ReorgEvent } from '../reorg/event.ts'
import type { Ledger } from '../reorg/ledger.ts'
import { sha256 } from '../shared/hmac.ts'

/** @internal What the provider may do, and how its ledgers look. */
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

/** @internal One thing that a provider does. Numbers are taken as far as the chain at hand allows. */
export type Move = Deed & {
  /** Whether each event comes twice, as from a provider that delivers at least once. */
  readonly again: boolean
}

type Deed =
  | { readonly type: 'grow'; readonly count: number }
  | { readonly type: 'fork'; readonly depth: number; readonly count: number; readonly headFirst: boolean }
  | { readonly type: 'lag'; readonly depth: number; readonly count: number }
  | { readonly type: 'gap'; readonly missing: number; readonly count: number }
  | { readonly type: 'late'; readonly depth: number }
  | { readonly type: 'finalize'; readonly depth: number }
  | { readonly type: 'reset'; readonly count: number }

/** @internal The chain of a provider and what it has shown of it. */
export interface Provider {
  readonly settings: ProviderSettings
  /** The whole chain, oldest first: linked, and consecutive unless heights are skipped. */
  chain: Ledger[]
  /** Every ledger that there ever was, by hash. */
  known: Map<string, Ledger>
  /** Heights of the chain that were never shown. */
  hidden: Set<number>
  /** How many branches there have been: no two ledgers share a hash. */
  branches: number
  /** Nothing at this height or below is replaced. */
  finalized: number
  /** The highest that there has been since the last reset. */
  highest: number
  /** When the next chain begins. */
  time: number
}

/** @internal */
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

/** @internal What a consumer that was shown everything holds: the chain without what was never shown, oldest first. */
export function shownLedgers(provider: Provider): Ledger[] {
  return provider.chain.filter(({ sequence }) => !provider.hidden.has(sequence))
}

/** @internal Carries out a move, and gives the events that show it; none where the chain gives no occasion. */
export function show(provider: Provider, move: Move): ReorgEvent[] {
  const events = carryOut(provider, move)
  return move.again ? events.flatMap((event) => [event, event]) : events
}

/** @internal Whether a move would show anything. */
export function canShow(provider: Provider, move: Move): boolean {
  const { chain, known, hidden } = provider
  return carryOut({ ...provider, chain: [...chain], known: new Map(known), hidden: new Set(hidden) }, move).length > 0
}

function carryOut(provider: Provider, move: Deed): ReorgEvent[] {
  const { chain, hidden, settings } = provider
  const shown = shownLedgers(provider)
  const tip = shown[shown.length - 1]
  // A consumer may call final what has been that far below a tip, even if the tip has come down since.
  const lowest = Math.max(provider.finalized, provider.highest - settings.maxForkDepth) + 1
  switch (move.type) {
    case 'grow':
      return batches(provider, extend(provider, move.count))
    case 'fork': {
      const replaceable = shown.slice(1).filter(({ sequence }) => sequence >= lowest)
      const foot = replaceable[Math.max(0, replaceable.length - move.depth)]
      if (!foot) return []
      provider.chain = chain.filter(({ sequence }) => sequence < foot.sequence)
      for (const sequence of hidden) if (sequence >= foot.sequence) hidden.delete(sequence)
      provider.branches++
      if (!move.headFirst || !settings.parentHash) return batches(provider, extend(provider, move.count))
      // First the ledger right above the old tip: it says that there is another branch, but not where that one forks off.
      const branch = extend(provider, (tip as Ledger).sequence + 2 - foot.sequence)
      return [ledgersEvent(branch.slice(-1)), ...batches(provider, branch)]
    }
    case 'lag': {
      const from = Math.max(0, shown.length - 1 - move.depth)
      const known = shown.slice(from, from + move.count)
      return known.length > 0 ? [ledgersEvent(known)] : []
    }
    case 'gap': {
      if (!tip || settings.maxGap === 0) return []
      for (const { sequence } of extend(provider, Math.min(move.missing, settings.maxGap))) hidden.add(sequence)
      return batches(provider, extend(provider, move.count))
    }
    case 'late': {
      const heights = [...hidden].filter((sequence) => sequence >= lowest)
      const height = heights.sort((one, other) => other - one)[move.depth % Math.max(1, heights.length)]
      if (height === undefined) return []
      hidden.delete(height)
      return [ledgersEvent(provider.chain.filter(({ sequence }) => sequence === height))]
    }
    case 'finalize': {
      const ledger = shown[shown.length - 1 - move.depth]
      if (!ledger || ledger.sequence <= provider.finalized) return []
      provider.finalized = ledger.sequence
      return [{ type: 'finalized', sequence: ledger.sequence, hash: ledger.hash }]
    }
    case 'reset': {
      if (!tip) return []
      provider.time += 1_000_000
      provider.chain = []
      provider.hidden = new Set()
      provider.finalized = -1
      provider.highest = -1
      provider.branches++
      const reset: ReorgEvent = { type: 'reset', actor: 'operator', reason: 'the network was reset' }
      return [reset, ...batches(provider, extend(provider, move.count))]
    }
  }
}

/** Adds ledgers of the present branch on top of the chain. */
function extend(provider: Provider, count: number): Ledger[] {
  const { settings, chain, known, branches, time } = provider
  const added: Ledger[] = []
  for (let left = count; left > 0; left--) {
    const parent = chain[chain.length - 1]
    const sequence: number = parent ? parent.sequence + stepAfter(provider, parent) : settings.firstSequence
    const ledger: Ledger = {
      sequence,
      hash: hashOf(settings, sequence, branches),
      ...(settings.parentHash && {
        parentHash: parent ? parent.hash : hashOf(settings, sequence - 1, branches),
      }),
      ...(settings.closedAt && { closedAt: parent?.closedAt === undefined ? time : closeAfter(provider, parent) }),
    }
    chain.push(ledger)
    known.set(ledger.hash, ledger)
    added.push(ledger)
    provider.highest = Math.max(provider.highest, sequence)
  }
  return added
}

// By heights and branches alone, so that the options change nothing else of what a seed generates.

/** By how much the next height is higher: 1, or now and then more. */
function stepAfter({ settings, branches }: Provider, { sequence }: Ledger): number {
  if (settings.heights === 'consecutive') return 1
  return [1, 1, 1, 2, 1, 3, 10][(sequence * 31 + branches * 17) % 7] as number
}

/** When the next ledger closes: 5 s later, or at some time within the quarter of an hour before or after. */
function closeAfter({ settings, branches }: Provider, { sequence, closedAt }: Ledger): number {
  const seconds = settings.closeTimes === 'ordered' ? 5 : [600, -300, 900, 0, -899][(sequence * 13 + branches * 7) % 5]
  return (closedAt as number) + (seconds as number)
}

/** Readable, `105:2` being height 105 on the branch 2; or the SHA-256 of that. */
function hashOf({ hashFormat }: ProviderSettings, sequence: number, branch: number): string {
  const name = `${sequence}:${branch}`
  if (hashFormat === 'readable') return name
  return Array.from(sha256(new TextEncoder().encode(name)), (byte) => byte.toString(16).padStart(2, '0')).join('')
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
