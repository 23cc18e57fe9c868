// Islands: ledgers that no link ties to the chain held. They are taken on trust, but they push nothing out and do not move finality, and
// health says if the tip is on one.

import { describe, expect, it } from 'vitest'
import {
  assessHealth,
  createReorgState,
  type Ledger,
  parseReorgState,
  type ReorgEvent,
  type ReorgState,
  reorgHealth,
  serializeReorgState,
  stepReorg,
} from '../../src/reorg/index.ts'
import { advance, chain, feed, ledgerOf, ledgers, startRun } from './support.ts'

const now = 1_710_000_000_000
const bare = (sequence: number, hash = `lie${sequence}`): Ledger => ({ sequence, hash })
const healthOf = (state: ReorgState) => reorgHealth(state, { now }).status
const sequences = ({ window }: ReorgState): number[] => window.chunks.flat().map(({ sequence }) => sequence)

describe('an event of unlinked ledgers, each far above the last', () => {
  const truth = feed({}, ledgers(...chain(1, 200))).state

  it('is too far away as a whole: maxGap counts from the last linked ledger, not from one to the next', () => {
    const lies = Array.from({ length: 128 }, (_, at) => bare(200 + (at + 1) * 17_280))
    const step = stepReorg(truth, ledgers(...lies))
    expect(step).toMatchObject({ code: 'GAP_TOO_LARGE', status: 409, effects: [] })
    expect(step.state).toBe(truth)
    let state = truth
    for (const lie of lies) state = stepReorg(state, ledgers(lie)).state
    expect(state.tip?.sequence).toBe(200 + 17_280)
    expect(stepReorg(state, ledgers(ledgerOf(201))).code).toBe('LATE')
  })

  it('pushes no linked ledger out of the window, does not move finality, and degrades health until the true chain has passed', () => {
    const lies = Array.from({ length: 128 }, (_, at) => bare(200 + (at + 1) * 3))
    const before = sequences(truth)
    const lied = feed(truth, ledgers(...lies))
    expect(lied).toMatchObject({ code: 'EXTENDED', state: { finalizedLedger: 136, tip: { sequence: 584 } } })
    expect(sequences(lied.state)).toEqual([...before, ...lies.map(({ sequence }) => sequence)])
    expect(healthOf(lied.state)).toBe('degraded')

    let run = { ...startRun({}), state: lied.state, list: [...chain(1, 200), ...lies] as readonly Ledger[] }
    for (const ledger of chain(201, 583)) {
      const { run: next, step } = advance(run, ledgers(ledger), false)
      expect(['LATE', 'REORG', 'EXTENDED']).toContain(step.code)
      expect(step.state.finalizedLedger).toBeGreaterThanOrEqual(136)
      run = next as typeof run
    }
    run = advance(run, ledgers(...chain(584, 600)), false).run as typeof run
    expect(run.list).toEqual(chain(1, 600))
    expect(healthOf(run.state)).toBe('healthy')
    expect(run.state.linkedLedger).toBe(600)
  })

  it('does not stop a real fork: ledgers in the window can be replaced as before', () => {
    const lied = feed(truth, ledgers(...Array.from({ length: 500 }, (_, at) => bare(202 + at * 2)))).state
    const forked = feed(lied, ledgers(...chain(150, 201, 'b', 'a')))
    expect(forked).toMatchObject({ code: 'REORG', state: { tip: { hash: 'b201' }, linkedLedger: 201 } })
  })
})

