import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createReorgState,
  type Ledger,
  type ReorgEffect,
  type ReorgEvent,
  type ReorgOptions,
  type ReorgState,
  STELLAR,
  stepReorg,
} from '../../../src/reorg/index.ts'
import {
  type LedgerChainConstraints,
  type LedgerIndexer,
  ledgerChain,
  reorgCommands,
} from '../../../src/testing/index.ts'

/** The consumer's list after the effects. */
function carryOut(list: readonly Ledger[], effects: readonly ReorgEffect[]): Ledger[] {
  let held = [...list]
  for (const effect of effects) {
    if (effect.type === 'apply') held.push(effect.ledger)
    if (effect.type === 'rollback')
      held = effect.to === null ? [] : held.filter(({ sequence }) => sequence <= effect.to!)
    if (effect.type === 'late') held = [...held, effect.ledger].sort((one, other) => one.sequence - other.sequence)
  }
  return held
}

function follow(
  events: readonly ReorgEvent[],
  options: ReorgOptions = {},
): { state: ReorgState; held: Ledger[]; codes: string[] } {
  let state = createReorgState(options)
  let held: Ledger[] = []
  const codes: string[] = []
  for (const event of events) {
    const step = stepReorg(state, event)
    state = step.state
    held = carryOut(held, step.effects)
    codes.push(step.code)
  }
  return { state, held, codes }
}

const everything: LedgerChainConstraints = { finality: true, resets: true, maxMoves: 60 }

describe('ledger chains', () => {
  it('are linked by hash within an event and from each event to the chain before it', () => {
    fc.assert(
      fc.property(ledgerChain({ ...everything, lag: false }), ({ events, ledgers }) => {
        const known = new Map<string, Ledger>()
        for (const event of events) {
          if (event.type !== 'ledgers') continue
          for (const [index, ledger] of event.ledgers.entries()) {
            expect(ledger.parentHash).toBeTypeOf('string')
            const before = event.ledgers[index - 1]
            if (before) expect([ledger.parentHash, ledger.sequence]).toEqual([before.hash, before.sequence + 1])
            const parent = known.get(ledger.parentHash as string)
            if (parent)
              expect([parent.sequence + 1, (parent.closedAt as number) + 5]).toEqual([ledger.sequence, ledger.closedAt])
            expect(known.get(ledger.hash) ?? ledger).toEqual(ledger)
            known.set(ledger.hash, ledger)
          }
        }
        for (const [index, ledger] of ledgers.entries()) {
          expect(known.get(ledger.hash)).toEqual(ledger)
          const before = ledgers[index - 1]
          if (before?.sequence === ledger.sequence - 1) expect(ledger.parentHash).toBe(before.hash)
          if (before) expect(ledger.sequence).toBeGreaterThan(before.sequence)
        }
      }),
    )
  })

  it.each<[string, LedgerChainConstraints, ReorgOptions]>([
    ['by default', {}, {}],
    ['with everything', everything, {}],
    ['without parents', { ...everything, parentHash: false }, {}],
    ['without close times', { ...everything, closedAt: false }, {}],
    ['without gaps, for a tracker that asks for what is missing', { ...everything, maxGap: 0 }, { gapPolicy: 'need' }],
    ['with parents demanded', everything, { requireParent: true }],
    ['with a window that forgets', { maxMoves: 120 }, { finalityDepth: 8, history: 9 }],
    ['with finality from outside', everything, { finality: 'external', history: 500 }],
    ['from ledger 0, in batches of one', { ...everything, firstSequence: 0, maxBatch: 1 }, {}],
    ['over skipped heights', { heights: 'sparse', maxMoves: 60 }, { heights: 'sparse' }],
    ['over skipped heights, asking', { heights: 'sparse', finality: true }, { heights: 'sparse', gapPolicy: 'need' }],
    ['with times that go back', { ...everything, closeTimes: 'unordered' }, { closeTimes: 'unordered' }],
    ['of Stellar: never forking, hashes of 64 digits', { maxForkDepth: 0, hashFormat: 'hex64' }, STELLAR],
  ])('leave stepReorg with the chain of the provider: %s', (_, constraints, options) => {
    fc.assert(
      fc.property(ledgerChain(constraints), ({ events, ledgers }) => {
        const { state, held, codes } = follow(events, options)
        expect(held).toEqual(ledgers)
        expect(state.tip).toEqual(ledgers[ledgers.length - 1])
        expect(state.lastSafeLedger).toBeLessThanOrEqual(Math.max(state.tip?.sequence ?? 0, state.finalizedLedger))
        for (const code of [
          'INVALID',
          'FORBIDDEN',
          'GAP_TOO_LARGE',
          'FINALITY_CONFLICT',
          'CHAIN_RESET_SUSPECTED',
          'FORK_BELOW_ANCHOR',
        ])
          expect(codes).not.toContain(code)
      }),
      { numRuns: 150 },
    )
  })

  it('cause everything that a tracker must tell apart', () => {
    const codes = new Set<string>()
    for (const { events } of fc.sample(ledgerChain(everything), { numRuns: 200, seed: 5 })) {
      for (const code of follow(events).codes) codes.add(code)
    }
    const expected = ['EXTENDED', 'REORG', 'LATE', 'DUPLICATE', 'NEED', 'FINALIZED', 'IGNORED', 'RESET']
    expect([...codes].sort()).toEqual(expected.sort())
  })

  it('can be kept simple', () => {
    const plain = { maxForkDepth: 0, maxGap: 0, lag: false, parentHash: false, closedAt: false, firstSequence: 7 }
    fc.assert(
      fc.property(ledgerChain(plain), ({ events, ledgers }) => {
        expect(follow(events).codes.every((code) => code === 'EXTENDED')).toBe(true)
        expect(ledgers).toEqual(ledgers.map((_, index) => ({ sequence: 7 + index, hash: `${7 + index}:0` })))
      }),
    )
  })

  it('shrink to the smallest chain that shows a fault', () => {
    // A consumer that compares heights only, and never sees a branch that ends at the height of its own tip.
    const property = fc.property(ledgerChain({ maxGap: 0, lag: false }), ({ events, ledgers }) => {
      const held = new Map<number, string>()
      for (const event of events) {
        if (event.type !== 'ledgers') continue
        for (const { sequence, hash } of event.ledgers) if (!held.has(sequence)) held.set(sequence, hash)
      }
      expect([...held.values()]).toEqual(ledgers.map(({ hash }) => hash))
    })
    const { counterexample } = fc.check(property, { seed: 42 })
    expect(counterexample?.[0].events.length).toBeLessThanOrEqual(3)
    expect(counterexample?.[0].ledgers.map(({ hash }) => hash)).toEqual(['100:0', '101:1'])
  })
})

