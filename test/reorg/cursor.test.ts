import { describe, expect, it } from 'vitest'
import { createReorgState, invertEffects, reorgCursor, resumeReorg, stepReorg } from '../../src/reorg/index.ts'
import { carryOut, chain, feed, ledgerOf, ledgers } from './support.ts'

const empty = createReorgState({ gapPolicy: 'need' })
const first = feed(empty, ledgers(...chain(100, 105))).state
const forked = feed(first, ledgers(...chain(103, 107, 'b', 'a'))).state

describe('reorgCursor and resumeReorg', () => {
  it('continue if the cursor is on our chain', () => {
    expect(reorgCursor(first)).toBe('v1:0:0:0:105:a105')
    expect(resumeReorg(first, reorgCursor(first))).toEqual({ code: 'CONTINUE', effects: [] })
    expect(resumeReorg(first, reorgCursor(empty)).effects).toHaveLength(6)
    expect(resumeReorg(forked, 'v1:0:0:0:102:a102')).toMatchObject({ code: 'CONTINUE', effects: { length: 5 } })
  })

  it('rewind from an orphan to the common ancestor, also over two forks', () => {
    expect(resumeReorg(forked, reorgCursor(first))).toEqual({
      code: 'REWIND',
      effects: [
        { type: 'rollback', to: 102, undo: [ledgerOf(105), ledgerOf(104), ledgerOf(103)] },
        { type: 'apply', ledger: ledgerOf(103, 'b', 'a'), after: 102 },
        ...chain(104, 107, 'b').map((ledger) => ({ type: 'apply', ledger, after: ledger.sequence - 1 })),
      ],
    })
    const twice = feed(forked, ledgers(...chain(102, 104, 'c', 'a'))).state
    expect(carryOut(chain(100, 105), resumeReorg(twice, reorgCursor(first)).effects)).toEqual([
      ...chain(100, 101),
      ...chain(102, 104, 'c', 'a'),
    ])
    // The ledger of the cursor was undone and came back, so the consumer lacks nothing.
    const back = feed(forked, ledgers(...chain(103, 105))).state
    expect(carryOut(chain(100, 105), resumeReorg(back, reorgCursor(first)).effects)).toEqual(chain(100, 105))
  })

  it.each([
    '',
    'v2:0:0:0:105:a105',
    'v1:0:0:0:105:other',
    'v1:0:9:0:105:a105',
    'v1:0:0:9:105:a105',
    'v1:0:0:0:999:a999',
    'v1:0:0:0:105:',
    'v1:0:0:0::a105',
    'v1:-1:0:0:105:a105',
    'v1:0:0:0:105:a105\n',
    'xv1:0:0:0:105:a105',
    ['v1:0:0:0:105:a105'],
    null,
    undefined,
    {},
  ])('answer UNKNOWN for %j', (cursor) => {
    expect(resumeReorg(first, cursor as string)).toEqual({ code: 'UNKNOWN', effects: [] })
  })

  it('say if the cursor is too old, from another epoch, or below a late ledger', () => {
    const long = feed({ history: 65 }, ledgers(...chain(100, 105)))
    const far = feed(long.state, ledgers(...chain(106, 300))).state
    expect(resumeReorg(far, reorgCursor(long.state)).code).toBe('UNKNOWN')
    expect(resumeReorg(far, reorgCursor(createReorgState())).code).toBe('UNKNOWN')
    const none = feed({ orphans: 0 }, ledgers(...chain(100, 105)))
    expect(resumeReorg(feed(none.state, ledgers(ledgerOf(105, 'b', 'a'))).state, reorgCursor(none.state)).code).toBe(
      'UNKNOWN',
    )
    const reset = stepReorg(first, { type: 'reset', actor: 'operator', reason: 'x' }).state
    expect(resumeReorg(reset, reorgCursor(first)).code).toBe('OTHER_EPOCH')
    const sparse = feed({}, ledgers(ledgerOf(100), ledgerOf(105))).state
    expect(resumeReorg(feed(sparse, ledgers(ledgerOf(103))).state, reorgCursor(sparse)).code).toBe('UNSUPPORTED')
  })

  it('undo only the branches that were orphaned since the cursor', () => {
    const twice = feed(forked, ledgers(...chain(106, 108, 'c', 'b'))).state
    expect(resumeReorg(twice, reorgCursor(forked))).toMatchObject({
      code: 'REWIND',
      effects: [{ type: 'rollback', to: 105, undo: [ledgerOf(107, 'b'), ledgerOf(106, 'b')] }, {}, {}, {}],
    })
    expect(resumeReorg(twice, reorgCursor(twice))).toEqual({ code: 'CONTINUE', effects: [] })
  })

  it('ignore a fork above the cursor', () => {
    const { code, effects } = resumeReorg(forked, 'v1:0:0:0:101:a101')
    expect(code).toBe('CONTINUE')
    expect(carryOut(chain(100, 101), effects)).toEqual([...chain(100, 102), ...chain(103, 107, 'b', 'a')])
    expect(effects[0]).toEqual({ type: 'apply', ledger: ledgerOf(102), after: 101 })
  })

  it('rewind to nothing if everything was replaced, even twice', () => {
    const one = feed({}, ledgers(ledgerOf(100))).state
    const other = feed(one, ledgers({ sequence: 100, hash: 'b100' })).state
    const rewind = (hash: string) => [
      { type: 'rollback', to: null, undo: [ledgerOf(100)] },
      { type: 'apply', ledger: { sequence: 100, hash }, after: null },
    ]
    expect(resumeReorg(other, reorgCursor(one))).toEqual({ code: 'REWIND', effects: rewind('b100') })
    const third = feed(other, ledgers({ sequence: 100, hash: 'c100' })).state
    expect(resumeReorg(third, reorgCursor(one))).toEqual({ code: 'REWIND', effects: rewind('c100') })
    expect(resumeReorg(third, reorgCursor(createReorgState())).effects).toEqual(rewind('c100').slice(1))
  })

  it('continue within a window that has forgotten older ledgers', () => {
    const far = feed({ history: 65 }, ledgers(...chain(100, 300))).state
    expect(resumeReorg(far, 'v1:0:0:0:298:a298')).toMatchObject({ code: 'CONTINUE', effects: { length: 2 } })
    expect(resumeReorg(far, 'v1:0:0:0:236:a236')).toMatchObject({ code: 'CONTINUE', effects: { length: 64 } })
    expect(resumeReorg(far, 'v1:0:0:0:235:a235').code).toBe('UNKNOWN')
  })

  it('do not guess if the orphaned branches are no longer remembered', () => {
    const none = feed({ orphans: 0 }, ledgers(...chain(100, 105))).state
    const after = feed(none, ledgers(...chain(105, 106, 'b', 'a'))).state
    // The ledger of the cursor is still ours, but nobody knows what was undone above it.
    expect(resumeReorg(after, 'v1:0:0:0:103:a103').code).toBe('UNKNOWN')
    expect(resumeReorg(after, 'v1:0:1:0:103:a103').code).toBe('CONTINUE')
  })

  it('handle counts of two digits', () => {
    let state = feed({ finalityDepth: 64 }, ledgers(ledgerOf(100), ledgerOf(120))).state
    for (let i = 0; i < 12; i++) state = stepReorg(state, { type: 'reset', actor: 'operator', reason: 'x' }).state
    state = feed(state, ledgers(ledgerOf(100), ledgerOf(120))).state
    for (let i = 0; i < 12; i++) state = feed(state, ledgers(ledgerOf(101 + i))).state
    for (let i = 0; i < 12; i++) state = feed(state, ledgers({ sequence: 120, hash: `fork${i}` })).state
    expect(reorgCursor(state)).toBe('v1:12:12:12:120:fork11')
    expect(resumeReorg(state, reorgCursor(state))).toEqual({ code: 'CONTINUE', effects: [] })
  })

  it('handle a hash that contains a colon', () => {
    const state = feed({}, ledgers({ sequence: 1, hash: 'a:b:c' })).state
    expect(resumeReorg(state, reorgCursor(state)).code).toBe('CONTINUE')
  })

  it('rewind to the last forgotten ledger, but not to one before it', () => {
    const options = { finality: 'external', finalityDepth: 1, history: 5 } as const
    const a = feed(options, ledgers(...chain(100, 105))).state
    const b = feed(a, ledgers(...chain(103, 107, 'b', 'a'))).state
    expect(b.window.forgotten).toBe(102)
    const rewind = resumeReorg(b, reorgCursor(a))
    expect(rewind.code).toBe('REWIND')
    expect(carryOut(chain(100, 105), rewind.effects)).toEqual([...chain(100, 102), ...chain(103, 107, 'b', 'a')])
    const further = feed(b, ledgers(ledgerOf(108, 'b'))).state
    expect(further.window.forgotten).toBe(103)
    expect(resumeReorg(further, reorgCursor(a))).toEqual({ code: 'UNKNOWN', effects: [] })
  })
})