describe('while the tip is on an island', () => {
  const state = feed({}, ledgers(...chain(100, 105)), ledgers(bare(5000), bare(5002))).state

  it('health is degraded and says which ledgers no link ties to the chain', () => {
    expect(reorgHealth(state, { now })).toMatchObject({
      status: 'degraded',
      phase: 'following',
      linkedLedger: 105,
      island: { from: 5000, to: 5002 },
      summary: 'No link ties ledgers 5000 to 5002 to the chain, which is known up to 105.',
    })
    expect(assessHealth(state, { now, lastSyncAt: now })).toMatchObject({
      status: 'degraded',
      indexer: { status: 'healthy' },
      reorg: { phase: 'following', island: { from: 5000, to: 5002 } },
    })
  })

  it('health reports no island once everything is linked', () => {
    const linked = feed({}, ledgers(...chain(100, 105))).state
    expect(reorgHealth(linked, { now })).toMatchObject({ status: 'healthy', linkedLedger: 105, island: null })
    expect(assessHealth(linked, { now, lastSyncAt: now })).toMatchObject({ status: 'ok' })
    expect('island' in assessHealth(linked, { now }).reorg).toBe(false)
    expect(createReorgState().linkedLedger).toBe(0)
  })

  it('more islands do not extend maxGap', () => {
    const options = { maxGap: 10 }
    const held = feed(options, ledgers(...chain(1, 5)), ledgers(bare(16))).state
    expect(held.tip?.sequence).toBe(16)
    expect(feed(held, ledgers(bare(18))).code).toBe('GAP_TOO_LARGE')
    expect(feed(held, ledgers(bare(17, 'next'))).code).toBe('EXTENDED')
    // Nor from below: a late ledger would be a step of the same staircase.
    expect(feed({ maxGap: 10 }, ledgers(bare(1)), ledgers(bare(9)), ledgers(bare(13))).code).toBe('GAP_TOO_LARGE')
  })

  it('they do not count for finality, however many there are', () => {
    const options = { finalityDepth: 3, history: 40 }
    const lies = [20, 22, 24, 26, 28, 30].map((sequence) => bare(sequence))
    const { state } = feed(options, ledgers(...chain(1, 9)), ledgers(...lies), ledgers(bare(18)))
    expect(state).toMatchObject({ finalizedLedger: 6, linkedLedger: 9 })
  })

  it('with switchRule higher, the true chain may replace them without being higher', () => {
    const held = feed({ switchRule: 'higher' }, ledgers(...chain(1, 5)), ledgers(bare(7), bare(9000))).state
    const step = feed(held, ledgers(...chain(6, 8)))
    expect(step).toMatchObject({ code: 'REORG', state: { tip: { hash: 'a8' } } })
  })

  it('their close times do not make a lagging provider look like a reset', () => {
    const dated = chain(1, 200).map((ledger) => ({ ...ledger, closedAt: 1000 + ledger.sequence }))
    const held = feed({}, ledgers(...dated), ledgers({ ...bare(300), closedAt: 5 })).state
    expect(feed(held, ledgers({ ...bare(9), closedAt: 1200 })).code).toBe('STALE')
    expect(feed(held, ledgers({ ...bare(9), closedAt: 1201 })).code).toBe('CHAIN_RESET_SUSPECTED')
    expect(feed(held, ledgers({ ...(dated[9] as Ledger), hash: 'a10' })).code).toBe('STALE')
  })
})