describe('reorg commands', () => {
  /** An indexer over stepReorg that is restarted from its serialized state. */
  function indexer(options: ReorgOptions = {}): LedgerIndexer {
    let state = createReorgState(options)
    let held: Ledger[] = []
    return {
      take(event) {
        const step = stepReorg(state, event)
        held = carryOut(held, step.effects)
        state = step.state
      },
      ledgers: () => held,
      restart() {
        state = JSON.parse(JSON.stringify(state)) as ReorgState
      },
    }
  }

  const run = (make: () => LedgerIndexer, constraints: Parameters<typeof reorgCommands>[0] = {}) =>
    fc.check(
      fc.asyncProperty(reorgCommands(constraints), (commands) =>
        fc.asyncModelRun(() => ({ model: { ledgers: [] }, real: make() }), commands),
      ),
      { seed: 42 },
    )

  it('find no fault in stepReorg', async () => {
    expect((await run(indexer)).failed).toBe(false)
    expect((await run(indexer, everything)).failed).toBe(false)
    expect((await run(indexer, { parentHash: false })).failed).toBe(false)
    expect((await run(() => indexer({ gapPolicy: 'need' }), { maxGap: 0, resets: true })).failed).toBe(false)
    expect((await run(() => indexer({ heights: 'sparse' }), { heights: 'sparse' })).failed).toBe(false)
    expect((await run(() => indexer({ closeTimes: 'unordered' }), { closeTimes: 'unordered' })).failed).toBe(false)
  })

  it('find an indexer that knows neither skipped heights nor times that go back', async () => {
    expect((await run(indexer, { heights: 'sparse' })).failed).toBe(true)
    expect((await run(indexer, { closeTimes: 'unordered' })).failed).toBe(true)
  })

  it('find an indexer that forgets on restart, and say by which commands', async () => {
    const found = await run(() => {
      let inner = indexer()
      return {
        take: (event) => inner.take(event),
        ledgers: async () => inner.ledgers(),
        restart() {
          inner = indexer()
        },
      }
    })
    expect(String(found.counterexample?.[0])).toMatch(/^grow\(count: 1\),restart\(\) /)
    expect((found.errorInstance as Error).message).toContain(
      "After restart() the indexer holds no ledger, but the provider's chain has ledger 100 with the hash 100:0 there.",
    )
  })

  it('find an indexer that keeps what it should have rolled back', async () => {
    const found = await run(() => {
      const held = new Map<number, string>()
      return {
        // Replaces by height, as an upsert does, and never removes: a shorter branch leaves the end of the old one.
        take(event) {
          if (event.type === 'ledgers') for (const { sequence, hash } of event.ledgers) held.set(sequence, hash)
        },
        ledgers: () =>
          [...held].map(([sequence, hash]) => ({ sequence, hash })).sort((a, b) => a.sequence - b.sequence),
      }
    })
    expect(found.failed).toBe(true)
    expect(String(found.counterexample?.[0])).toMatch(/^(grow\(count: \d\),){1,2}fork\(/)
  })

  it('find an indexer that puts a ledger on top of one that is not its parent, if only for a moment', async () => {
    const found = await run(
      () => {
        let held: Ledger[] = []
        return {
          // Links are not read: the head of another branch lands on our tip, until the rest of that branch comes.
          take(event) {
            if (event.type !== 'ledgers') return
            for (const ledger of event.ledgers) {
              if (held.some(({ hash }) => hash === ledger.hash)) continue
              held = [...held.filter(({ sequence }) => sequence < ledger.sequence), ledger]
            }
          },
          ledgers: () => held,
        }
      },
      { maxGap: 0 },
    )
    expect((found.errorInstance as Error).message).toMatch(
      /^During fork\(.*\) the indexer holds ledger 102 with the hash 102:1 on top of ledger 101 with the hash 101:0, which is not its parent\.$/,
    )
  })

  it('check only the newest ledgers if the indexer keeps no more', async () => {
    const short = (): LedgerIndexer => {
      const inner = indexer()
      return { take: (event) => inner.take(event), ledgers: () => [...(inner.ledgers() as Ledger[])].slice(-3) }
    }
    expect((await run(short, { heldLedgers: 3 })).failed).toBe(false)
    expect((await run(indexer, { heldLedgers: 3 })).failed).toBe(false)
    expect((await run(short)).failed).toBe(true)
  })

  it('find an indexer that invents a ledger', async () => {
    const found = await run(() => {
      const inner = indexer()
      const madeUp = { sequence: 101, hash: 'made up' }
      return {
        take: (event) => inner.take(event),
        ledgers: () => [...(inner.ledgers() as Ledger[])].map((ledger) => (ledger.sequence === 101 ? madeUp : ledger)),
      }
    })
    expect((found.errorInstance as Error).message).toMatch(
      /^During grow\(count: 2\) the indexer holds ledger 101 with the hash made up on top of ledger 100 with the hash 100:0, which/,
    )
  })

  it('begin with a chain that grows, and show something with each command', async () => {
    await fc.assert(
      fc.asyncProperty(reorgCommands({ ...everything, maxForkDepth: 8 }), async (commands) => {
        const inner = indexer()
        let isFirst = true
        let looks = 0
        const real: LedgerIndexer = {
          take(event) {
            // Before anything is shown there can be no fork, gap or reset.
            if (isFirst) expect(event).toMatchObject({ type: 'ledgers' })
            isFirst = false
            if (event.type === 'ledgers') expect(event.ledgers.length).toBeGreaterThan(0)
            looks = 2
            return inner.take(event)
          },
          ledgers() {
            expect(looks--).toBeGreaterThan(0)
            return inner.ledgers()
          },
          restart() {
            looks = 1
            return inner.restart?.()
          },
        }
        await fc.asyncModelRun(() => ({ model: { ledgers: [] }, real }), commands)
        expect(String(commands)).toMatch(/^(restart\(\),?)*(grow\(| ?\/\*)/)
      }),
    )
  })

  it('are named as they would be called', () => {
    const names = fc
      .sample(reorgCommands(everything), { seed: 42, numRuns: 100 })
      .flatMap((commands) => [...commands].map((command) => command.toString().replaceAll(/\d+/g, 'n')))
    expect([...new Set(names)].sort()).toMatchInlineSnapshot(`
      [
        "finalize(depth: n)",
        "finalize(depth: n) twice",
        "fork(depth: n, count: n, headFirst: false)",
        "fork(depth: n, count: n, headFirst: false) twice",
        "fork(depth: n, count: n, headFirst: true)",
        "fork(depth: n, count: n, headFirst: true) twice",
        "gap(missing: n, count: n)",
        "gap(missing: n, count: n) twice",
        "grow(count: n)",
        "grow(count: n) twice",
        "lag(depth: n, count: n)",
        "lag(depth: n, count: n) twice",
        "late(depth: n)",
        "late(depth: n) twice",
        "reset(count: n)",
        "reset(count: n) twice",
        "restart()",
      ]
    `)
  })
})

describe('options that make no sense throw early', () => {
  it.each<[string, object]>([
    ['maxMoves', { maxMoves: 0 }],
    ['maxForkDepth', { maxForkDepth: -1 }],
    ['maxGap', { maxGap: Number.NaN }],
    ['maxBatch', { maxBatch: 0 }],
    ['firstSequence', { firstSequence: 1.5 }],
    ['resets', { resets: 'yes' }],
    ['hashFormat', { hashFormat: 'hex32' }],
    ['heights', { heights: 'dense' }],
    ['closeTimes', { closeTimes: true }],
    ['maxmoves', { maxmoves: 3 }],
    ['heldLedgers', { heldLedgers: 0 }],
  ])('%s', (field, constraints) => {
    expect(() => reorgCommands(constraints)).toThrow(expect.objectContaining({ code: 'REORG_INVALID_CONFIG', field }))
  })

  it('accepts options at their edges', () => {
    const most = { maxMoves: 10_000, maxForkDepth: 1_000, maxBatch: 1_000, maxGap: 1_000, firstSequence: 2 ** 40 }
    expect(() => ledgerChain(most)).not.toThrow()
    expect(() => ledgerChain({ maxMoves: 1, maxForkDepth: 0, maxBatch: 1, maxGap: 0, firstSequence: 0 })).not.toThrow()
  })

  it('constraints that are null', () => {
    expect(() => ledgerChain(null as never)).toThrow(expect.objectContaining({ field: 'constraints' }))
  })
})