describe('invertEffects', () => {
  it('does not change its argument', () => {
    const step = stepReorg(first, ledgers(...chain(103, 107, 'b', 'a')))
    const given = structuredClone(step.effects)
    invertEffects(given)
    expect(given).toEqual(step.effects)
  })

  it('leaves out effects that do not change the list', () => {
    const kept = ['finalize', 'need', 'gap', 'warn', 'recovered']
    const effects = [
      ...feed(first, ledgers(...chain(103, 130, 'b', 'a'))).effects,
      ...stepReorg(createReorgState({ finalityDepth: 1 }), ledgers(ledgerOf(100), ledgerOf(109))).effects,
      ...stepReorg(first, { type: 'finalized', sequence: 101 }).effects,
    ].filter(({ type }) => kept.includes(type))
    expect(new Set(effects.map(({ type }) => type)).size).toBeGreaterThan(2)
    expect(invertEffects(effects)).toEqual([])
  })

  it('says why a reset cannot be inverted', () => {
    const { effects } = stepReorg(first, { type: 'reset', actor: 'operator', reason: 'x' })
    expect(() => invertEffects(effects)).toThrow(
      'A reset cannot be inverted, because its undo list covers the window only.',
    )
  })

  it('leads back to the list before the step', () => {
    const step = stepReorg(first, ledgers(...chain(104, 107, 'b', 'a')))
    const list = carryOut(chain(100, 105), step.effects)
    expect(carryOut(list, invertEffects(step.effects))).toEqual(chain(100, 105))
    expect(invertEffects(step.effects)).toContainEqual({ type: 'safe', sequence: 104, previous: 106, wentBack: true })
    expect(carryOut(list, invertEffects(invertEffects(invertEffects(step.effects))))).toEqual(chain(100, 105))
  })

  it('takes late ledgers out again, and puts them back', () => {
    const late = stepReorg(feed({}, ledgers(ledgerOf(100), ledgerOf(105))).state, ledgers(ledgerOf(103))).effects
    expect(invertEffects(late)).toContainEqual({ type: 'late', ledger: ledgerOf(103), remove: true })
    expect(invertEffects(invertEffects(late))).toContainEqual({ type: 'late', ledger: ledgerOf(103) })
  })

  it('throws for a reset', () => {
    const { effects } = stepReorg(first, { type: 'reset', actor: 'operator', reason: 'x' })
    expect(() => invertEffects(effects)).toThrow(expect.objectContaining({ code: 'REORG_NOT_INVERTIBLE' }))
  })
})

