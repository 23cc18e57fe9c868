// The scenarios of the seed documents, and an example for every row of the transition table.
import { describe, expect, it } from 'vitest'
import {
  createReorgState,
  type Ledger,
  type ReorgEffect,
  type ReorgEvent,
  STELLAR,
  stepReorg,
} from '../../src/reorg/index.ts'
import { chain, feed, ledgerOf, ledgers } from './support.ts'

const types = (effects: readonly ReorgEffect[]): string[] => effects.map(({ type }) => type)
const bare = (sequence: number, hash = `a${sequence}`): Ledger => ({ sequence, hash })
const reset: ReorgEvent = { type: 'reset', actor: 'operator', reason: 'testnet was reset' }

describe('the seed scenarios', () => {
  it('says 99 is safe after ledger 100 alone', () => {
    const { state, code, status, effects } = feed({}, ledgers(bare(100)))
    expect([code, status, state.lastSafeLedger, state.tip?.sequence]).toEqual(['EXTENDED', 200, 99, 100])
    expect(effects).toEqual([
      { type: 'apply', ledger: bare(100), after: null },
      { type: 'safe', sequence: 99, previous: 0, wentBack: false },
    ])
  })

  it('rolls back to 100 when 101 is replaced, then applies the new 101', () => {
    const { state, code, effects } = feed({}, ledgers(bare(100)), ledgers(bare(101)), ledgers(bare(101, 'b101')))
    expect(code).toBe('REORG')
    expect(effects).toEqual([
      { type: 'warn', level: 'WARN', code: 'REORG', ledger: 101, existingHash: 'a101', incomingHash: 'b101', depth: 1 },
      { type: 'rollback', to: 100, undo: [bare(101)] },
      { type: 'apply', ledger: bare(101, 'b101'), after: 100 },
    ])
    expect(state).toMatchObject({ reorgDetected: true, lastSafeLedger: 100, tip: bare(101, 'b101') })
  })

  it('does nothing when the same batch comes twice', () => {
    const { state } = feed({}, ledgers(...chain(100, 103)))
    expect(stepReorg(state, ledgers(...chain(100, 103)))).toEqual({
      ok: true,
      status: 200,
      code: 'DUPLICATE',
      state,
      effects: [],
    })
    expect(stepReorg(state, ledgers(...chain(100, 103))).state).toBe(state)
  })

  it.each([undefined, null, ''])('rejects a missing hash (%j) with 400, and changes nothing', (hash) => {
    const { state } = feed({}, ledgers(bare(100)))
    const step = stepReorg(state, { type: 'ledgers', ledgers: [{ sequence: 101, hash: hash as never }] })
    expect(step).toEqual({
      ok: false,
      status: 400,
      code: 'INVALID',
      state,
      effects: [],
      reason: 'ledgers[0].hash must be 1 to 128 visible ASCII characters.',
    })
    expect(step.state).toBe(state)
  })

  it('lowers what is safe when ten ledgers are replaced by one, and says so', () => {
    const { state, effects } = feed({}, ledgers(...chain(100, 109)), ledgers(bare(100, 'b100')))
    expect(effects).toContainEqual({ type: 'rollback', to: null, undo: chain(100, 109).reverse() })
    expect(effects).toContainEqual({ type: 'safe', sequence: 99, previous: 108, wentBack: true })
    expect(state.tip).toEqual(bare(100, 'b100'))
  })

  it('ends a reorg of depth ten, one ledger at a time, with the ten new ledgers on the untouched ancestors', () => {
    const steps = chain(100, 109, 'b', 'a').map((ledger) => ledgers(ledger))
    const { state } = feed({}, ledgers(...chain(90, 109)), ...steps)
    expect(state.window.chunks.flat()).toEqual([...chain(90, 99), ...chain(100, 109, 'b', 'a')])
    expect(state.counts.reorgs).toBe(1)
  })

  it('handles two reorgs, one after the other', () => {
    const { state } = feed(
      {},
      ledgers(...chain(100, 102)),
      ledgers(ledgerOf(101, 'b', 'a')),
      ledgers(ledgerOf(102, 'b')),
      ledgers(ledgerOf(102, 'c', 'b')),
    )
    expect(state.window.chunks.flat().map(({ hash }) => hash)).toEqual(['a100', 'b101', 'c102'])
    expect(state.counts).toMatchObject({ reorgs: 2, deepest: 2 })
  })

  it('keeps the flag at +5 and clears it at +6', () => {
    const at = (tip: number) =>
      feed({}, ledgers(bare(100)), ledgers(bare(100, 'b100')), ledgers(...chain(101, tip, 'b')))
    expect(at(105).state.reorgDetected).toBe(true)
    expect(at(106).state.reorgDetected).toBe(false)
    expect(types(at(106).effects)).toContain('recovered')
  })

  it('clears the flag as configured, and at 110 over a gap with safe 109', () => {
    const { state } = feed({}, ledgers(bare(100)), ledgers(bare(100, 'b100')), ledgers(bare(110)))
    expect(state).toMatchObject({ reorgDetected: false, lastSafeLedger: 109 })
    const quick = feed({ recoveryLedgers: 0 }, ledgers(bare(100)), ledgers(bare(100, 'b100')), ledgers(bare(101)))
    expect(quick.state.reorgDetected).toBe(false)
  })

  it('does not clear the flag before what was once safe is safe again', () => {
    const { state } = feed(
      {},
      ledgers(...chain(100, 109)),
      ledgers(bare(100, 'b100')),
      ledgers(...chain(101, 109, 'b')),
    )
    expect(state).toMatchObject({ reorgDetected: true, lastSafeLedger: 108 })
    expect(feed(state, ledgers(ledgerOf(110, 'b'))).state.reorgDetected).toBe(false)
  })

  it('rejects two hashes for one ledger in a batch, which is not a reorg', () => {
    const step = feed({}, ledgers(bare(100), bare(100, 'b100')))
    expect(step).toMatchObject({ status: 400, reason: 'ledgers must not repeat a sequence with a different hash.' })
  })

  it('accepts 100 and then 500, and reports the gap', () => {
    const { state, effects } = feed({}, ledgers(bare(100)), ledgers(bare(500)))
    expect(effects[0]).toEqual({ type: 'gap', from: 101, to: 499 })
    expect(state).toMatchObject({ lastSafeLedger: 499, finalizedLedger: 0 })
  })
})