describe('a chain resumed after an outage', () => {
  const options = { finalityDepth: 8, history: 20, maxGap: 1000 }
  const before = feed(options, ledgers(...chain(1, 50))).state

  it('is the chain again once its run is longer than the finality depth, ledger by ledger', () => {
    let state = before
    for (const ledger of chain(900, 907)) {
      const step = feed(state, ledgers(ledger))
      expect(step.code).toBe('EXTENDED')
      expect(healthOf(step.state)).toBe('degraded')
      expect(step.state.linkedLedger).toBe(50)
      state = step.state
    }
    const ninth = feed(state, ledgers(ledgerOf(908))).state
    expect(healthOf(ninth)).toBe('healthy')
    expect(ninth).toMatchObject({ linkedLedger: 908, finalizedLedger: 900 })
    expect(feed(ninth, ledgers(...chain(909, 960))).state).toMatchObject({ tip: { sequence: 960 }, linkedLedger: 960 })
  })

  it('is the chain at once if it comes in one page', () => {
    const step = feed(before, ledgers(...chain(900, 908)))
    expect(step).toMatchObject({
      code: 'EXTENDED',
      state: { linkedLedger: 908, finalizedLedger: before.finalizedLedger },
    })
    expect(healthOf(step.state)).toBe('healthy')
  })

  it('may begin at maxGap and reach beyond it, but not begin later', () => {
    expect(feed(before, ledgers(...chain(1051, 1059)))).toMatchObject({
      code: 'EXTENDED',
      state: { linkedLedger: 1059 },
    })
    expect(feed(before, ledgers(...chain(1052, 1060)))).toMatchObject({ code: 'GAP_TOO_LARGE', effects: [] })
  })

  it('counts maxGap from its own end: the next gap may be as wide', () => {
    const resumed = feed(before, ledgers(...chain(900, 908))).state
    expect(feed(resumed, ledgers(bare(1909)))).toMatchObject({ code: 'EXTENDED' })
    expect(feed(before, ledgers(...chain(900, 908), bare(1909)))).toMatchObject({ code: 'EXTENDED' })
    expect(feed(before, ledgers(...chain(900, 907), bare(1909)))).toMatchObject({ code: 'GAP_TOO_LARGE' })
  })

  it("is accepted after a day's outage by default, but not one ledger more", () => {
    const truth = feed({}, ledgers(...chain(1, 200))).state
    const [first, last] = [200 + 17_281, 200 + 17_281 + 64]
    expect(feed(truth, ledgers(...chain(first, last)))).toMatchObject({
      code: 'EXTENDED',
      state: { linkedLedger: last },
    })
    expect(feed(truth, ledgers(...chain(first + 1, last + 1))).code).toBe('GAP_TOO_LARGE')
    let state = truth
    for (const ledger of chain(first, last)) state = feed(state, ledgers(ledger)).state
    expect(state).toMatchObject({ linkedLedger: last, finalizedLedger: first })
    expect(healthOf(state)).toBe('healthy')
  })

  it('is measured from where a page has filled the gap, within that page too', () => {
    const held = feed(before, ledgers(...chain(60, 63))).state
    for (const high of [[bare(1064)], [bare(1062), bare(1064)]]) {
      expect(feed(held, ledgers(...chain(51, 59), ...high))).toMatchObject({
        code: 'EXTENDED',
        state: { linkedLedger: 63 },
      })
    }
    expect(feed(held, ledgers(...chain(51, 59), bare(1065)))).toMatchObject({ code: 'GAP_TOO_LARGE' })
    // Also below a tip that is further up.
    const far = feed(held, ledgers(bare(1050)), ledgers(bare(1051, 'b'), bare(1052, 'c'))).state
    expect(feed(far, ledgers(...chain(51, 59), bare(1056), bare(1060)))).toMatchObject({ code: 'EXTENDED' })
  })

  it('is recognised among lies and below them', () => {
    const lied = feed(before, ledgers(...[60, 70, 905, 990].map((sequence) => bare(sequence)))).state
    let state = lied
    for (const ledger of chain(900, 909)) state = feed(state, ledgers(ledger)).state
    expect(state).toMatchObject({ linkedLedger: 909 })
    for (const ledger of chain(910, 1000)) state = feed(state, ledgers(ledger)).state
    expect(state).toMatchObject({ linkedLedger: 1000, tip: { hash: 'a1000' } })
    expect(healthOf(state)).toBe('healthy')
  })

  it('is linked all the way once the gap is filled from below', () => {
    const held = feed(before, ledgers(...chain(60, 63))).state
    expect(held.linkedLedger).toBe(50)
    const filled = feed(held, ledgers(...chain(51, 59)))
    expect(filled).toMatchObject({ code: 'LATE', state: { linkedLedger: 63 } })
    expect(healthOf(filled.state)).toBe('healthy')
  })
})

describe('the first ledgers are the chain until a longer run says otherwise', () => {
  it('a lie far ahead is an island once the true chain below it is longer than the finality depth', () => {
    let state = feed({ finalityDepth: 8, history: 30 }, ledgers(bare(1_000_000_000))).state
    for (const ledger of chain(100, 109)) state = feed(state, ledgers(ledger)).state
    expect(state).toMatchObject({ linkedLedger: 109, tip: { sequence: 1_000_000_000 } })
    expect(healthOf(state)).toBe('degraded')
    expect(state.finalizedLedger).toBeLessThanOrEqual(109)
    // Below the lie too, maxGap counts from the true chain.
    const near = { ...state, config: { ...state.config, maxGap: 1000 } }
    expect(feed(near, ledgers(bare(1110)))).toMatchObject({ code: 'LATE' })
    expect(feed(near, ledgers(bare(1111)))).toMatchObject({ code: 'GAP_TOO_LARGE', state: near })
    expect(feed(near, ledgers(...chain(110, 200), bare(1201)))).toMatchObject({
      code: 'LATE',
      state: { linkedLedger: 200 },
    })
    expect(feed(near, ledgers(...chain(110, 200), bare(1202)))).toMatchObject({ code: 'GAP_TOO_LARGE', state: near })
  })

  it('a lie below is only late', () => {
    const { state } = feed({ finalityDepth: 8, history: 30 }, ledgers(ledgerOf(50_000_000)), ledgers(bare(5)))
    expect(state).toMatchObject({ linkedLedger: 50_000_000 })
    expect(feed(state, ledgers(...chain(50_000_001, 50_000_003)))).toMatchObject({
      state: { linkedLedger: 50_000_003 },
    })
  })
})

