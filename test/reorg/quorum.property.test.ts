// A quorum of three with two honest sources: whatever the third sends, what the two agree on is released, and memory stays bounded.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createQuorum, type Ledger, type QuorumState, stepQuorum } from '../../src/reorg/index.ts'
import { chain, deepFreeze } from './support.ts'

const SOURCES = ['one', 'two', 'liar'] as const
const LENGTH = 80

interface Plan {
  readonly maxPending: number
  /** How many ledgers are in each page of the two honest sources, turn by turn. */
  readonly sizes: readonly number[]
  /** Which source sends, turn by turn. */
  readonly turns: readonly number[]
  readonly lies: readonly (readonly Ledger[])[]
}

const truth = chain(1, LENGTH)

/** What a liar may send, in any amount: ledgers from far above, lies at the honest heights, half of the truth, nonsense. */
const lie: fc.Arbitrary<readonly Ledger[]> = fc.oneof(
  fc
    .record({ from: fc.constantFrom(1, 50, 9e15, 2 ** 53 - 200), count: fc.integer({ min: 1, max: 60 }) })
    .map(({ from, count }) => chain(from, from + count - 1, 'lie')),
  fc.shuffledSubarray(truth, { minLength: 1, maxLength: 40 }),
  fc
    .record({ at: fc.integer({ min: 2, max: LENGTH }), count: fc.integer({ min: 1, max: 20 }) })
    .map(({ at, count }) => chain(at, at + count, 'b', 'a')),
  fc.constant([{ sequence: -1, hash: '' }]),
)

const plan: fc.Arbitrary<Plan> = fc.record({
  maxPending: fc.integer({ min: 1, max: 40 }),
  sizes: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
  turns: fc.array(fc.nat(2), { minLength: 1, maxLength: 80 }),
  lies: fc.array(lie, { minLength: 1 }),
})

/** Plays a plan to its end: an honest source whose page is rejected sends the same page again later, as documented. */
function play({ maxPending, sizes, turns, lies }: Plan, froms: readonly [number, number]) {
  let state: QuorumState = createQuorum({ sources: SOURCES, required: 2, maxPending })
  const released: Ledger[] = []
  const next = [...froms]
  const say = (source: string, ledgers: readonly Ledger[]): string => {
    const step = stepQuorum(deepFreeze(state), { type: 'ledgers', ledgers, source })
    must(step.status < 400 || step.state === state, 'a refusal changed the state')
    state = step.state
    released.push(...step.released)
    checkBounds(state)
    return step.code
  }
  const turn = (who: number, at: number): void => {
    if (who === 2) return void say('liar', lies[at % lies.length] as readonly Ledger[])
    const from = next[who] as number
    const size = Math.min(maxPending, sizes[at % sizes.length] as number)
    const page = truth.slice(from - 1, from - 1 + size)
    if (page.length === 0) return
    if (say(SOURCES[who] as string, page) === 'PAGE_TOO_LARGE') return
    next[who] = from + page.length
  }
  for (const [at, who] of turns.entries()) turn(who, at)
  for (let at = 0; next.some((from) => from <= LENGTH) && at < 20 * LENGTH; at++) turn(at % 3, at)
  return { state, released, finished: next.every((from) => from > LENGTH) }
}

function checkBounds({ pending, maxPending }: QuorumState): void {
  for (const source of SOURCES) {
    const votes = pending.filter((height) => Object.hasOwn(height.votes, source))
    const waiting = votes.filter(({ votes, released }) => votes[source]?.hash !== released?.hash)
    // Another ledger may have been released since at a height where it voted: its vote is dropped when it next needs the capacity.
    must(votes.length <= 2 * maxPending && waiting.length <= 2 * maxPending, `${source} takes too much room`)
  }
  must(pending.filter(({ released }) => released).length <= maxPending, 'too much is remembered')
  const ascends = pending.every(({ sequence }, at) => at === 0 || sequence > (pending[at - 1]?.sequence ?? 0))
  must(ascends, 'the heights do not ascend')
}

/** A cheap assertion, because it runs very often. */
function must(fact: boolean, what: string): void {
  if (!fact) throw new Error(what)
}

const hashes = (ledgers: Iterable<Ledger>): string[] => [...ledgers].map(({ hash }) => hash)

describe('a quorum of three with a liar', () => {
  it('releases everything that the two honest sources agree on, in whatever order and pages it comes', () => {
    fc.assert(
      fc.property(plan, (plan) => {
        const { released, finished } = play(plan, [1, 1])
        expect(finished).toBe(true)
        expect([...new Set(hashes(released))]).toEqual(expect.arrayContaining(hashes(truth)))
        // And nothing that only one of them says.
        expect(released.filter(({ hash }) => !hash.startsWith('a'))).toEqual([])
      }),
      { numRuns: 200 },
    )
  })

  it('releases each ledger once and in order, if nobody repeats forgotten ones', () => {
    fc.assert(
      fc.property(plan, (plan) => {
        const alone = { ...plan, lies: [chain(9e15, 9e15 + 20, 'lie')] }
        expect(hashes(play(alone, [1, 1]).released)).toEqual(hashes(truth))
      }),
      { numRuns: 100 },
    )
  })

  it('is not stopped by sources that start at different heights', () => {
    fc.assert(
      fc.property(plan, fc.integer({ min: 2, max: LENGTH - 1 }), fc.boolean(), (plan, later, swap) => {
        // The third is as far as the others, so the quorum does not wait for what it will not send any more.
        const lies = [chain(9e15, 9e15, 'lie')]
        const { released, finished } = play(
          { ...plan, lies, turns: [2, ...plan.turns] },
          swap ? [later, 1] : [1, later],
        )
        expect(finished).toBe(true)
        expect(hashes(released)).toEqual(hashes(truth.slice(later - 1)))
      }),
      { numRuns: 200 },
    )
  })
})