describe('a consumer with an empty list', () => {
  const start = reorgCursor(createReorgState({ history: 10, finalityDepth: 5 }))

  it('gets ledger 0 too', () => {
    const { state } = feed({ history: 10, finalityDepth: 5 }, ledgers(...chain(0, 3)))
    expect(resumeReorg(state, start)).toEqual({
      code: 'CONTINUE',
      effects: chain(0, 3).map((ledger, at) => ({ type: 'apply', ledger, after: at === 0 ? null : at - 1 })),
    })
  })

  it('gets UNKNOWN once a ledger was forgotten, even if that was ledger 0', () => {
    const { state } = feed({ history: 10, finalityDepth: 5 }, ledgers(...chain(0, 10)))
    expect(state.window.forgotten).toBe(0)
    expect(resumeReorg(state, start)).toMatchObject({ code: 'UNKNOWN' })
  })
})

it('a cursor that names an undone hash at another height is unknown', () => {
  const { state } = feed({}, ledgers(...chain(1, 10)), ledgers(...chain(9, 11, 'b', 'a')))
  expect(resumeReorg(state, 'v1:0:0:0:10:a10').code).toBe('REWIND')
  expect(resumeReorg(state, 'v1:0:0:0:12:a10').code).toBe('UNKNOWN')
})
