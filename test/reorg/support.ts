// A consumer, a chain that forks, providers that lag and lie, and the invariants that must hold after every step.
import { isDeepStrictEqual as equal } from 'node:util'
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

/** The consumer: a plain list. It throws for effects that do not fit its ledgers. */
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

/** A cheap assertion, because it runs millions of times. */
function must(fact: boolean, what: string): void {
  if (!fact) throw new Error(what)
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
  const same = after.epoch === before.epoch

  // P1: the replay of all effects is the chain, and its end is the tip.
  const { config, tip } = after
  must(equal(held.at(-1) ?? null, tip), 'P1: the end of the list is not the tip')
  const shown = held.slice(-after.window.size - 2)
  for (let at = 1; at < shown.length; at++) {
    const [lower, upper] = [shown[at - 1] as Ledger, shown[at] as Ledger]
    const adjacent = upper.sequence === lower.sequence + 1
    const proven = config.heights === 'sparse' && upper.parentHash === lower.hash
    must(upper.sequence > lower.sequence, 'P1: the list does not ascend')
    must(adjacent || proven || config.gapPolicy === 'accept', 'P1: the list has gaps')
    must(!adjacent || upper.parentHash === undefined || upper.parentHash === lower.hash, 'P1: broken link')
    // With skipped heights, a link to an older ledger of ours says that the one between is not there.
    const older = shown.slice(0, at - 1).some(({ hash }) => hash === upper.parentHash)
    must(config.heights !== 'sparse' || !older, 'P1: a link past a ledger that is held')
  }
  const window = after.window.chunks.flat()
  must(equal(window, window.length ? held.slice(-window.length) : []), 'P1: the window is not the end of the list')

  // P2: undo before apply, and at most once.
  const undo = types.indexOf('rollback')
  const apply = types.indexOf('apply')
  must(undo === types.lastIndexOf('rollback'), 'P2: two rollbacks')
  must(undo < 0 || apply < 0 || undo < apply, 'P2: apply before undo')

  // P3, P4: the floor.
  for (const effect of effects) {
    if (effect.type !== 'rollback' || operator) continue
    must(
      effect.undo.every(({ sequence }) => sequence > before.finalizedLedger),
      'P3: a final ledger was undone',
    )
    // With skipped heights, finality at a height may lie above the highest ledger that is final.
    must(
      config.gapPolicy === 'accept' ||
        config.heights === 'sparse' ||
        effect.to === null ||
        effect.to >= before.finalizedLedger,
      'P3: the ancestor is below finality',
    )
  }
  must(!same || after.finalizedLedger >= before.finalizedLedger, 'P4: finality went back')
  const final = types.includes('finalize')
  must(final === (same && after.finalizedLedger > before.finalizedLedger), 'P4: finality moved without an effect')
  must(!final || !types.includes('gap'), 'P22: a gap moved finality')

  // P5: the safe height.
  const height = tip?.sequence ?? 0
  must(
    after.lastSafeLedger === (tip ? Math.max(height - config.safetyMargin, after.finalizedLedger) : 0),
    'P5: lastSafe does not follow',
  )
  must(after.finalizedLedger <= height, 'P5: finality above the tip')
  if (
    config.finality === 'depth' &&
    config.finalityDepth <= config.safetyMargin &&
    config.gapPolicy === 'need' &&
    // With skipped heights, a margin in heights says nothing about a depth in ledgers.
    config.heights === 'consecutive' &&
    same
  ) {
    must(
      after.lastSafeLedger >= before.lastSafeLedger || before.window.size <= config.finalityDepth,
      'P5: lastSafe went back',
    )
  }
  const safe = effects.find((effect) => effect.type === 'safe')
  must((safe !== undefined) === (after.lastSafeLedger !== before.lastSafeLedger), 'P5: safe moved without an effect')
  must(
    !safe ||
      (safe.previous === before.lastSafeLedger &&
        safe.sequence === after.lastSafeLedger &&
        safe.wentBack === after.lastSafeLedger < before.lastSafeLedger),
    'P5: the safe effect is wrong',
  )

  // P7: a rejected event changes nothing.
  must(!INERT.includes(code) || after === before, `P7: ${code} changed the state`)
  const changes = types.filter((type) => type === 'apply' || type === 'rollback' || type === 'late')
  must(changes.length === 0 || code === 'REPLAY' || !REFUSED.includes(code), `P7: ${code} changed the list`)
  must(
    step.ok === step.status < 400 && step.ok === (step.reason === undefined),
    'P7: a rejection must have a reason, and only a rejection',
  )

  // P6: the same event again changes nothing.
  if (!operator) {
    const again = stepReorg(after, event)
    must(again.state === after, `P6: fed again after ${code}, ${again.code} changed the state`)
    must(
      again.effects.every(({ type }) => type === 'warn' || type === 'need'),
      `P6: fed again after ${code}, ${again.code} has effects`,
    )
  }

  // P12: bounds.
  const islands = window.filter(({ sequence }) => sequence > after.linkedLedger).length
  must(after.window.size === window.length, 'P12: the size of the window is wrong')
  must(window.length - islands <= config.history, 'P12: the window is too large')
  must(islands <= Math.max(1024, config.history), 'P12: too many islands')
  must(after.orphans.flatMap(({ ledgers }) => ledgers).length <= config.orphans, 'P12: too many orphans')

  checkIslands(before, step)

  // P13: the flag.
  if (undo >= 0 && !operator) {
    must(after.reorgDetected && code === 'REORG', 'P13: a rollback without the flag')
    must(reorgHealth(after, { now: 0 }).status === 'degraded', 'P13: healthy after a rollback')
    const warn = effects.find((effect) => effect.type === 'warn')
    const rollback = effects.find((effect) => effect.type === 'rollback')
    must(warn?.depth === rollback?.undo.length && types.indexOf('warn') < undo, 'P13: the log is wrong')
    must(warn?.existingHash !== warn?.incomingHash, 'P13: nothing was replaced')
  }
  if (before.recovery && !after.recovery && same) {
    must(types.includes('recovered') && undo < 0, 'P13: recovered without an effect')
    must(after.lastSafeLedger > before.recovery.safeMark, 'P13: recovered below the mark')
    must(height > before.recovery.ledger + config.recoveryLedgers, 'P13: recovered too soon')
  } else must(!types.includes('recovered'), 'P13: recovered from nothing')
  must(
    !before.conflict || after.conflict !== null || !same || height > before.conflict.tip,
    'P13: a latch cleared itself',
  )
  must(
    !['FINALITY_CONFLICT', 'CHAIN_RESET_SUSPECTED', 'FORK_BELOW_ANCHOR'].includes(code) ||
      after.conflict?.code === code,
    'a conflict did not latch',
  )

  // P16: authority.
  must(after.epoch === before.epoch + (code === 'RESET' ? 1 : 0), 'P16: the epoch is wrong')
  if (code === 'RESET') {
    for (const { cursor } of run.marks)
      must(resumeReorg(after, cursor).code === 'OTHER_EPOCH', 'P16: a cursor of an old epoch resumes')
  }

  const marks = code === 'RESET' ? [] : run.marks
  if (deep) {
    // P11: text and back gives an equal state, and the step gives the same answer.
    const text = serializeReorgState(before)
    const copy = parseReorgState(text)
    must(equal(copy, before), 'P11: text and back gives another state')
    must(serializeReorgState(copy) === text, 'P11: text and back gives another text')
    must(equal(stepReorg(copy, event), step), 'P11: the step depends on more than the state')

    // P17: from any earlier position to this list, or a code that says why not.
    for (const mark of marks) {
      const { code: verdict, effects: way } = resumeReorg(after, mark.cursor)
      if (verdict === 'CONTINUE' || verdict === 'REWIND')
        must(equal(carryOut(mark.list, way), held), 'P17: resuming gives another list')
      else must(way.length === 0, 'P17: a resume that fails has effects')
      must(verdict !== 'UNSUPPORTED' || config.gapPolicy === 'accept', 'P17: unsupported with gapPolicy need')
    }

    // P18: there and back.
    if (code !== 'RESET')
      must(equal(carryOut(held, invertEffects(effects)), list), 'P18: the inverted effects do not lead back')
  }
  const mark = { cursor: reorgCursor(after), list: held }
  return { run: { state: after, list: held, marks: [...marks.slice(-5), mark] }, step }
}

