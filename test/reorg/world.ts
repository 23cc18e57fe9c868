// A random world: an honest chain that grows and forks, and providers that show it late, twice, shuffled, in part, or lie.
import fc from 'fast-check'
import type { Ledger, ReorgEvent, ReorgOptions, ReorgState } from '../../src/reorg/index.ts'

/** One move, as plain numbers, so that a failing run shrinks and can be printed. */
export interface Move {
  readonly kind: keyof typeof MOVES
  readonly a: number
  readonly b: number
  readonly c: number
}

export interface World {
  /** The honest chain, ascending and linked. */
  chain: Ledger[]
  /** Everything ever made, honest or not. */
  seen: Ledger[]
  last: ReorgEvent
  branches: number
  readonly bare: boolean
  /** Whether heights are skipped. */
  readonly sparse: boolean
}

export function createWorld(start: number, bare: boolean, sparse = false): World {
  const first = { sequence: start, hash: `h${start}.0`, closedAt: 1000 + start * 10 }
  return { chain: [first], seen: [first], last: show([first]), branches: 0, bare, sparse }
}

/** The height after this one: the next, or a few higher, without a pattern that the tracker could know. */
function heightAfter({ sparse, branches }: World, sequence: number): number {
  return sequence + 1 + (sparse ? ((sequence * 7 + branches * 3) % 5) % 4 : 0)
}

function show(ledgers: readonly Ledger[], source?: string): ReorgEvent {
  return source === undefined ? { type: 'ledgers', ledgers } : { type: 'ledgers', ledgers, source }
}

function make(world: World, below: Ledger | undefined, sequence: number, branch: number): Ledger {
  const ledger: Ledger = { sequence, hash: `h${sequence}.${branch}`, closedAt: 1000 + sequence * 10 + (branch % 7) }
  const named = below && (world.sparse || below.sequence === sequence - 1) && !world.bare
  const made = named ? { ...ledger, parentHash: below.hash } : ledger
  world.seen.push(made)
  return made
}

function grow(world: World, count: number): void {
  for (let at = 0; at < count; at++) {
    const tip = world.chain.at(-1) as Ledger
    world.chain.push(make(world, tip, heightAfter(world, tip.sequence), world.branches))
  }
}

function fork(world: World, depth: number): void {
  world.branches++
  world.chain = world.chain.slice(0, Math.max(0, world.chain.length - depth))
  const tip = world.chain.at(-1)
  const start = world.seen[0] as Ledger
  world.chain.push(make(world, tip, tip ? heightAfter(world, tip.sequence) : start.sequence, world.branches))
}

