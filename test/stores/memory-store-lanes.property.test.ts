// The lanes of the memory store, compared with a list that is searched from end to end.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  dequeue,
  emptyLanes,
  enqueue,
  findEnded,
  findOldest,
  type Lanes,
  type Queued,
} from '../../src/stores/memory/lanes.ts'

interface Member extends Queued<Member> {
  readonly name: number
}

function member(name: number, until: number): Member {
  return { name, until, lane: undefined, before: undefined, after: undefined, turn: 0 }
}

function lanesOf(lanes: Lanes<Member>): Member[][] {
  return lanes.lanes.map((lane) => {
    const members: Member[] = []
    for (let each = lane.first; each; each = each.after) members.push(each)
    return members
  })
}

const lasting = fc.oneof(fc.constantFrom(10, 50, 50, 100, Number.POSITIVE_INFINITY), fc.nat(1000))
const step = fc.oneof(
  fc.record({ do: fc.constant('enqueue' as const), lasting }),
  fc.record({ do: fc.constant('again' as const), which: fc.nat(), lasting }),
  fc.record({ do: fc.constant('dequeue' as const), which: fc.nat() }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.nat(60) }),
)

describe('lanes', () => {
  it('find what has ended, whatever was added and removed, with any number of durations', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const lanes = emptyLanes<Member>()
        const all: Member[] = []
        let now = 0
        for (const [at, each] of steps.entries()) {
          if (each.do === 'wait') now += each.ms
          else if (each.do === 'enqueue') {
            all.push(member(at, now + each.lasting))
            enqueue(lanes, all.at(-1)!)
          } else if (all.length > 0) {
            const [chosen] = all.splice(each.which % all.length, 1) as [Member]
            if (each.do === 'dequeue') dequeue(chosen)
            else {
              chosen.until = now + each.lasting
              enqueue(lanes, chosen)
              all.push(chosen)
            }
          }
          const inLanes = lanesOf(lanes)
          expect(
            inLanes
              .flat()
              .map(({ name }) => name)
              .sort(),
          ).toEqual(all.map(({ name }) => name).sort())
          expect(lanes.size).toBe(all.length)
          expect(inLanes.length).toBeLessThanOrEqual(16)
          for (const one of inLanes) {
            const ends = one.map(({ until }) => until)
            expect(ends).toEqual([...ends].sort((a, b) => a - b))
          }
          const ended = all.filter(({ until }) => until <= now)
          expect(findEnded(lanes, now) === undefined).toBe(ended.length === 0)
          if (ended.length > 0) expect(ended).toContain(findEnded(lanes, now))
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('find the next to end even if each lasts less long than all before it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 17, max: 60 }), fc.array(fc.nat(2000), { maxLength: 20 }), (count, more) => {
        const lanes = emptyLanes<Member>()
        const all: number[] = []
        for (const until of [...Array.from({ length: count }, (_, n) => 1000 - 10 * n), ...more]) {
          enqueue(lanes, member(all.length, until))
          all.push(until)
        }
        expect(lanes.lanes).toHaveLength(16)
        for (const until of all.sort((a, b) => a - b)) {
          expect(findEnded(lanes, until - 1)).toBeUndefined()
          const next = findEnded(lanes, until)
          expect(next?.until).toBe(until)
          dequeue(next!)
        }
        expect(lanes.size).toBe(0)
      }),
      { numRuns: 200 },
    )
  })

  it('find the oldest that ends at all, if there are no more durations than lanes', () => {
    const lengths = [10, 50, 100, 400, Number.POSITIVE_INFINITY]
    const steps = fc.array(fc.tuple(fc.constantFrom(...lengths), fc.nat(20)), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(steps, (all) => {
        const lanes = emptyLanes<Member>()
        const members: Member[] = []
        let now = 0
        for (const [lasting, wait] of all) {
          now += wait
          members.push(member(members.length, now + lasting))
          enqueue(lanes, members.at(-1)!)
        }
        // In the order in which they were added.
        while (members.length > 0) {
          const oldest = findOldest(lanes, Number.MAX_VALUE) ?? findOldest(lanes)
          const expected = members.find(({ until }) => until <= Number.MAX_VALUE) ?? members[0]
          expect(oldest?.name).toBe(expected?.name)
          dequeue(oldest!)
          members.splice(members.indexOf(oldest!), 1)
        }
        expect(findOldest(lanes)).toBeUndefined()
      }),
      { numRuns: 500 },
    )
  })
})
