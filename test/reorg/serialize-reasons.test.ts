// What parseReorgState says if a state was damaged in one place: the reason names the member, for whoever looks at the column.

import { describe, expect, it } from 'vitest'
import { createReorgState, parseReorgState, type ReorgState, serializeReorgState } from '../../src/reorg/index.ts'
import { chain, feed, fullState, ledgerOf, ledgers } from './support.ts'

type Spoil = (state: { -readonly [Key in keyof ReorgState]: unknown } & Record<string, unknown>) => unknown

const HASH = 'x'

function parse(state: ReorgState, spoil: Spoil): ReorgState {
  const copy = JSON.parse(serializeReorgState(state))
  spoil(copy)
  return parseReorgState(JSON.stringify(copy))
}

function refused(reason: string) {
  return expect.objectContaining({
    name: 'ReorgError',
    code: 'REORG_INVALID_STATE',
    message: `The reorg state cannot be read: ${reason}`,
    field: reason.slice(0, reason.indexOf(' ')),
  })
}

const window = (ledgers: unknown[], rest: object = {}) => ({
  size: ledgers.length,
  forgotten: null,
  chunks: [ledgers],
  ...rest,
})
const branch = (rest: object = {}) => ({ ...fullState().orphans[0], ...rest })
const record = (rest: object = {}) => ({ ledger: 58, depth: 3, existingHash: HASH, incomingHash: HASH, ...rest })
const conflict = (rest: object = {}) => ({
  code: 'FINALITY_CONFLICT',
  ledger: 3,
  existingHash: HASH,
  incomingHash: HASH,
  tip: 3,
  ...rest,
})