describe('the transition table', () => {
  it('3: a ledger no longer held is STALE', () => {
    const { state } = feed({ history: 65 }, ledgers(...chain(100, 300)))
    const step = stepReorg(state, ledgers(bare(100, 'zz')))
    expect(step.code).toBe('STALE')
    expect(step.state).toBe(state)
  })

  it('4: an old sequence with a newer close time looks like a reset, and undoes nothing', () => {
    const { state } = feed(
      STELLAR_ANY,
      ledgers({ ...bare(100), closedAt: 50 }),
      ledgers({ ...bare(101), closedAt: 60 }),
    )
    const step = stepReorg(state, { type: 'ledgers', ledgers: [{ ...bare(2, 'n2'), closedAt: 61 }], source: 'horizon' })
    expect(step).toMatchObject({ ok: false, status: 409, code: 'CHAIN_RESET_SUSPECTED' })
    expect(step.effects).toEqual([
      {
        type: 'warn',
        level: 'WARN',
        code: 'CHAIN_RESET_SUSPECTED',
        ledger: 2,
        existingHash: null,
        incomingHash: 'n2',
        depth: 100,
        source: 'horizon',
      },
    ])
    expect(stepReorg(state, ledgers({ ...bare(2, 'n2'), closedAt: 59 })).code).toBe('STALE')
    expect(stepReorg(state, ledgers(bare(2, 'n2'))).code).toBe('STALE')
  })

  it('4: also below the foot of a young chain', () => {
    const { state } = feed({}, ledgers({ ...bare(100), closedAt: 50 }))
    expect(stepReorg(state, ledgers({ ...bare(99), closedAt: 51 })).code).toBe('CHAIN_RESET_SUSPECTED')
    expect(stepReorg(state, ledgers({ ...bare(99), closedAt: 49 })).code).toBe('LATE')
  })

  it('5: a final ledger with another hash is a conflict that stays until the chain grows', () => {
    const { state } = feed(STELLAR_ANY, ledgers(...chain(100, 103)))
    expect(state.finalizedLedger).toBe(102)
    const step = stepReorg(state, ledgers(bare(101, 'evil')))
    expect(step).toMatchObject({
      code: 'FINALITY_CONFLICT',
      status: 409,
      state: { tip: { hash: 'a103' }, conflict: { code: 'FINALITY_CONFLICT', ledger: 101, tip: 103 } },
    })
    expect(step.effects).toEqual([
      {
        type: 'warn',
        level: 'WARN',
        code: 'FINALITY_CONFLICT',
        ledger: 101,
        existingHash: 'a101',
        incomingHash: 'evil',
        depth: 3,
      },
    ])
    expect(stepReorg(step.state, ledgers(bare(101, 'evil'))).state).toBe(step.state)
    expect(stepReorg(step.state, ledgers(...chain(100, 103))).state).toBe(step.state)
    expect(feed(step.state, ledgers(ledgerOf(104))).state.conflict).toBeNull()
    expect(feed(step.state, reset).state.conflict).toBeNull()
  })

  it('7: a next ledger on another parent makes the tracker ask for the branch, and undoes nothing', () => {
    const { state } = feed({}, ledgers(...chain(100, 103)))
    const step = stepReorg(state, ledgers(ledgerOf(104, 'b')))
    expect(step).toMatchObject({ code: 'NEED', status: 409, ok: false })
    expect(step.effects).toEqual([{ type: 'need', from: 100, to: 103, parentHash: 'b103' }])
    expect(step.state).toEqual({ ...state, need: { from: 100, to: 103, parentHash: 'b103' } })
    expect(stepReorg(step.state, ledgers(ledgerOf(104, 'b'))).state).toBe(step.state)
    const done = feed(step.state, ledgers(...chain(102, 104, 'b', 'a')))
    expect(done).toMatchObject({ code: 'REORG', state: { need: null, tip: { hash: 'b104' } } })
  })

  it('8: and is a conflict if the tip is final', () => {
    const { state } = feed({}, ledgers(...chain(100, 103)), { type: 'finalized', sequence: 103, hash: 'a103' })
    expect(stepReorg(state, ledgers(ledgerOf(104, 'b')))).toMatchObject({
      code: 'FINALITY_CONFLICT',
      effects: [{ type: 'warn', ledger: 103, existingHash: 'a103', incomingHash: 'b103', depth: 1 }],
    })
  })

  it('9: with gapPolicy need, the tracker asks for the ledgers of a gap', () => {
    const step = feed({ gapPolicy: 'need' }, ledgers(...chain(100, 103)), ledgers(bare(107)))
    expect(step).toMatchObject({
      code: 'NEED',
      effects: [{ type: 'need', from: 104, to: 106 }],
      state: { tip: { sequence: 103 } },
    })
    expect(feed(step.state, ledgers(...chain(104, 107)))).toMatchObject({ code: 'EXTENDED', state: { need: null } })
  })

  it('10: GAP_TOO_LARGE beyond maxGap changes nothing, with both gap policies', () => {
    for (const gapPolicy of ['accept', 'need'] as const) {
      const { state } = feed({ gapPolicy }, ledgers(bare(100)))
      expect(stepReorg(state, ledgers(bare(100 + 17_281))).code).toBe(gapPolicy === 'need' ? 'NEED' : 'EXTENDED')
      const step = stepReorg(state, ledgers(bare(100 + 17_282)))
      expect(step).toMatchObject({ code: 'GAP_TOO_LARGE', status: 409, effects: [] })
      expect(step.state).toBe(state)
    }
  })

  it('12: a contested ledger on another parent is answered NEED, 13: unless that parent is final', () => {
    const { state } = feed({}, ledgers(...chain(100, 105)))
    expect(stepReorg(state, ledgers(ledgerOf(104, 'b')))).toMatchObject({
      code: 'NEED',
      effects: [{ type: 'need', from: 100, to: 103, parentHash: 'b103' }],
    })
    const final = feed(state, { type: 'finalized', sequence: 103 }).state
    expect(stepReorg(final, ledgers(ledgerOf(105, 'b')))).toMatchObject({
      effects: [{ type: 'need', from: 104, to: 104 }],
    })
    expect(stepReorg(final, ledgers(ledgerOf(104, 'b')))).toMatchObject({
      code: 'FINALITY_CONFLICT',
      effects: [{ ledger: 103 }],
    })
  })

  it('13: a fork from below the ledgers that are held is rejected', () => {
    const options = { finality: 'external', finalityDepth: 1, history: 5 } as const
    const { state } = feed(options, ledgers(...chain(100, 110)))
    expect(state).toMatchObject({ finalizedLedger: 0, window: { size: 5, forgotten: 105 } })
    expect(stepReorg(state, ledgers(ledgerOf(106, 'b', 'b')))).toMatchObject({
      code: 'FORK_BELOW_ANCHOR',
      state: { conflict: { ledger: 106 } },
    })
    expect(stepReorg(state, ledgers(ledgerOf(107, 'b', 'b')))).toMatchObject({
      code: 'NEED',
      effects: [{ from: 106, to: 106 }],
    })
    const short = feed({ ...options, history: 2 }, ledgers(bare(100), bare(105), bare(107))).state
    expect(stepReorg(short, ledgers(bare(106))).code).toBe('LATE')
    // 105 and 107 are islands, so they do not push 100 out of the window.
    expect(stepReorg(short, ledgers(ledgerOf(101)))).toMatchObject({ code: 'LATE', state: { linkedLedger: 101 } })
  })

  it('13b: an unseen ledger that contradicts nothing is inserted; one that its neighbour does not name replaces that neighbour', () => {
    const { state } = feed({}, ledgers(...chain(100, 102), ledgerOf(105), ledgerOf(106)))
    const late = stepReorg(state, ledgers(ledgerOf(104)))
    expect(late).toMatchObject({ code: 'LATE', status: 200 })
    expect(late.effects[0]).toEqual({ type: 'late', ledger: ledgerOf(104) })
    expect(late.state.reorgDetected).toBe(false)
    const other = stepReorg(state, ledgers(bare(104, 'b104')))
    expect(other.code).toBe('REORG')
    expect(other.effects.slice(0, 2)).toEqual([
      { type: 'warn', level: 'WARN', code: 'REORG', ledger: 104, existingHash: 'a104', incomingHash: 'b104', depth: 2 },
      { type: 'rollback', to: 102, undo: [ledgerOf(106), ledgerOf(105)] },
    ])
    expect(stepReorg(state, ledgers(ledgerOf(103, 'b'))).code).toBe('NEED')
  })

  it('13b: an unseen ledger that closed after the tip is from another branch, unless a link says otherwise', () => {
    const { state } = feed({}, ledgers({ ...bare(100), closedAt: 10 }, { ...ledgerOf(105), closedAt: 20 }))
    expect(stepReorg(state, ledgers({ ...bare(103), closedAt: 15 })).code).toBe('LATE')
    const { code, effects } = stepReorg(state, ledgers({ ...bare(103), closedAt: 21 }))
    expect(code).toBe('REORG')
    expect(effects[0]).toMatchObject({ type: 'warn', ledger: 103, existingHash: null, incomingHash: 'a103', depth: 1 })
    expect(types(effects)).toEqual(['warn', 'rollback', 'apply', 'safe'])
    expect(stepReorg(state, ledgers({ ...bare(104), closedAt: 21 })).code).toBe('LATE')
  })

  it('14: with switchRule higher, a branch that is not higher is ignored', () => {
    const { state } = feed({ switchRule: 'higher' }, ledgers(...chain(100, 105)))
    expect(stepReorg(state, ledgers(...chain(104, 105, 'b', 'a')))).toEqual({
      ok: true,
      status: 200,
      code: 'IGNORED_LOWER_BRANCH',
      state,
      effects: [],
    })
    expect(stepReorg(state, ledgers(...chain(104, 106, 'b', 'a'))).code).toBe('REORG')
  })

  it('17 to 20: finality from outside', () => {
    const { state } = feed({ finality: 'external' }, ledgers(...chain(100, 105)))
    expect(feed(state, { type: 'finalized', sequence: 103, hash: 'a103' })).toMatchObject({
      code: 'FINALIZED',
      state: { finalizedLedger: 103, lastSafeLedger: 104 },
      effects: [{ type: 'finalize', sequence: 103, previous: 0 }],
    })
    const final = feed(state, { type: 'finalized', sequence: 105 })
    expect(final).toMatchObject({ state: { finalizedLedger: 105, lastSafeLedger: 105 } })
    expect(types(final.effects)).toEqual(['finalize', 'safe'])
    expect(stepReorg(final.state, { type: 'finalized', sequence: 104 })).toMatchObject({ code: 'IGNORED', effects: [] })
    expect(stepReorg(final.state, { type: 'finalized', sequence: 104, hash: 'b104' }).code).toBe('FINALITY_CONFLICT')
    expect(stepReorg(state, { type: 'finalized', sequence: 104, hash: 'b104' })).toMatchObject({
      code: 'FINALITY_CONFLICT',
      status: 409,
    })
  })

  it('18: finality of a future ledger is remembered, and checked when the ledger comes', () => {
    const wait = feed({}, ledgers(...chain(100, 101)), { type: 'finalized', sequence: 103, hash: 'a103' })
    expect(wait).toMatchObject({
      code: 'DEFERRED',
      status: 202,
      ok: true,
      state: { deferred: { sequence: 103, hash: 'a103' } },
    })
    expect(stepReorg(wait.state, { type: 'finalized', sequence: 103, hash: 'a103' }).state).toBe(wait.state)
    expect(feed(wait.state, ledgers(...chain(102, 103))).state).toMatchObject({ finalizedLedger: 103, deferred: null })
    const wrong = feed(wait.state, ledgers(...chain(102, 103, 'b', 'a')))
    expect(wrong).toMatchObject({
      code: 'EXTENDED',
      state: {
        finalizedLedger: 39,
        deferred: null,
        conflict: { ledger: 103, existingHash: 'b103', incomingHash: 'a103' },
      },
    })
    expect(types(wrong.effects)).toContain('warn')
    expect(feed({}, { type: 'finalized', sequence: 5 }).code).toBe('DEFERRED')
  })

  it('21: a reset begins a new epoch and truncates', () => {
    const { state, code, effects } = feed({}, ledgers(...chain(100, 102)), reset)
    expect(code).toBe('RESET')
    expect(effects).toEqual([
      {
        type: 'warn',
        level: 'WARN',
        code: 'RESET',
        ledger: 102,
        existingHash: 'a102',
        incomingHash: null,
        depth: 3,
        reason: 'testnet was reset',
      },
      { type: 'rollback', to: null, undo: chain(100, 102).reverse(), all: true },
      { type: 'safe', sequence: 0, previous: 101, wentBack: true },
    ])
    expect(state).toEqual({ ...createReorgState(), epoch: 1 })
    expect(types(feed(state, reset).effects)).toEqual(['warn'])
  })

  it.each([
    { type: 'reset', actor: 'provider', reason: 'x' },
    { type: 'reset', actor: 'operator' },
    { type: 'reset', actor: 'operator', reason: ' \t' },
    { type: 'reset', actor: 'operator', reason: 'x'.repeat(1001) },
    { type: 'replay', actor: 'internal', reason: 'x', from: 'junk' },
  ])('22: %j is FORBIDDEN', (event) => {
    const { state } = feed({}, ledgers(...chain(100, 102)))
    const step = stepReorg(state, event as never)
    expect(step).toMatchObject({ code: 'FORBIDDEN', status: 403, effects: [] })
    expect(step.state).toBe(state)
  })

  it('23: a replay undoes and applies ledgers that are held, and leaves the state alone', () => {
    const { state } = feed({}, ledgers(...chain(100, 104)))
    const step = stepReorg(state, {
      type: 'replay',
      actor: 'operator',
      from: 102,
      to: 103,
      reason: 'events were derived anew',
    })
    expect(step.effects).toEqual([
      { type: 'rollback', to: 101, undo: chain(102, 104).reverse() },
      { type: 'apply', ledger: ledgerOf(102), after: 101 },
      { type: 'apply', ledger: ledgerOf(103), after: 102 },
      { type: 'apply', ledger: ledgerOf(104), after: 103 },
    ])
    expect(step.state).toBe(state)
    for (const [from, to] of [
      [99, 100],
      [103, 105],
    ]) {
      expect(stepReorg(state, { type: 'replay', actor: 'operator', from, to, reason: 'x' } as never)).toMatchObject({
        code: 'OUT_OF_RANGE',
        status: 409,
      })
    }
    expect(stepReorg(state, { type: 'replay', actor: 'operator', from: 103, to: 102, reason: 'x' })).toMatchObject({
      code: 'INVALID',
    })
    expect(feed({}, { type: 'replay', actor: 'operator', from: 1, to: 2, reason: 'x' }).code).toBe('OUT_OF_RANGE')
  })
})

