// A quorum of three, of whom two are honest: whatever the third sends, that on which the two agree comes out, and memory stays bounded.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createQuorum, type Ledger, type QuorumState, stepQuorum } from '../../src/reorg/index.ts'
import { chain, deepFreeze } from './support.ts'

const SOURCES = ['one', 'two', 'liar'] as const
const LENGTH = 80

interface Plan {
  readonly maxPending: number
  /** How many ledgers each page of the honest two has, turn by turn. */
  readonly sizes: readonly number[]
  /** Who speaks, turn by turn. */
  readonly turns: readonly number[]
  readonly lies: readonly (readonly Ledger[])[]
}

const truth = chain(1, LENGTH)

/** What a liar may send: from far above, at the honest heights, half of the truth, nonsense, all of it in any amount. */
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

/** Plays a plan to its end: an honest source that is refused sends the same page again later, as it is told to. */
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
    // Another ledger may have been released since at a height where it spoke: that goes when it next needs room.
    must(votes.length <= 2 * maxPending && waiting.length <= 2 * maxPending, `${source} takes too much room`)
  }
  must(pending.filter(({ released }) => released).length <= maxPending, 'too much is remembered')
  const ascends = pending.every(({ sequence }, at) => at === 0 || sequence > (pending[at - 1]?.sequence ?? 0))
  must(ascends, 'the heights do not ascend')
}

/** An assertion that costs nothing while it holds. */
function must(fact: boolean, what: string): void {
  if (!fact) throw new Error(what)
}

const hashes = (ledgers: Iterable<Ledger>): string[] => [...ledgers].map(({ hash }) => hash)

describe('a quorum of three with a liar', () => {
  it('releases all on which the honest two agree, none lost, in whatever order and pages they come', () => {
    fc.assert(
      fc.property(plan, (plan) => {
        const { released, finished } = play(plan, [1, 1])
        expect(finished).toBe(true)
        expect([...new Set(hashes(released))]).toEqual(expect.arrayContaining(hashes(truth)))
        // And nothing that one says alone.
        expect(released.filter(({ hash }) => !hash.startsWith('a'))).toEqual([])
      }),
      { numRuns: 200 },
    )
  })

  it('releases each once, in order, where nobody repeats what is forgotten', () => {
    fc.assert(
      fc.property(plan, (plan) => {
        const alone = { ...plan, lies: [chain(9e15, 9e15 + 20, 'lie')] }
        expect(hashes(play(alone, [1, 1]).released)).toEqual(hashes(truth))
      }),
      { numRuns: 100 },
    )
  })

  it('is not stopped by a start at different heights', () => {
    fc.assert(
      fc.property(plan, fc.integer({ min: 2, max: LENGTH - 1 }), fc.boolean(), (plan, later, swap) => {
        // The third has come as far as the others: what it will not say any more is not waited for.
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