describe('parseReorgState says', () => {
  it.each([
    ['text must be a string.', undefined],
    ['text must be a string.', 3],
    ['text must be JSON.', ''],
    ['text must be JSON.', '{'],
    ['text must hold an object.', 'null'],
    ['text must hold an object.', '3'],
    ['version must be 1.', '[]'],
    ['version must be 1.', '{}'],
    ['config must be an object.', '{"version":1}'],
  ])('%s, of %j', (reason, text) => {
    expect(() => parseReorgState(text as string)).toThrow(refused(reason))
  })

  it.each<[string, Spoil]>([
    ['config must be an object.', (state) => (state.config = 3)],
    ['counts must be an object.', (state) => (state.counts = null)],
    ...['reorgs', 'deepest', 'flaps', 'late'].map((name): [string, Spoil] => [
      'counts must hold whole numbers, 0 or more.',
      (state) => (state.counts = { ...fullState().counts, [name]: -1 }),
    ]),
    ['window must be an object with an array of chunks.', (state) => (state.window = null)],
    [
      'window must be an object with an array of chunks.',
      (state) => (state.window = { ...fullState().window, chunks: {} }),
    ],
    [
      'window must hold chunks that are arrays.',
      (state) => (state.window = { ...fullState().window, chunks: [[ledgerOf(1)], 3] }),
    ],
    [
      'window must hold as many ledgers as its size says.',
      (state) => (state.window = { ...fullState().window, size: 53 }),
    ],
    ['window must not hold more ledgers than config allows.', (state) => (state.window = window(chain(1, 61)))],
    ['window must not hold more ledgers than config allows.', (state) => (state.window = window(chain(1, 5000)))],
    [
      'window must have a sequence or null as forgotten.',
      (state) => (state.window = { ...fullState().window, forgotten: 'x' }),
    ],
    ['window must not be empty if ledgers were forgotten.', (state) => (state.window = window([], { forgotten: 0 }))],
    ['window must hold ledgers in ascending order.', (state) => (state.window = window(chain(5, 9), { forgotten: 5 }))],
    ['window must hold ledgers in ascending order.', (state) => (state.window = window([ledgerOf(2), ledgerOf(1)]))],
    ['window must hold ledgers in ascending order.', (state) => (state.window = window([ledgerOf(2), ledgerOf(2)]))],
    [
      'window must hold one chain, each ledger linked to the one below it.',
      (state) => (state.window = window([ledgerOf(1), ledgerOf(2, 'b')])),
    ],
    [
      'ledgers[1].hash must be 1 to 128 visible ASCII characters.',
      (state) => (state.window = window([ledgerOf(1), { sequence: 2, hash: '' }])),
    ],
    ['epoch must be a whole number, 0 or more.', (state) => (state.epoch = -1)],
    ['finalizedLedger must be a whole number, 0 or more.', (state) => (state.finalizedLedger = null)],
    ['finalizedLedger must not be above the tip.', (state) => (state.finalizedLedger = 62)],
    ['linkedLedger must be a whole number, 0 or more.', (state) => (state.linkedLedger = null)],
    ['linkedLedger must be where the chain ends.', (state) => (state.linkedLedger = 60)],
    ['linkedLedger must be where the chain ends.', (state) => (state.linkedLedger = 62)],
    ['linkedLedger must be where the chain ends.', (state) => (state.linkedLedger = 0)],
    [
      'lastSafeLedger must be the tip minus safetyMargin, or finalizedLedger if that is more.',
      (state) => (state.lastSafeLedger = 0),
    ],
    ['tip must be the newest ledger of the window.', (state) => (state.tip = null)],
    ...(['sequence', 'hash', 'parentHash', 'closedAt'] as const).map((name): [string, Spoil] => [
      'tip must be the newest ledger of the window.',
      (state) => (state.tip = { ...fullState().tip, [name]: name.endsWith('ash') ? 'other' : 7 }),
    ]),
    ['ledgers[0].sequence must be a whole number, 0 or more.', (state) => (state.tip = {})],
    ['reorgDetected must be true if there is a recovery, and false if not.', (state) => (state.reorgDetected = false)],
    ['reorgDetected must be true if there is a recovery, and false if not.', (state) => (state.recovery = null)],
    ['recovery must be an object or null.', (state) => (state.recovery = 3)],
    ['recovery must hold whole numbers, 0 or more.', (state) => (state.recovery = { ledger: -1, safeMark: 1 })],
    ['recovery must hold whole numbers, 0 or more.', (state) => (state.recovery = { ledger: 1, safeMark: 'x' })],
    ['conflict must be an object or null.', (state) => (state.conflict = 3)],
    ['conflict must have a known code.', (state) => (state.conflict = conflict({ code: 'NONE' }))],
    ['conflict must hold whole numbers, 0 or more.', (state) => (state.conflict = conflict({ ledger: -1 }))],
    ['conflict must hold whole numbers, 0 or more.', (state) => (state.conflict = conflict({ tip: -1 }))],
    ['conflict must hold valid hashes.', (state) => (state.conflict = conflict({ existingHash: 3 }))],
    ['conflict must hold valid hashes.', (state) => (state.conflict = conflict({ incomingHash: null }))],
    ['need must be an object or null.', (state) => (state.need = 3)],
    ['need must be a range whose from is not above its to.', (state) => (state.need = { from: -1, to: 2 })],
    ['need must be a range whose from is not above its to.', (state) => (state.need = { from: 1, to: 'x' })],
    ['need must be a range whose from is not above its to.', (state) => (state.need = { from: 3, to: 2 })],
    ['need must hold a valid hash.', (state) => (state.need = { from: 1, to: 2, parentHash: '' })],
    ['deferred must be an object or null.', (state) => (state.deferred = 3)],
    ['sequence must be a whole number, 0 or more.', (state) => (state.deferred = {})],
    ['orphans must be an array.', (state) => (state.orphans = {})],
    ['orphans must hold branches with arrays of ledgers.', (state) => (state.orphans = [3])],
    ['orphans must hold branches with arrays of ledgers.', (state) => (state.orphans = [branch({ ledgers: 3 })])],
    [
      'orphans must be numbered one by one, up to the last reorg.',
      (state) => (state.orphans = [branch({ rollback: 2 })]),
    ],
    [
      'orphans must be numbered one by one, up to the last reorg.',
      (state) => (state.orphans = [branch({ rollback: 0 }), branch()]),
    ],
    ['orphans must say to which sequence each branch was undone.', (state) => (state.orphans = [branch({ to: -1 })])],
    ['orphans must hold ledgers in descending order.', (state) => (state.orphans = [branch({ to: 58 })])],
    [
      'orphans must hold ledgers in descending order.',
      (state) => (state.orphans = [branch({ ledgers: chain(58, 60) })]),
    ],
    [
      'orphans must not hold more ledgers than config.orphans.',
      (state) => (state.orphans = [branch({ to: null, ledgers: chain(1, 65).reverse() })]),
    ],
    ['lastReorg must be an object or null.', (state) => (state.lastReorg = 3)],
    ['lastReorg must hold whole numbers, 0 or more.', (state) => (state.lastReorg = record({ ledger: -1 }))],
    ['lastReorg must hold whole numbers, 0 or more.', (state) => (state.lastReorg = record({ depth: null }))],
    ['lastReorg must hold valid hashes.', (state) => (state.lastReorg = record({ existingHash: 3 }))],
    ['lastReorg must hold valid hashes.', (state) => (state.lastReorg = record({ incomingHash: null }))],
    ['lastReorg must have a valid source.', (state) => (state.lastReorg = record({ source: '' }))],
  ])('%s (%#)', (reason, spoil) => {
    expect(() => parse(fullState(), spoil)).toThrow(refused(reason))
  })

  it('which option of config is invalid', () => {
    expect(() => parse(fullState(), (state) => (state.config = { ...fullState().config, history: 1 }))).toThrow(
      expect.objectContaining({
        field: 'config',
        message: expect.stringMatching(/^The reorg state cannot be read: config\.history must be a whole number/),
      }),
    )
  })

  it('that an empty window has no finality, safe ledger or tip', () => {
    const empty = createReorgState()
    expect(() => parse(empty, (state) => (state.finalizedLedger = 1))).toThrow(
      refused('finalizedLedger must not be above the tip.'),
    )
    expect(() => parse(empty, (state) => (state.lastSafeLedger = 1))).toThrow(
      refused('lastSafeLedger must be the tip minus safetyMargin, or finalizedLedger if that is more.'),
    )
    expect(() => parse(empty, (state) => (state.tip = ledgerOf(1)))).toThrow(
      refused('tip must be the newest ledger of the window.'),
    )
  })
})

