// A consumer, a chain that forks, providers that lag and lie, and the invariants that must hold after every step.
import { expect } from 'vitest'
import {
  createReorgState,
  invertEffects,
  type Ledger,
  parseReorgState,
  type ReorgEffect,
  type ReorgEvent,
  type ReorgOptions,
  type ReorgState,
  type ReorgStep,
  reorgCursor,
  reorgHealth,
  resumeReorg,
  serializeReorgState,
  stepReorg,
} from '../../src/reorg/index.ts'

/** The consumer: a plain list. It refuses effects that do not fit what it holds. */
export function carryOut(list: readonly Ledger[], effects: readonly ReorgEffect[]): readonly Ledger[] {
  let held = [...list]
  for (const effect of effects) {
    if (effect.type === 'apply') {
      const last = held.at(-1)
      if ((last?.sequence ?? null) !== effect.after)
        throw new Error(`apply after ${effect.after}, but holds ${last?.sequence}`)
      if (last && effect.ledger.sequence <= last.sequence) throw new Error('apply does not ascend')
      held.push(effect.ledger)
    } else if (effect.type === 'rollback') {
      if (effect.undo.length === 0) throw new Error('rollback of nothing')
      for (const ledger of effect.undo) {
        const last = held.pop()
        if (last?.sequence !== ledger.sequence || last.hash !== ledger.hash) throw new Error('undo is not the suffix')
      }
      if (effect.all) held = []
      if ((held.at(-1)?.sequence ?? null) !== effect.to) throw new Error('rollback ends elsewhere')
    } else if (effect.type === 'late') {
      const at = held.findIndex(({ sequence }) => sequence >= effect.ledger.sequence)
      if (effect.remove) {
        if (held[at]?.hash !== effect.ledger.hash) throw new Error('no such ledger to take out')
        held.splice(at, 1)
      } else {
        if (at < 0 || held[at]?.sequence === effect.ledger.sequence) throw new Error('late ledger has no place')
        held.splice(at, 0, effect.ledger)
      }
    }
  }
  return held
}

export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const member of Object.values(value)) deepFreeze(member)
  }
  return value
}

const INERT = [
  'INVALID',
  'DUPLICATE',
  'STALE',
  'FORBIDDEN',
  'GAP_TOO_LARGE',
  'OUT_OF_RANGE',
  'IGNORED',
  'IGNORED_LOWER_BRANCH',
  'REPLAY',
]
const REFUSED = [
  'NEED',
  'FINALITY_CONFLICT',
  'CHAIN_RESET_SUSPECTED',
  'FORK_BELOW_ANCHOR',
  'DEFERRED',
  'FINALIZED',
  ...INERT,
]

export interface Run {
  readonly state: ReorgState
  readonly list: readonly Ledger[]
  /** Positions a consumer may have stored, with what it held there. */
  readonly marks: readonly { readonly cursor: string; readonly list: readonly Ledger[] }[]
}

export function startRun(options: ReorgOptions): Run {
  const state = deepFreeze(createReorgState(options))
  return { state, list: [], marks: [{ cursor: reorgCursor(state), list: [] }] }
}