/** P23: islands, the ledgers above `linkedLedger`, push nothing out and finalise nothing, and health reports them. */
function checkIslands(before: ReorgState, { state: after, effects }: ReorgStep): void {
  const { config, tip, linkedLedger } = after
  const window = after.window.chunks.flat()
  const isIsland = tip !== null && tip.sequence > linkedLedger
  must(
    tip === null ? linkedLedger === 0 : window.some(({ sequence }) => sequence === linkedLedger),
    'P23: linkedLedger is not held',
  )
  must(after.finalizedLedger <= linkedLedger || tip === null, 'P23: an island is final')
  must(config.gapPolicy === 'accept' || !isIsland, 'P23: an island with gapPolicy need')
  const health = reorgHealth(after, { now: 0 })
  must((health.island !== null) === isIsland, 'P23: health does not report the island')
  must(!isIsland || health.status === 'degraded', 'P23: healthy on an island')
  must(
    tip === null ||
      isIsland ||
      after.need !== null ||
      after.conflict !== null ||
      after.reorgDetected ||
      health.status !== 'degraded',
    'P23: degraded without a reason',
  )

  // A run that is longer than the finality depth is the chain.
  let run = 0
  let last: Ledger | undefined
  for (const ledger of window.filter(({ sequence }) => sequence > linkedLedger)) {
    const tied =
      last &&
      (ledger.sequence === last.sequence + 1 || (config.heights === 'sparse' && ledger.parentHash === last.hash))
    run = tied ? run + 1 : 1
    must(run <= config.finalityDepth, 'P23: a long run is still an island')
    last = ledger
  }

  // Linked ledgers leave the window by age only: as many are held as before, or as `history` allows.
  if (effects.some(({ type }) => type === 'rollback')) return
  const linkedBefore = before.window.chunks.flat().filter(({ sequence }) => sequence <= before.linkedLedger)
  const linkedAfter = window.filter(({ sequence }) => sequence <= linkedLedger).length
  const moved = linkedLedger < before.linkedLedger || before.epoch !== after.epoch
  must(moved || linkedAfter >= Math.min(config.history, linkedBefore.length), 'P23: linked ledgers were pushed out')
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

/** Ledgers `from` to `to` of one branch. `parent` is the branch of the first one's parent. */
export function chain(from: number, to: number, branch = 'a', parent: string = branch): Ledger[] {
  return Array.from({ length: to - from + 1 }, (_, at) => ledgerOf(from + at, branch, at === 0 ? parent : branch))
}

export function ledgers(...list: readonly Ledger[]): ReorgEvent {
  return { type: 'ledgers', ledgers: list }
}

/** A state with every part in use: two branches, a need, a conflict, and a deferred finality. */
export function fullState(): ReorgState {
  return feed(
    { finalityDepth: 5, history: 60 },
    ledgers(...chain(10, 60)),
    { type: 'ledgers', ledgers: chain(58, 61, 'b', 'a'), source: 'rpc-1' },
    ledgers({ sequence: 20, hash: 'evil' }),
    ledgers(ledgerOf(62, 'c')),
    { type: 'finalized', sequence: 70, hash: 'b70' },
  ).state
}

/** Feeds events and returns the last step. */
export function feed(options: ReorgOptions | ReorgState, ...events: readonly ReorgEvent[]): ReorgStep {
  let state = 'version' in options ? options : createReorgState(options)
  let last: ReorgStep | undefined
  for (const event of events) {
    last = stepReorg(state, event)
    state = last.state
  }
  return last as ReorgStep
}
