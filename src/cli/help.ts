// The help, made from the commands' own data.

import { type Command, type CommandOption, usageOf } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { SCHEMES } from './options.ts'
import { columns } from './output/style.ts'

/** What `fluxora-verify help` prints. */
export function generalHelp(commands: readonly Command[]): string {
  return `fluxora-verify: signed webhooks, decimal amounts and reorgs, from the command line

Usage: fluxora-verify COMMAND [OPTIONS] [ARGUMENTS]

Commands:
${columns([
  ...commands.map(({ name, summary }) => [name, summary]),
  ['help', 'Print this, or the help of a command: fluxora-verify help verify'],
  ['completion', 'Print a completion script for bash or zsh'],
])}
Input is FILE, or standard input for - or nothing: raw HTTP, a curl command, a HAR file, or JSON
{ "method", "url", "headers", "body" }. Secrets come from --secret-env NAME or --secret-file PATH.

Exit codes:
${columns([
  [String(EXIT.good), 'good'],
  [String(EXIT.refused), 'refused, or the cause is known'],
  [String(EXIT.hintsOnly), 'only hints'],
  [String(EXIT.nothingFound), 'nothing found that explains it'],
  [String(EXIT.usage), 'the command line makes no sense'],
  [String(EXIT.noInput), 'there is nothing to read'],
  [String(EXIT.interrupted), 'interrupted'],
])}`
}

/** What `fluxora-verify help NAME` prints. */
export function commandHelp(command: Command): string {
  const options = Object.entries(command.options).map(([name, option]) => [writeOption(name, option), option.help])
  const examples = command.examples.map(([line, what]) => `  # ${what}\n  ${line}\n`)
  return `${command.summary}

Usage: ${usageOf(command)}

Options:
${columns([...options, ['--help', 'Print this']])}
Examples:
${examples.join('\n')}`
}

function writeOption(name: string, { value }: CommandOption): string {
  return value === undefined ? `--${name}` : `--${name} ${value}`
}

/** What `fluxora-verify help schemes` prints. */
export function schemesHelp(): string {
  const rows = [...SCHEMES].map(([name, { headers, secretForm }]) => [name, headers.signature.join(', '), secretForm])
  return `The schemes, the header that carries the signature, and the form of the secret:\n${columns(rows)}`
}