/** One step with every invariant checked. `deep` also checks serialisation, resuming and inversion, which cost more. */
export function advance(run: Run, event: ReorgEvent, deep = true): { readonly run: Run; readonly step: ReorgStep } {
  const { state: before, list } = run
  const step = stepReorg(before, event)
  const { state: after, code, effects } = step
  deepFreeze(after)
  const types = effects.map(({ type }) => type)
  const operator = code === 'RESET' || code === 'REPLAY'
  const held = carryOut(list, effects)

  // P1: the replay of all effects is the chain, and its end is the tip.
  const { config, tip } = after
  expect(held.at(-1) ?? null).toEqual(tip)
  const shown = held.slice(-after.window.size - 2)
  for (let at = 1; at < shown.length; at++) {
    const [lower, upper] = [shown[at - 1] as Ledger, shown[at] as Ledger]
    const adjacent = upper.sequence === lower.sequence + 1
    if (config.gapPolicy === 'need' ? !adjacent : upper.sequence <= lower.sequence) throw new Error('holes or disorder')
    if (adjacent && upper.parentHash !== undefined && upper.parentHash !== lower.hash) throw new Error('broken link')
  }
  const window = after.window.chunks.flat()
  expect(window).toEqual(window.length ? held.slice(-window.length) : [])

  // P2: undo before apply, once at most.
  expect(types.filter((type) => type === 'rollback').length).toBeLessThanOrEqual(1)
  if (types.includes('rollback') && types.includes('apply'))
    expect(types.indexOf('rollback')).toBeLessThan(types.indexOf('apply'))

  // P3, P4: the floor.
  for (const effect of effects) {
    if (effect.type !== 'rollback' || operator) continue
    for (const ledger of effect.undo) expect(ledger.sequence).toBeGreaterThan(before.finalizedLedger)
    if (config.gapPolicy === 'need' && effect.to !== null)
      expect(effect.to).toBeGreaterThanOrEqual(before.finalizedLedger)
  }
  if (after.epoch === before.epoch) expect(after.finalizedLedger).toBeGreaterThanOrEqual(before.finalizedLedger)
  const movesFinality = effects.some(({ type }) => type === 'finalize')
  expect(movesFinality).toBe(after.epoch === before.epoch && after.finalizedLedger > before.finalizedLedger)
  if (types.includes('gap')) expect(movesFinality).toBe(false)

  // P5: the safe height.
  const height = tip?.sequence ?? 0
  expect(after.lastSafeLedger).toBe(tip ? Math.max(height - config.safetyMargin, after.finalizedLedger) : 0)
  expect(after.finalizedLedger).toBeLessThanOrEqual(height)
  const safe = effects.filter((effect) => effect.type === 'safe')
  expect(safe.length).toBe(after.lastSafeLedger === before.lastSafeLedger ? 0 : 1)
  if (safe[0]) {
    expect(safe[0].previous).toBe(before.lastSafeLedger)
    expect(safe[0].sequence).toBe(after.lastSafeLedger)
    expect(safe[0].wentBack).toBe(after.lastSafeLedger < before.lastSafeLedger)
  }

  // P7: what is refused is inert.
  if (INERT.includes(code)) expect(after).toBe(before)
  if (REFUSED.includes(code) && code !== 'REPLAY')
    for (const type of ['apply', 'rollback', 'late']) expect(types).not.toContain(type)
  expect(step.ok).toBe(step.status < 400)
  if (!step.ok) expect(step.reason).toEqual(expect.any(String))

  // P6: the same again changes nothing.
  if (!operator) {
    const again = stepReorg(after, event)
    if (again.state !== after && code !== 'DEFERRED')
      throw new Error(`fed again after ${code}: ${again.code} changed the state`)
    for (const type of ['apply', 'rollback', 'late', 'finalize', 'safe', 'recovered'])
      expect(again.effects.map((effect) => effect.type)).not.toContain(type)
  }

  // P12: bounds.
  expect(after.window.size).toBe(window.length)
  expect(window.length).toBeLessThanOrEqual(config.history)
  expect(after.orphans.flatMap(({ ledgers }) => ledgers).length).toBeLessThanOrEqual(config.orphans)

  // P13: the flag.
  const undone = types.includes('rollback') && !operator
  if (undone) {
    expect(after.reorgDetected).toBe(true)
    expect(reorgHealth(after, { now: 0 }).status).toBe('degraded')
    expect(code).toBe('REORG')
    const warn = effects.find((effect) => effect.type === 'warn')
    const rollback = effects.find((effect) => effect.type === 'rollback')
    expect(warn?.depth).toBe(rollback?.undo.length)
    expect(types.indexOf('warn')).toBeLessThan(types.indexOf('rollback'))
  }
  if (before.reorgDetected && !after.reorgDetected && code !== 'RESET') {
    expect(types).toContain('recovered')
    expect(undone).toBe(false)
    expect(after.lastSafeLedger).toBeGreaterThan(before.recovery?.safeMark ?? Number.NaN)
    expect(height).toBeGreaterThan((before.recovery?.ledger ?? Number.NaN) + config.recoveryLedgers)
  } else expect(types).not.toContain('recovered')
  if (before.conflict && !after.conflict && code !== 'RESET') expect(height).toBeGreaterThan(before.conflict.tip)

  // P16: authority.
  if (code === 'RESET') {
    expect(after.epoch).toBe(before.epoch + 1)
    for (const mark of run.marks) expect(resumeReorg(after, mark.cursor).code).toBe('OTHER_EPOCH')
  } else expect(after.epoch).toBe(before.epoch)

  const marks = code === 'RESET' ? [] : run.marks
  if (deep) {
    // P11: text and back is identity, and the step does not know the difference.
    const copy = parseReorgState(serializeReorgState(before))
    expect(copy).toStrictEqual(before)
    expect(stepReorg(copy, event)).toStrictEqual(step)

    // P17: from any earlier position to this list, or a refusal.
    for (const mark of marks) {
      const resumed = resumeReorg(after, mark.cursor)
      if (resumed.code === 'CONTINUE' || resumed.code === 'REWIND')
        expect(carryOut(mark.list, resumed.effects)).toEqual(held)
      else expect(resumed.effects).toEqual([])
      if (config.gapPolicy === 'need') expect(resumed.code).not.toBe('UNSUPPORTED')
    }

    // P18: there and back.
    if (code !== 'RESET') expect(carryOut(held, invertEffects(effects))).toEqual(list)
  }
  const mark = { cursor: reorgCursor(after), list: held }
  return { run: { state: after, list: held, marks: [...marks.slice(-7), mark] }, step }
}

/** A ledger of a branch: its hash tells height and branch, and it names its parent. */
export function ledgerOf(sequence: number, branch = 'a', parent: string = branch, closedAt?: number): Ledger {
  return {
    sequence,
    hash: `${branch}${sequence}`,
    ...(sequence > 0 ? { parentHash: `${parent}${sequence - 1}` } : {}),
    ...(closedAt === undefined ? {} : { closedAt }),
  }
}

/** Ledgers `from` to `to` of one branch. `parent` is the branch that the first stands on. */
export function chain(from: number, to: number, branch = 'a', parent: string = branch): Ledger[] {
  return Array.from({ length: to - from + 1 }, (_, at) => ledgerOf(from + at, branch, at === 0 ? parent : branch))
}

export function ledgers(...list: readonly Ledger[]): ReorgEvent {
  return { type: 'ledgers', ledgers: list }
}

/** Feeds events and gives the last step; every invariant is checked on the way. */
export function feed(options: ReorgOptions | ReorgState, ...events: readonly ReorgEvent[]): ReorgStep {
  let state = 'version' in options ? options : createReorgState(options)
  let last: ReorgStep | undefined
  for (const event of events) {
    last = stepReorg(state, event)
    state = last.state
  }
  return last as ReorgStep
}