describe('the limit for islands', () => {
  it('is kept: beyond it the tracker asks for the ledgers in between, and nothing else changes', () => {
    const truth = feed({}, ledgers(...chain(1, 200))).state
    const lies = Array.from({ length: 1024 }, (_, at) => bare(210 + at * 4))
    const full = feed(truth, ledgers(...lies)).state
    expect(full.window.size).toBe(128 + 1024)
    for (const lie of [bare(9000), bare(1000)]) {
      const step = feed(full, ledgers(lie))
      expect(step).toMatchObject({ code: 'NEED', status: 409 })
      expect(step.effects).toEqual([{ type: 'need', from: 201, to: lie.sequence - 1 }])
      expect(step.state).toEqual({ ...full, need: { from: 201, to: lie.sequence - 1 } })
    }
    // Linked ledgers of the same page are not asked for again.
    for (const lie of [bare(9000), bare(1000)]) {
      expect(feed(full, ledgers(...chain(201, 205), lie)).effects).toEqual([
        { type: 'need', from: 206, to: lie.sequence - 1 },
      ])
    }
    // A long run is accepted, because it is the chain.
    expect(feed(full, ledgers(...chain(9000, 9064)))).toMatchObject({ code: 'EXTENDED', state: { linkedLedger: 9064 } })
    // So are the ledgers that were asked for.
    const answered = feed(full, ledgers(...chain(201, 9000)))
    expect(answered).toMatchObject({ code: 'REORG', state: { linkedLedger: 9000, tip: { hash: 'a9000' } } })
  })

  it('bounds the serialised state too', () => {
    let state = feed({}, ledgers(...chain(1, 200))).state
    for (let at = 0; at < 3000; at++) state = stepReorg(state, ledgers(bare(202 + at * 2))).state
    expect(state.window.size).toBeLessThanOrEqual(128 + 1024)
  })
})

describe('a source of finality', () => {
  it('ties an island to the chain if it names a ledger there by hash', () => {
    const held = feed({ finality: 'external' }, ledgers(...chain(1, 5)), ledgers(...chain(50, 52), bare(60))).state
    const event: ReorgEvent = { type: 'finalized', sequence: 51, hash: 'a51' }
    expect(feed(held, event)).toMatchObject({ code: 'FINALIZED', state: { finalizedLedger: 51, linkedLedger: 52 } })
  })

  it('does not make an island the chain by a height that is not held', () => {
    const held = feed({ finality: 'external' }, ledgers(...chain(1, 5)), ledgers(bare(60), bare(61))).state
    expect(feed(held, { type: 'finalized', sequence: 40 }).code).toBe('DEFERRED')
  })
})

it('an unlinked late ledger pushes no linked one out: the tracker asks for the ledgers in between', () => {
  const options = { finality: 'external', finalityDepth: 3, history: 20, maxGap: 1000 } as const
  const state = feed(options, ledgers(...chain(1, 16)), ledgers(...chain(900, 904))).state
  expect(state).toMatchObject({ linkedLedger: 904, window: { size: 20, forgotten: 1 } })
  const step = feed(state, ledgers(bare(500)))
  expect(step.effects).toEqual([{ type: 'need', from: 17, to: 499 }])
  // A linked ledger is inserted, and only the oldest is forgotten.
  expect(feed(state, ledgers(ledgerOf(17)))).toMatchObject({
    code: 'LATE',
    state: { window: { size: 20, forgotten: 2 } },
  })
})

it('a window that is full of the chain and of islands is written and read again', () => {
  const lies = Array.from({ length: 1024 }, (_, at) => bare(100 + 3 * at))
  const { state } = feed({ history: 65 }, ledgers(...chain(1, 65)), ledgers(...lies))
  expect(state.window.size).toBe(65 + 1024)
  expect(parseReorgState(serializeReorgState(state))).toStrictEqual(state)
})

describe('a ledger without links that closed later than the tip', () => {
  const dated = (sequence: number, closedAt: number): Ledger => ({ ...bare(sequence), closedAt })

  it('fits in below a tip whose close time is not known', () => {
    const { state } = feed({}, ledgers(bare(1), bare(2), bare(4)))
    expect(feed(state, ledgers(dated(3, 1000))).code).toBe('LATE')
  })

  it('contradicts a tip on an island, if nobody said when the chain below it closed', () => {
    const { state } = feed({}, ledgers(bare(1), bare(2)), ledgers(dated(10, 100)))
    expect(feed(state, ledgers(dated(5, 100))).code).toBe('LATE')
    expect(feed(state, ledgers(dated(5, 101))).code).not.toBe('LATE')
  })
})
