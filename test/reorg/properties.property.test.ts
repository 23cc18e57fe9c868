// Properties that need a history of their own: partition, convergence, lag, late ledgers, a lone liar, the clock, junk.
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import {
  createReorgState,
  type Ledger,
  type ReorgEvent,
  type ReorgOptions,
  type ReorgState,
  stepReorg,
} from '../../src/reorg/index.ts'
import { advance, carryOut, chain, ledgerOf, ledgers, startRun } from './support.ts'
import { configs, createWorld, moves, nextEvent } from './world.ts'

const modes = fc.constantFrom('accept' as const, 'need' as const)
const anyConfig: fc.Arbitrary<ReorgOptions> = modes.chain((mode) => configs(mode))

function follow(
  options: ReorgOptions,
  list: Parameters<typeof nextEvent>[2][],
): { state: ReorgState; world: ReturnType<typeof createWorld>; held: readonly Ledger[] } {
  const world = createWorld(20, false)
  let state = createReorgState(options)
  let held: readonly Ledger[] = []
  for (const move of list) {
    const step = stepReorg(state, nextEvent(world, state, move))
    held = carryOut(held, step.effects)
    state = step.state
  }
  return { state, world, held }
}

describe('properties', () => {
  it('P9: a batch that contradicts itself is INVALID, never a reorg', () => {
    fc.assert(
      fc.property(anyConfig, fc.integer({ min: 2, max: 30 }), fc.nat(), fc.nat(2), (options, length, at, kind) => {
        const state = stepReorg(createReorgState(options), ledgers(...chain(10, 15))).state
        const batch = chain(12, 12 + length)
        const index = at % length
        const victim = batch[index + 1] as Ledger
        if (kind === 0) batch.push({ ...victim, hash: 'other' })
        else if (kind === 1) batch[index + 1] = { ...victim, parentHash: 'other' }
        else batch[index + 1] = { ...victim, hash: (batch[index] as Ledger).hash, parentHash: 'other' }
        const step = stepReorg(state, ledgers(...batch))
        expect(step).toMatchObject({ code: 'INVALID', status: 400, effects: [] })
        expect(step.state).toBe(state)
      }),
      { numRuns: 500 },
    )
  })

  it('P10: neither the order within a batch nor the cuts between batches of a linear chain change anything', () => {
    fc.assert(
      fc.property(
        anyConfig,
        fc.integer({ min: 1, max: 90 }),
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }),
        fc.infiniteStream(fc.nat()),
        (options, length, sizes, keys) => {
          const all = chain(100, 100 + length)
          const whole = stepReorg(createReorgState(options), ledgers(...all)).state
          let state = createReorgState(options)
          for (let at = 0, turn = 0; at < all.length; turn++) {
            const size = sizes[turn % sizes.length] as number
            const batch = all.slice(at, at + size).map((ledger) => ({ ledger, key: keys.next().value as number }))
            state = stepReorg(
              state,
              ledgers(...batch.sort((one, other) => one.key - other.key).map(({ ledger }) => ledger)),
            ).state
            at += size
          }
          expect(state).toStrictEqual(whole)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('P14: with gapPolicy need, one honest page above finality restores the honest chain, whatever came before', () => {
    fc.assert(
      fc.property(configs('need'), moves, fc.integer({ min: 1, max: 30 }), (options, list, growth) => {
        const lawful = { ...options, switchRule: 'latest', finality: 'depth', maxGap: 17_280 } as const
        const { state, world, held } = follow(
          lawful,
          list.filter(({ kind }) => kind !== 'reset' && kind !== 'reborn') as never,
        )
        fc.pre(state.tip !== null)
        const final = state.finalizedLedger
        const agree = (ledger: Ledger): boolean =>
          ledger.sequence > final ||
          world.chain.some((one) => one.sequence === ledger.sequence && one.hash === ledger.hash)
        const oldest = held[0] as Ledger
        // The honest chain reaches down to ours, and its final part is ours.
        fc.pre(held.every(agree) && (world.chain[0] as Ledger).sequence <= Math.max(final, oldest.sequence))
        let tip = world.chain.at(-1) as Ledger
        while (tip.sequence < (state.tip?.sequence ?? 0) + growth) {
          const next: Ledger = { sequence: tip.sequence + 1, hash: `honest${tip.sequence + 1}`, parentHash: tip.hash }
          world.chain.push(next)
          tip = next
        }
        const replay = world.chain.filter(({ sequence }) => sequence > final)
        const after = stepReorg(state, { type: 'ledgers', ledgers: replay })
        expect(after.state.tip).toMatchObject({ sequence: tip.sequence, hash: tip.hash })
      }),
      { numRuns: 1000 },
    )
  })

  it('P15: lag is harmless', () => {
    fc.assert(
      fc.property(anyConfig, moves, fc.nat(), fc.nat(5), (options, list, at, length) => {
        const { state, held } = follow(options, list as never)
        fc.pre(held.length > 0)
        const start = at % held.length
        // Pages as a lagging provider would show them, of ledgers that we still hold, or held once and finalised.
        const page = held.slice(start, start + 1 + length).map((ledger) => ({ ...ledger }))
        // Lag looks older. A branch whose close times go back is a lie, and may look like a reset later.
        const newest = state.tip?.closedAt ?? Number.POSITIVE_INFINITY
        fc.pre(page.every(({ closedAt = 0 }) => closedAt <= newest))
        const step = stepReorg(state, { type: 'ledgers', ledgers: page })
        fc.pre(step.code !== 'INVALID') // A page with a hole, under gapPolicy need after a reset.
        expect(['DUPLICATE', 'STALE']).toContain(step.code)
        expect(step.state).toBe(state)
        expect(step.effects).toEqual([])
      }),
      { numRuns: 1000 },
    )
  })

  it('P19: nothing is keyed by sequence alone: another ledger at a known height is never a duplicate', () => {
    fc.assert(
      fc.property(anyConfig, fc.integer({ min: 2, max: 60 }), fc.nat(), (options, length, at) => {
        const all = chain(10, 10 + length)
        const state = stepReorg(createReorgState(options), ledgers(...all)).state
        const { sequence } = all[at % all.length] as Ledger
        const { code } = stepReorg(state, ledgers({ sequence, hash: 'other' }))
        expect(['REORG', 'FINALITY_CONFLICT', 'STALE', 'FORK_BELOW_ANCHOR', 'IGNORED_LOWER_BRANCH']).toContain(code)
      }),
      { numRuns: 500 },
    )
  })

  it('P20: no step reads a clock or a random number', () => {
    const spies = [vi.spyOn(Date, 'now'), vi.spyOn(Math, 'random')]
    fc.assert(
      fc.property(anyConfig, moves, (options, list) => {
        follow(options, list as never)
      }),
      { numRuns: 100, seed: 1 },
    )
    // fast-check itself may read the clock a few times; a step that did would read it thousands of times.
    const before = spies.map((spy) => spy.mock.calls.length)
    let state = createReorgState()
    for (const ledger of chain(1, 500)) state = stepReorg(state, ledgers(ledger)).state
    expect(spies.map((spy) => spy.mock.calls.length)).toEqual(before)
    for (const spy of spies) spy.mockRestore()
  })

  it('P21: with gapPolicy accept, an unseen ledger below the tip that contradicts nothing is LATE, in any order', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(chain(100, 130), { minLength: 2 }), (order) => {
        let run = startRun({ history: 200, maxGap: 1000 })
        for (const ledger of order) {
          const tip = run.state.tip
          const { run: next, step } = advance(run, ledgers(ledger))
          if (tip && ledger.sequence <= run.state.finalizedLedger) expect(step.code).toBe('STALE')
          else expect(step.code).toBe(tip && ledger.sequence < tip.sequence ? 'LATE' : 'EXTENDED')
          expect(next.state.reorgDetected).toBe(false)
          run = next
        }
      }),
      { numRuns: 500 },
    )
  })

  it('P22: no single unlinked ledger, however far ahead, moves finality or blocks the true chain', () => {
    fc.assert(
      fc.property(
        anyConfig,
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 2, max: 300 }),
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        (options, length, ahead, growth, single) => {
          const lawful = { ...options, finality: 'depth', switchRule: 'latest', maxGap: 1000 } as const
          const all = chain(50, 50 + length)
          let state = stepReorg(createReorgState(lawful), ledgers(...all)).state
          const top = 50 + length
          const before = state.finalizedLedger
          const lie = stepReorg(state, ledgers({ sequence: top + ahead, hash: 'lie' }))
          expect(lie.state.finalizedLedger).toBe(before)
          state = lie.state
          let held = carryOut(all, lie.effects)
          const rest = chain(top + 1, top + growth)
          for (const batch of single ? rest.map((ledger) => [ledger]) : [rest]) {
            const step = stepReorg(state, ledgers(...batch))
            expect(['EXTENDED', 'LATE', 'REORG']).toContain(step.code)
            held = carryOut(held, step.effects)
            state = step.state
          }
          const honest = [...all, ...rest]
          expect(held.filter(({ hash }) => hash !== 'lie')).toEqual(honest)
          // Once the true chain has reached the lie, the lie is gone.
          expect(held.some(({ hash }) => hash === 'lie')).toBe(lawful.gapPolicy === 'accept' && growth < ahead)
          expect(state.finalizedLedger).toBeLessThanOrEqual(top + growth)
        },
      ),
      { numRuns: 1500 },
    )
  })
})

