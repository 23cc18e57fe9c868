// From arguments to an exit code: finds the command, runs it, and puts every problem into words.

import { type Command, readArguments } from './command.ts'
import { COMMANDS } from './commands/index.ts'
import { bashCompletion, zshCompletion } from './completion.ts'
import { CommandProblem, EXIT, type ExitCode, usageProblem } from './exit-codes.ts'
import { commandHelp, generalHelp, schemesHelp } from './help.ts'
import type { CommandIo } from './io.ts'

/** Runs `fluxora-verify` with these arguments. Never rejects. */
export async function run(words: readonly string[], io: CommandIo): Promise<ExitCode> {
  try {
    return await dispatch(words, io)
  } catch (error) {
    if (error instanceof CommandProblem) {
      io.warn(`fluxora-verify: ${error.message}\n`)
      return error.exitCode
    }
    // A fault of ours. Its message could quote the input, so only its kind is told.
    io.warn(`fluxora-verify: an internal error occurred (${error instanceof Error ? error.name : 'unknown'}).\n`)
    return EXIT.usage
  }
}

async function dispatch([name, ...rest]: readonly string[], io: CommandIo): Promise<ExitCode> {
  if (name === undefined) {
    io.warn(generalHelp(COMMANDS))
    return EXIT.usage
  }
  if (name === '--version' || name === '-v') return print(`${io.version}\n`, io)
  if (name === '--help' || name === '-h') return print(generalHelp(COMMANDS), io)
  if (name === 'help') return print(helpOn(rest[0]), io)
  if (name === 'completion') return print(completionFor(rest[0]), io)
  const command = findCommand(name)
  if (rest.includes('--help') || rest.includes('-h')) return print(commandHelp(command), io)
  return command.run(readArguments(command, rest), io)
}

async function print(text: string, io: CommandIo): Promise<ExitCode> {
  await io.write(text)
  return EXIT.good
}

function findCommand(name: string): Command {
  const command = COMMANDS.find((one) => one.name === name)
  if (command) return command
  throw usageProblem(`There is no such command. The commands are ${COMMANDS.map((one) => one.name).join(', ')}.`)
}

function helpOn(name: string | undefined): string {
  if (name === undefined) return generalHelp(COMMANDS)
  return name === 'schemes' ? schemesHelp() : commandHelp(findCommand(name))
}

function completionFor(shell: string | undefined): string {
  if (shell === 'bash') return bashCompletion(COMMANDS)
  if (shell === 'zsh') return zshCompletion(COMMANDS)
  throw usageProblem('completion takes bash or zsh.')
}