const MOVES = {
  grow: (world: World, _state: ReorgState, a: number, b: number) => {
    grow(world, 1 + (a % 4))
    return show(world.chain.slice(-1 - (b % 6)))
  },
  tip: (world: World, _state: ReorgState, a: number) => {
    grow(world, a % 3)
    return show(world.chain.slice(-1), 'tip')
  },
  fork: (world: World, _state: ReorgState, a: number, b: number, c: number) => {
    fork(world, 1 + (a % 6))
    grow(world, b % 5)
    return show(world.chain.slice(-1 - (c % 9)), 'node')
  },
  honest: (world: World, state: ReorgState) => {
    const floor = state.finalizedLedger
    const rest = world.chain.filter(({ sequence }) => sequence > floor)
    return show(rest.length ? rest : world.chain.slice(-1))
  },
  lag: (world: World, _state: ReorgState, a: number, b: number) => {
    const end = Math.max(1, world.chain.length - (a % 40))
    return show(world.chain.slice(Math.max(0, end - 1 - (b % 5)), end))
  },
  again: (world: World) => world.last,
  shuffled: (world: World, _state: ReorgState, a: number, b: number) => {
    grow(world, b % 3)
    const page = world.chain.slice(-2 - (a % 6))
    return show([...page.slice(1).reverse(), ...page, page[0] as Ledger])
  },
  old: (world: World, _state: ReorgState, a: number) => show([world.seen[a % world.seen.length] as Ledger]),
  lie: (world: World, state: ReorgState, a: number, b: number, c: number) => {
    world.branches++
    const tip = state.tip?.sequence ?? 5
    const sequence = Math.max(0, tip + (a % 14) - 9)
    const lower = state.window.chunks.flat().filter((ledger) => ledger.sequence < sequence)
    const below = world.sparse ? lower.at(-1 - (c % 3)) : lower.find((ledger) => ledger.sequence === sequence - 1)
    const ledger = make(world, b % 3 === 0 ? below : undefined, sequence, world.branches)
    const page = [b % 3 === 1 && sequence > 0 ? { ...ledger, parentHash: `x${c}` } : ledger]
    if (c % 3 === 0) page.push(make(world, page[0], sequence + 1, world.branches))
    return show(page, 'liar')
  },
  far: (world: World, state: ReorgState, a: number) => {
    world.branches++
    return show([make(world, undefined, (state.tip?.sequence ?? 0) + 2 + (a % 60), world.branches)])
  },
  /** Unlinked ledgers, each above the last, in one event. */
  islands: (world: World, state: ReorgState, a: number, b: number, c: number) => {
    world.branches++
    const start = (state.tip?.sequence ?? 0) + 2 + (a % 10)
    const height = (at: number) => start + at * (2 + (b % 5))
    return show(Array.from({ length: 1 + (c % 40) }, (_, at) => make(world, undefined, height(at), world.branches)))
  },
  /** The honest chain grows during an outage, and is then shown from its end. */
  outage: (world: World, _state: ReorgState, a: number, b: number) => {
    grow(world, a % 60)
    return show(world.chain.slice(-1 - (b % 15)))
  },
  reborn: (world: World, state: ReorgState, a: number) => {
    world.branches++
    const ledger = make(world, undefined, a % 12, world.branches)
    return show([{ ...ledger, closedAt: (state.tip?.closedAt ?? 0) + (a % 2) }])
  },
  contradiction: (world: World, _state: ReorgState, a: number) => {
    const tip = world.chain.at(-1) as Ledger
    return show([tip, { ...tip, hash: `z${a}` }])
  },
  finalized: (world: World, state: ReorgState, a: number, b: number): ReorgEvent => {
    const ledger = world.chain.at(-1 - (a % Math.min(world.chain.length, 12))) as Ledger
    if (b % 5 === 0) return { type: 'finalized', sequence: ledger.sequence }
    if (b % 5 === 1) return { type: 'finalized', sequence: ledger.sequence, hash: 'w' }
    if (b % 5 === 2) return { type: 'finalized', sequence: (state.tip?.sequence ?? 0) + (a % 5) }
    return { type: 'finalized', sequence: ledger.sequence, hash: ledger.hash }
  },
  reset: (_world: World, _state: ReorgState, a: number): ReorgEvent =>
    a % 3 === 0
      ? { type: 'reset', actor: 'operator', reason: 'test' }
      : ({ type: 'reset', actor: 'provider', reason: 'mine' } as never),
  replay: (_world: World, state: ReorgState, a: number, b: number): ReorgEvent => {
    const to = Math.max(0, (state.tip?.sequence ?? 3) - (b % 3))
    return { type: 'replay', actor: 'operator', from: Math.max(0, to - (a % 4)), to, reason: 'derive again' }
  },
  junk: (_world: World, _state: ReorgState, a: number): ReorgEvent =>
    [null, {}, { type: 'ledgers' }, { type: 'ledgers', ledgers: [{}] }, 7][a % 5] as never,
}

const WEIGHTS: Readonly<Record<keyof typeof MOVES, number>> = {
  grow: 8,
  tip: 4,
  fork: 5,
  honest: 4,
  lag: 3,
  again: 2,
  shuffled: 2,
  old: 2,
  lie: 4,
  far: 1,
  islands: 1,
  outage: 2,
  reborn: 1,
  contradiction: 1,
  finalized: 2,
  reset: 0.2 as number,
  replay: 1,
  junk: 1,
}

export function nextEvent(world: World, state: ReorgState, { kind, a, b, c }: Move): ReorgEvent {
  const event = MOVES[kind](world, state, a, b, c)
  world.last = event
  return event
}

const number = fc.nat(1000)

export const moves: fc.Arbitrary<readonly Move[]> = fc.array(
  fc.record({
    kind: fc.oneof(
      ...(Object.keys(WEIGHTS) as (keyof typeof MOVES)[]).map((kind) => ({
        arbitrary: fc.constant(kind),
        weight: Math.round(WEIGHTS[kind] * 10),
      })),
    ),
    a: number,
    b: number,
    c: number,
  }),
  { minLength: 1, maxLength: 60, size: '+1' },
)

/** Small numbers, so that ledgers become final and are forgotten within a run. */
export function configs(
  gapPolicy: 'accept' | 'need',
  heights: 'consecutive' | 'sparse' = 'consecutive',
): fc.Arbitrary<ReorgOptions> {
  return fc
    .record({
      safetyMargin: fc.nat(3),
      finalityDepth: fc.integer({ min: 1, max: 9 }),
      slack: fc.nat(30),
      orphans: fc.nat(20),
      recoveryLedgers: fc.nat(6),
      maxGap: fc.constantFrom(0, 5, 40, 17_280),
      finality: fc.constantFrom('depth' as const, 'depth' as const, 'external' as const),
      switchRule: fc.constantFrom('latest' as const, 'latest' as const, 'higher' as const),
      closeTimes: fc.constantFrom('ordered' as const, 'ordered' as const, 'unordered' as const),
    })
    .map(({ slack, ...rest }) => ({ ...rest, gapPolicy, heights, history: rest.finalityDepth + 1 + slack }))
}
