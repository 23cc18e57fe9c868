// What a command is, and how its arguments are read. Every command is data and one function: see commands/.

import { parseArgs } from 'node:util'
import { type ExitCode, usageProblem } from './exit-codes.ts'
import type { CommandIo } from './io.ts'

/** One command of `fluxora-verify`. */
export interface Command {
  readonly name: string
  /** What it does, in a line. */
  readonly summary: string
  /** What may follow the options: `[FILE|-]`. */
  readonly operands: string
  /** How many operands it takes at most. */
  readonly maxOperands: number
  readonly options: OptionTable
  /** Command lines to copy, each with what it is for. */
  readonly examples: readonly (readonly [line: string, what: string])[]
  run(args: CommandArguments, io: CommandIo): Promise<ExitCode>
}

/** The options of a command by name, without dashes. */
export type OptionTable = Readonly<Record<string, CommandOption>>

/** One option. */
export interface CommandOption {
  /** How its value is called in the help: `NAME`. A flag has none. */
  readonly value?: string
  /** It may be given several times. */
  readonly multiple?: true
  readonly help: string
}

/** The arguments of one run. What was typed is never repeated in a message, since it could be a secret in the wrong place. */
export interface CommandArguments {
  readonly operands: readonly string[]
  flag(name: string): boolean
  text(name: string): string | undefined
  texts(name: string): readonly string[]
  /** A whole number, or a usage problem. */
  wholeNumber(name: string, min: number, max: number): number | undefined
}

/** Reads the arguments of a command. Throws a usage problem. */
export function readArguments(command: Command, words: readonly string[]): CommandArguments {
  const { values, positionals } = parse(command, words)
  if (positionals.length > command.maxOperands) {
    throw usageProblem(`There are too many arguments. Usage: ${usageOf(command)}`)
  }
  const texts = (name: string): readonly string[] =>
    [values[name] ?? []].flat().filter((one) => typeof one === 'string')
  return {
    operands: positionals.map(unprotectNumber),
    flag: (name) => values[name] === true,
    text: (name) => texts(name)[0],
    texts,
    wholeNumber: (name, min, max) => readWholeNumber(name, texts(name)[0], min, max),
  }
}

function parse(command: Command, words: readonly string[]) {
  const options = Object.entries(command.options).map(([name, { value, multiple }]) => {
    const type = value === undefined ? ('boolean' as const) : ('string' as const)
    return [name, { type, multiple: multiple === true }] as const
  })
  try {
    return parseArgs({
      args: words.map(protectNumber),
      options: Object.fromEntries(options),
      allowPositionals: true,
      strict: true,
    })
  } catch (error) {
    throw usageProblem(describeProblem(error, command, words))
  }
}

// parseArgs would take -5 for an option. No option of ours begins with a digit, so a mark before it makes it an operand.
const NUMBER_MARK = '\0'

function protectNumber(word: string): string {
  if (/^-[\d.]/.test(word)) return NUMBER_MARK + word
  return word
}

function unprotectNumber(word: string): string {
  if (word.startsWith(NUMBER_MARK)) return word.slice(1)
  return word
}

function describeProblem(error: unknown, command: Command, words: readonly string[]): string {
  if (words.some((word) => /^--secret(=|$)/.test(word))) {
    return 'A secret does not belong on the command line, where every user of the machine can read it. Use --secret-env NAME or --secret-file PATH.'
  }
  const code = error instanceof Error && 'code' in error ? error.code : ''
  // parseArgs quotes the option's name, which is up to the first =, and never its value.
  const name = error instanceof Error ? /'(-[\w-]{1,40})/.exec(error.message)?.[1] : undefined
  const option = name ?? 'one of the options'
  if (code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE')
    return `${option} is given without a value, or with one that it does not take.`
  return `${option} is not an option of ${command.name}. See: fluxora-verify help ${command.name}`
}

function readWholeNumber(name: string, text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined) return undefined
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (value >= min && value <= max) return value
  throw usageProblem(`--${name} must be a whole number from ${min} to ${max}.`)
}

/** `fluxora-verify sign [OPTIONS] [FILE|-]` */
export function usageOf({ name, operands, options }: Command): string {
  const parts = ['fluxora-verify', name, Object.keys(options).length > 0 ? '[OPTIONS]' : '', operands]
  return parts.filter((part) => part !== '').join(' ')
}