describe('junk', () => {
  const nearly = fc.record(
    {
      type: fc.oneof(fc.constantFrom('ledgers', 'finalized', 'reset', 'replay', 'Ledgers'), fc.anything()),
      ledgers: fc.oneof(
        fc.anything(),
        fc.array(
          fc.oneof(
            fc.anything(),
            fc.record(
              {
                sequence: fc.oneof(
                  fc.nat(9),
                  fc.constantFrom(-1, -0, 0.5, Number.NaN, Infinity, 2 ** 53, '3', null),
                  fc.anything(),
                ),
                hash: fc.oneof(
                  fc.constantFrom('a', ' a', 'a ', '', 'a\nb', 'é', '\ud800', 'x'.repeat(129), '__proto__'),
                  fc.anything(),
                ),
                parentHash: fc.oneof(fc.constantFrom('a', 'b', ''), fc.anything()),
                closedAt: fc.oneof(fc.nat(99), fc.anything()),
              },
              { requiredKeys: [] },
            ),
          ),
          { maxLength: 5 },
        ),
      ),
      source: fc.anything(),
      sequence: fc.anything(),
      hash: fc.anything(),
      actor: fc.oneof(fc.constant('operator'), fc.anything()),
      reason: fc.oneof(fc.constant('why'), fc.anything()),
      from: fc.oneof(fc.nat(9), fc.anything()),
      to: fc.oneof(fc.nat(9), fc.anything()),
    },
    { requiredKeys: [] },
  )
  const junk = fc.oneof(
    fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withObjectString: true,
      withSparseArray: true,
      withTypedArray: true,
    }),
    nearly,
  )

  it('P8: nothing throws; anything that is not an event is INVALID, with a reason and the very same state', () => {
    const state = stepReorg(createReorgState(), ledgers(...chain(1, 5))).state
    let asked = 0
    let refused = 0
    fc.assert(
      fc.property(junk, (event) => {
        asked++
        const step = stepReorg(state, event as ReorgEvent)
        if (step.code !== 'INVALID') return
        refused++
        expect(step.status).toBe(400)
        expect(step.effects).toEqual([])
        expect(step.reason).toMatch(/^\S+( and \S+)? must [^.]+\.$/)
        expect(step.state).toBe(state)
      }),
      { numRuns: 5000 },
    )
    expect(refused).toBeGreaterThan(0.8 * asked)
  })

  const thrower = new Proxy(
    {},
    {
      get: () => {
        throw new Error('secret')
      },
    },
  )
  const revoked = Proxy.revocable({}, {})
  revoked.revoke()
  const huge: unknown[] = []
  huge.length = 2 ** 32 - 1
  it.each([
    ['a proxy that throws', thrower, 'event must be plain data; reading it threw an error.'],
    ['a revoked proxy', revoked.proxy, 'event must be plain data; reading it threw an error.'],
    [
      'a getter that throws',
      {
        type: 'ledgers',
        get ledgers() {
          throw 'x'
        },
      },
      'event must be plain data; reading it threw an error.',
    ],
    ['four billion ledgers', { type: 'ledgers', ledgers: huge }, 'ledgers must be an array of 1 to 10000 ledgers.'],
    [
      'an empty slot',
      { type: 'ledgers', ledgers: new Array(1) },
      'ledgers[0].sequence must be a whole number, 0 or more.',
    ],
    ['no ledgers', { type: 'ledgers', ledgers: [] }, 'ledgers must be an array of 1 to 10000 ledgers.'],
    [
      'an object instead of an array',
      { type: 'ledgers', ledgers: { length: 1, 0: ledgerOf(1) } },
      'ledgers must be an array of 1 to 10000 ledgers.',
    ],
    [
      'a bad source',
      { type: 'ledgers', ledgers: [ledgerOf(1)], source: 'a b' },
      'source must be 1 to 128 visible ASCII characters.',
    ],
    [
      'a ledger that is its own parent',
      { type: 'ledgers', ledgers: [{ sequence: 1, hash: 'a', parentHash: 'a' }] },
      'ledgers[0].parentHash must not be the hash of the ledger itself.',
    ],
    [
      'one hash twice',
      {
        type: 'ledgers',
        ledgers: [
          { sequence: 1, hash: 'a' },
          { sequence: 3, hash: 'a' },
        ],
      },
      'ledgers must not repeat a hash at another sequence.',
    ],
    [
      'close times that go back',
      { type: 'ledgers', ledgers: [ledgerOf(2, 'a', 'a', 5), ledgerOf(3), ledgerOf(4, 'a', 'a', 4)] },
      'ledgers must have close times that never go back.',
    ],
    [
      'a bad close time',
      { type: 'ledgers', ledgers: [{ ...ledgerOf(2), closedAt: -1 }] },
      'ledgers[0].closedAt must be a number of Unix seconds.',
    ],
    [
      'two parents',
      { type: 'ledgers', ledgers: [ledgerOf(2), ledgerOf(2, 'a', 'b')] },
      'ledgers must not repeat a sequence with a different parentHash.',
    ],
    ['a finalized without a sequence', { type: 'finalized' }, 'sequence must be a whole number, 0 or more.'],
    [
      'a finalized with a bad hash',
      { type: 'finalized', sequence: 1, hash: 'a b' },
      'hash must be 1 to 128 visible ASCII characters.',
    ],
    ['another type', { type: 'block' }, 'type must be "ledgers", "finalized", "reset" or "replay".'],
    ['a function', () => 1, 'type must be "ledgers", "finalized", "reset" or "replay".'],
  ])('%s', (_name, event, reason) => {
    const state = createReorgState()
    expect(stepReorg(state, event as never)).toEqual({
      ok: false,
      status: 400,
      code: 'INVALID',
      state,
      effects: [],
      reason,
    })
  })

  it('demands parents if configured so, and treats null as left out', () => {
    const state = createReorgState({ requireParent: true })
    expect(stepReorg(state, ledgers({ sequence: 1, hash: 'a' })).reason).toBe(
      'ledgers[0].parentHash must be 1 to 128 visible ASCII characters.',
    )
    const nulls = { sequence: 1, hash: 'a', parentHash: null, closedAt: null } as never
    expect(stepReorg(createReorgState(), ledgers(nulls)).state.tip).toStrictEqual({ sequence: 1, hash: 'a' })
    const finalized = { type: 'finalized', sequence: 1, hash: null } as never
    expect(stepReorg(createReorgState(), finalized).state.deferred).toStrictEqual({ sequence: 1 })
  })

  it('merges the copies of a ledger in a page, and keeps the members of each', () => {
    const page = [
      { sequence: 2, hash: 'b' },
      { sequence: 1, hash: 'a' },
      { sequence: 2, hash: 'b', parentHash: 'a', closedAt: 7 },
    ]
    const { state } = stepReorg(createReorgState(), { type: 'ledgers', ledgers: page })
    expect(state.window.chunks.flat()).toEqual([
      { sequence: 1, hash: 'a' },
      { sequence: 2, hash: 'b', parentHash: 'a', closedAt: 7 },
    ])
  })

  it('keeps no reference to its input', () => {
    const given = { sequence: 1, hash: 'a', extra: 'x' }
    const { state } = stepReorg(createReorgState(), ledgers(given))
    given.hash = 'changed'
    expect(state.tip).toStrictEqual({ sequence: 1, hash: 'a' })
  })
})
