// `decimal`: what the library makes of an amount, and why not.

import {
  type DecimalPolicy,
  evmAmount,
  FLUXORA_AMOUNT,
  FLUXORA_SAFE_INTEGER,
  formatUnits,
  parseDecimal,
  SOROBAN_AMOUNT,
  STELLAR_AMOUNT,
} from '../../decimal/index.ts'
import type { Command, CommandArguments } from '../command.ts'
import { type ExitCode, exitFor, usageProblem } from '../exit-codes.ts'
import { readInput } from '../input/read-input.ts'
import type { CommandIo } from '../io.ts'
import { JSON_OPTION } from '../options.ts'
import { columns, jsonLine, type Style, styleFor } from '../output/style.ts'

export const decimal: Command = {
  name: 'decimal',
  summary: 'Read amounts: canonical text and units, or what is wrong',
  operands: '[AMOUNT…|-]',
  maxOperands: 10_000,
  options: {
    policy: { value: 'NAME', help: 'fluxora (the default), safe-integer, stellar, soroban, or evm:DECIMALS' },
    ...JSON_OPTION,
  },
  examples: [
    ['fluxora-verify decimal 100.50 -0.0000001', 'two amounts'],
    ["fluxora-verify decimal --policy evm:18 '1,000.5'", 'why an amount is refused'],
    ['fluxora-verify decimal - < amounts.txt', 'one amount a line'],
  ],
  async run(args, io): Promise<ExitCode> {
    const policy = readPolicy(args)
    const texts = await readAmounts(args, io)
    const style = styleFor(io)
    const results = texts.map((text) => explain(text, policy))
    if (!args.flag('json')) await io.write(results.map((result) => describe(result, style)).join(''))
    else await io.write(jsonLine(results.length === 1 ? results[0] : { ok: results.every(isAmount), results }))
    return exitFor(results.every(isAmount))
  },
}

/** Without arguments, and for `-`, each line of standard input is an amount. Nothing but its line break is taken away. */
async function readAmounts({ operands }: CommandArguments, io: CommandIo): Promise<readonly string[]> {
  if (operands.length > 0 && operands[0] !== '-') return operands
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(await readInput(io, undefined))
  return text.replace(/\r?\n$/, '').split(/\r?\n/)
}

const POLICIES: Readonly<Record<string, DecimalPolicy>> = {
  fluxora: FLUXORA_AMOUNT,
  'safe-integer': FLUXORA_SAFE_INTEGER,
  stellar: STELLAR_AMOUNT,
  soroban: SOROBAN_AMOUNT,
}

function readPolicy(args: CommandArguments): DecimalPolicy {
  const name = args.text('policy') ?? 'fluxora'
  const decimals = /^evm:(\d{1,3})$/.exec(name)?.[1]
  if (decimals !== undefined && Number(decimals) <= 126) return evmAmount(Number(decimals))
  const policy = Object.hasOwn(POLICIES, name) ? POLICIES[name] : undefined
  if (policy) return policy
  throw usageProblem(`--policy must be ${Object.keys(POLICIES).join(', ')}, or evm:DECIMALS with 0 to 126 decimals.`)
}

function explain(text: string, policy: DecimalPolicy) {
  const result = parseDecimal(text, policy)
  if (!result.ok) return result
  return { ok: true, value: formatUnits(result.units, policy), units: result.units, scale: policy.scale } as const
}

type Explanation = ReturnType<typeof explain>

function isAmount({ ok }: Explanation): boolean {
  return ok
}

function describe(result: Explanation, style: Style): string {
  if (result.ok) {
    const rows = [
      ['units', String(result.units)],
      ['scale', String(result.scale)],
    ]
    return `${style.good(result.value)}\n${columns(rows)}`
  }
  const place = result.at === undefined ? '' : ` at character ${result.at + 1}`
  return `${style.bad(`refused: ${result.code}`)} (${result.reason}${place})\n  ${result.message}\n`
}