describe('parseReorgState says of a state with islands', () => {
  const { state } = feed(
    { finalityDepth: 5, history: 60 },
    ledgers(...chain(1, 70)),
    ledgers(ledgerOf(80), ledgerOf(82)),
  )

  it.each<[string, Spoil]>([
    ['linkedLedger must be where the chain ends.', (state) => (state.linkedLedger = 75)],
    [
      'linkedLedger must not be below finalizedLedger.',
      (state) => Object.assign(state, { finalizedLedger: 80, lastSafeLedger: 81 }),
    ],
    // If an island counts as the chain, the chain is too long.
    ['window must not hold more ledgers than config allows.', (state) => (state.linkedLedger = 80)],
    [
      'linkedLedger must be where the chain ends.',
      (state) => (state.window = window([...chain(11, 70), ...chain(80, 85)], { forgotten: 10 })),
    ],
    [
      'window must not hold more ledgers than config allows.',
      (state) => {
        const islands = Array.from({ length: 1025 }, (_, at) => ledgerOf(80 + 2 * at))
        state.window = window([...chain(12, 70), ...islands], { forgotten: 11 })
      },
    ],
    [
      'window must not hold more ledgers than config allows.',
      (state) => (state.window = window([...chain(10, 70), ledgerOf(80)], { forgotten: 9 })),
    ],
  ])('%s (%#)', (reason, spoil) => {
    expect(parse(state, () => {})).toStrictEqual(state)
    expect(() => parse(state, spoil)).toThrow(refused(reason))
  })
})

describe('parseReorgState accepts', () => {
  it.each<[string, () => ReorgState, Spoil]>([
    [
      'a conflict whose existing hash is not known',
      fullState,
      (state) => (state.conflict = conflict({ existingHash: null })),
    ],
    ...(['FINALITY_CONFLICT', 'CHAIN_RESET_SUSPECTED', 'FORK_BELOW_ANCHOR'] as const).map(
      (code): [string, () => ReorgState, Spoil] => [
        `the conflict ${code}`,
        fullState,
        (state) => (state.conflict = conflict({ code })),
      ],
    ),
    ['a need of one ledger', fullState, (state) => (state.need = { from: 62, to: 62 })],
    ['a last reorg without a source', fullState, (state) => (state.lastReorg = record())],
    ['a last reorg from nothing', fullState, (state) => (state.lastReorg = record({ existingHash: null }))],
    [
      'a branch that left nothing',
      fullState,
      (state) => (state.orphans = [branch({ to: null, ledgers: [ledgerOf(0)] })]),
    ],
    ['a branch without ledgers', fullState, (state) => (state.orphans = [branch({ to: 3, ledgers: [] })])],
    ['a deferral without a hash', fullState, (state) => (state.deferred = { sequence: 70 })],
    ['finality at the tip', fullState, (state) => Object.assign(state, { finalizedLedger: 61, lastSafeLedger: 61 })],
    ['a ledger 0', () => feed({}, ledgers(ledgerOf(0))).state, () => {}],
  ])('%s', (_name, state, spoil) => {
    const wanted = JSON.parse(serializeReorgState(state()))
    spoil(wanted)
    expect(parse(state(), spoil)).toStrictEqual(wanted)
  })

  it('a full window', () => {
    const { state } = feed({ history: 60, finalityDepth: 5 }, ledgers(...chain(1, 60)))
    expect(parseReorgState(serializeReorgState(state))).toStrictEqual(state)
  })

  it('as many undone ledgers as config allows, from several branches', () => {
    const options = { finalityDepth: 4, orphans: 4 } as const
    const branches = [ledgers(...chain(9, 11, 'b', 'a')), ledgers(...chain(10, 12, 'c', 'b'))]
    const { state } = feed(options, ledgers(...chain(1, 10)), ...branches)
    expect(state.orphans.map(({ ledgers }) => ledgers.length)).toEqual([2, 2])
    expect(parseReorgState(serializeReorgState(state))).toStrictEqual(state)
  })

  it('a chain without gaps with gapPolicy need', () => {
    const { state } = feed({ gapPolicy: 'need' }, ledgers(...chain(5, 9)))
    expect(parseReorgState(serializeReorgState(state))).toStrictEqual(state)
  })

  it('ledgers without a parent, wherever they are', () => {
    const bare = (sequence: number) => ({ sequence, hash: `a${sequence}` })
    const { state } = feed({}, ledgers(bare(1), bare(2)))
    expect(parseReorgState(serializeReorgState(state))).toStrictEqual(state)
  })
})
