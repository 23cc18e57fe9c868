// `reorg`: replays ledgers from JSON lines, and prints what the state machine makes of each.

import {
  createReorgState,
  isReorgError,
  type ReorgEffect,
  type ReorgEvent,
  type ReorgState,
  type ReorgStep,
  reorgHealth,
  STELLAR,
  stepReorg,
} from '../../reorg/index.ts'
import type { Command, CommandArguments } from '../command.ts'
import { type ExitCode, exitFor, inputProblem, usageProblem } from '../exit-codes.ts'
import { readInput } from '../input/read-input.ts'
import { JSON_OPTION } from '../options.ts'
import { jsonLine, type Style, styleFor } from '../output/style.ts'

export const reorg: Command = {
  name: 'reorg',
  summary: 'Replay ledgers and print the effects of each',
  operands: '[FILE|-]',
  maxOperands: 1,
  options: {
    preset: { value: 'NAME', help: 'stellar: margin 1, finality 1, 64 hex digits' },
    'finality-depth': {
      value: 'LEDGERS',
      help: 'How many ledgers must be above one before it is final; 64 by default',
    },
    'safety-margin': { value: 'LEDGERS', help: 'How far the safe ledger stays behind the tip; 1 by default' },
    'gap-policy': { value: 'NAME', help: 'accept (the default) or need' },
    heights: { value: 'NAME', help: 'consecutive (the default), or sparse for chains that skip heights' },
    'close-times': { value: 'NAME', help: 'ordered (the default), or unordered for chains like Bitcoin' },
    ...JSON_OPTION,
  },
  examples: [
    ['fluxora-verify reorg ledgers.ndjson', 'one ledger, list of ledgers or event a line'],
    ['fluxora-verify reorg --preset stellar --json - < ledgers.ndjson', 'a line of JSON for each'],
  ],
  async run(args, io): Promise<ExitCode> {
    const config = readConfig(args)
    const events = readEvents(await readInput(io, args.operands[0]))
    const style = styleFor(io)
    const asJson = args.flag('json')
    let state = makeState(config)
    let isGood = true
    for (const [index, event] of events.entries()) {
      const step = stepReorg(state, event)
      state = step.state
      isGood = isGood && step.ok
      const { code, status, effects, reason } = step
      const line = { line: index + 1, ok: step.ok, code, status, effects, reason }
      await io.write(asJson ? jsonLine(line) : describeStep(index + 1, step, style))
    }
    await io.write(asJson ? jsonLine({ state: summarise(state) }) : describeState(state, style))
    return exitFor(isGood && !state.conflict)
  },
}

function readConfig(args: CommandArguments) {
  const preset = args.text('preset')
  if (preset !== undefined && preset !== 'stellar') throw usageProblem('--preset must be stellar.')
  const finalityDepth = args.wholeNumber('finality-depth', 1, 65_535)
  const safetyMargin = args.wholeNumber('safety-margin', 0, 65_536)
  return {
    ...(preset !== undefined && STELLAR),
    ...(finalityDepth !== undefined && { finalityDepth }),
    ...(safetyMargin !== undefined && { safetyMargin }),
    ...choose(args, 'gap-policy', 'gapPolicy', ['accept', 'need'] as const),
    ...choose(args, 'heights', 'heights', ['consecutive', 'sparse'] as const),
    ...choose(args, 'close-times', 'closeTimes', ['ordered', 'unordered'] as const),
  }
}

function choose<Name extends string, Choice extends string>(
  args: CommandArguments,
  option: string,
  name: Name,
  choices: readonly Choice[],
): { [key in Name]?: Choice } {
  const text = args.text(option)
  if (text === undefined) return {}
  const choice = choices.find((one) => one === text)
  if (choice === undefined) throw usageProblem(`--${option} must be ${choices.join(' or ')}.`)
  const chosen: { [key in Name]?: Choice } = {}
  chosen[name] = choice
  return chosen
}

function makeState(config: ReturnType<typeof readConfig>): ReorgState {
  try {
    return createReorgState(config)
  } catch (error) {
    if (isReorgError(error)) throw usageProblem(error.message)
    throw error
  }
}

/** Each line is a ledger, a list of ledgers, `{ "ledgers": [...] }`, or any event of stepReorg. */
function readEvents(bytes: Uint8Array): readonly ReorgEvent[] {
  const lines = new TextDecoder().decode(bytes).split(/\r?\n/)
  const numbered = lines.map((line, index) => ({ line, number: index + 1 })).filter(({ line }) => line.trim() !== '')
  const events = numbered.map(({ line, number }) => readEvent(line, number))
  if (events.length === 0) throw inputProblem('There is no ledger in the input.')
  return events
}

function readEvent(line: string, number: number): ReorgEvent {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw inputProblem(`Line ${number} is not JSON. Write a ledger a line: {"sequence":1,"hash":"…","parentHash":"…"}`)
  }
  return toEvent(value)
}

/** What is no ledger is left to stepReorg, which answers INVALID and says why. */
function toEvent(value: unknown): ReorgEvent {
  if (Array.isArray(value)) return { type: 'ledgers', ledgers: value }
  const isEvent = typeof value === 'object' && value !== null && ('type' in value || 'ledgers' in value)
  if (isEvent) return { type: 'ledgers', ...value } as ReorgEvent
  return { type: 'ledgers', ledgers: [value] } as ReorgEvent
}

function describeStep(line: number, { ok, code, effects, reason }: ReorgStep, style: Style): string {
  const head = `${String(line).padStart(4)}  ${ok ? style.good(code) : style.bad(code)}`
  const lines = effects.map((effect) => `        ${effect.type.padEnd(9)} ${describeEffect(effect)}\n`)
  return `${head}${reason === undefined ? '' : `  ${reason}`}\n${lines.join('')}`
}

function describeEffect(effect: ReorgEffect): string {
  switch (effect.type) {
    case 'apply':
    case 'late':
      return `${effect.ledger.sequence}  ${shorten(effect.ledger.hash)}`
    case 'rollback':
      return `to ${effect.to ?? 'nothing'}, undoing ${effect.undo.map(({ sequence }) => sequence).join(', ')}`
    case 'finalize':
    case 'recovered':
      return String(effect.sequence)
    case 'safe':
      return `${effect.sequence}${effect.wentBack ? ' (went back)' : ''}`
    case 'need':
    case 'gap':
      return `${effect.from} to ${effect.to}`
    case 'warn':
      return `${effect.code} at ${effect.ledger}: ours ${shorten(effect.existingHash)}, theirs ${shorten(effect.incomingHash)}, depth ${effect.depth}`
  }
}

function shorten(hash: string | null): string {
  if (hash === null) return 'none'
  return hash.length > 20 ? `${hash.slice(0, 12)}…${hash.slice(-6)}` : hash
}

function summarise(state: ReorgState) {
  const { tip, lastSafeLedger, finalizedLedger, reorgDetected, conflict, counts } = state
  return { tip, lastSafeLedger, finalizedLedger, reorgDetected, conflict, reorgs: counts.reorgs }
}

function describeState(state: ReorgState, style: Style): string {
  const { tip, lastSafeLedger, finalizedLedger, counts } = state
  const { summary } = reorgHealth(state, { now: Date.now(), stallThresholdMs: Number.MAX_SAFE_INTEGER })
  const facts = `tip ${tip?.sequence ?? 'none'}, safe ${lastSafeLedger}, final ${finalizedLedger}, reorgs ${counts.reorgs}`
  return `${style.strong(facts)}\n${summary}\n`
}