const STELLAR_ANY = { safetyMargin: 1, finalityDepth: 1 }

describe('a hostile or unlucky provider', () => {
  it('cannot move finality with one ledger from far ahead: the true chain goes on below it and past it', () => {
    const far = feed({ finalityDepth: 2 }, ledgers(...chain(100, 105)), ledgers(bare(5000, 'far')))
    expect(far.state).toMatchObject({ finalizedLedger: 103, tip: { sequence: 5000 } })
    const on = feed(far.state, ledgers(...chain(106, 120)))
    expect(on).toMatchObject({ code: 'LATE', state: { finalizedLedger: 118 } })
    const past = feed(
      { finalityDepth: 2 },
      ledgers(...chain(100, 105)),
      ledgers(bare(108, 'far')),
      ledgers(...chain(106, 110)),
    )
    expect(past).toMatchObject({ code: 'REORG', state: { tip: { hash: 'a110' } } })
  })

  it('cannot block the true chain by a first ledger from far ahead', () => {
    const { state } = feed({}, ledgers(bare(1_000_000_000, 'far')), ledgers(...chain(100, 105)))
    expect(state.window.chunks.flat()).toHaveLength(7)
    expect(state.finalizedLedger).toBeLessThan(105)
  })

  it('causes no reorg when two sources lag behind each other', () => {
    let { state } = feed({}, ledgers(...chain(100, 101)))
    for (let tip = 102; tip < 200; tip++) {
      for (const at of [tip, tip - 1, tip - 3]) state = stepReorg(state, ledgers(ledgerOf(Math.max(100, at)))).state
    }
    expect(state).toMatchObject({ tip: { sequence: 199 }, counts: { reorgs: 0, late: 0 } })
  })

  it('is noticed when it returns to a branch: the return is counted', () => {
    const { state } = feed(
      {},
      ledgers(...chain(100, 103)),
      ledgers(...chain(102, 103, 'b', 'a')),
      ledgers(...chain(102, 104)),
    )
    expect(state.counts).toMatchObject({ reorgs: 2, flaps: 1 })
    expect(state.lastReorg).toMatchObject({ ledger: 102, depth: 2, existingHash: 'b102', incomingHash: 'a102' })
  })

  it('cannot show half of a branch: one rejected ledger rejects the event', () => {
    const { state } = feed({ maxGap: 3 }, ledgers(...chain(100, 103)))
    const step = stepReorg(state, ledgers(...chain(102, 104, 'b', 'a'), bare(200)))
    expect(step).toMatchObject({ code: 'GAP_TOO_LARGE', effects: [] })
    expect(step.state).toBe(state)
  })

  it('does no lasting harm with a wrong close time', () => {
    const { state } = feed({}, ledgers({ ...ledgerOf(100), closedAt: 9e15 }))
    expect(feed(state, ledgers({ ...ledgerOf(101), closedAt: 10 })).code).toBe('EXTENDED')
  })

  it('must send valid hashes with the Stellar preset', () => {
    const hash = 'ab'.repeat(32)
    expect(feed(STELLAR, ledgers({ sequence: 3, hash })).code).toBe('EXTENDED')
    for (const bad of [hash.toUpperCase(), hash.slice(1), `0x${hash.slice(2)}`, `${hash}\n`]) {
      expect(feed(STELLAR, ledgers({ sequence: 3, hash: bad })).reason).toBe(
        'ledgers[0].hash must be 64 lowercase hexadecimal digits.',
      )
    }
  })

  it('cannot undo a genesis ledger at 0, which is a ledger like others', () => {
    const { state } = feed({}, ledgers(bare(0), bare(1)))
    expect(state.window.size).toBe(2)
    expect(stepReorg(state, ledgers(bare(0, 'b'))).code).toBe('FINALITY_CONFLICT')
    expect(stepReorg(state, ledgers(bare(1, 'b'))).code).toBe('REORG')
  })
})
