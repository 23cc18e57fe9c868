// Options that several commands share, and what is read from them.

import { isWebhookError } from '../shared/webhook-error.ts'
import { ALL_SCHEMES } from '../webhook/schemes/all-schemes.ts'
import { fluxora } from '../webhook/schemes/fluxora.ts'
import type { WebhookScheme } from '../webhook/schemes/scheme.ts'
import type { NamedSecret } from '../webhook/secrets.ts'
import type { CommandArguments, OptionTable } from './command.ts'
import { usageProblem } from './exit-codes.ts'
import { readNamedFile } from './input/read-input.ts'
import type { CommandIo } from './io.ts'

export const SECRET_OPTIONS: OptionTable = {
  'secret-env': {
    value: 'NAME',
    multiple: true,
    help: 'The environment variable that holds the secret; may be repeated',
  },
  'secret-file': {
    value: 'PATH',
    multiple: true,
    help: 'The file that holds the secret; one line break at its end is dropped; may be repeated',
  },
}

export const OTHER_SECRET_OPTIONS: OptionTable = {
  'other-secret-env': {
    value: 'NAME',
    multiple: true,
    help: 'A secret of another endpoint or environment, to try too',
  },
  'other-secret-file': { value: 'PATH', multiple: true, help: 'The same, from a file' },
}

export const SCHEME_OPTION: OptionTable = {
  scheme: {
    value: 'NAME',
    help: 'The sender: fluxora (the default), stripe, github, …; see: fluxora-verify help schemes',
  },
}

export const REQUEST_OPTIONS: OptionTable = {
  url: { value: 'URL', help: 'The URL as the sender knows it, if the scheme signs it' },
  method: { value: 'NAME', help: 'The method, if the input does not say it; POST by default' },
}

export const CLOCK_OPTIONS: OptionTable = {
  now: {
    value: 'SECONDS',
    help: 'The time of arrival, in Unix seconds; what the capture says or the clock by default',
  },
  tolerance: { value: 'SECONDS', help: 'How far the timestamp may be from it; 300 by default' },
}

export const JSON_OPTION: OptionTable = {
  json: { help: 'Print JSON, as described in docs/cli.md' },
}

/** All schemes of the library by the name that they are imported by. */
export const SCHEMES: ReadonlyMap<string, WebhookScheme> = new Map(Object.entries(ALL_SCHEMES))

/** The scheme that was named. `stellar-payment`, `stellarPayment` and `StellarPayment` are one. */
export function readSchemeOption(args: CommandArguments): WebhookScheme {
  return readNamedScheme(args) ?? fluxora
}

/** The same, or undefined if none was named. */
export function readNamedScheme(args: CommandArguments): WebhookScheme | undefined {
  const wanted = args.text('scheme')
  if (wanted === undefined) return undefined
  for (const [name, scheme] of SCHEMES) {
    if (simplify(name) === simplify(wanted) || simplify(scheme.name) === simplify(wanted)) return scheme
  }
  throw usageProblem(`--scheme must be one of ${[...SCHEMES.keys()].join(', ')}.`)
}

function simplify(name: string): string {
  return name.replace(/[^a-z0-9]/gi, '').toLowerCase()
}

/** The secrets that were named; none if no option names one. `prefix` is `other-` for those that the endpoint does not use. */
export async function readSecretOptions(args: CommandArguments, io: CommandIo, prefix = ''): Promise<NamedSecret[]> {
  const fromEnvironment = args.texts(`${prefix}secret-env`).map((name) => readVariable(name, io))
  const fromFiles = args.texts(`${prefix}secret-file`).map((path) => readSecretFile(path, io))
  return [...fromEnvironment, ...(await Promise.all(fromFiles))]
}

/** The same, for a command that cannot do without. */
export async function demandSecrets(args: CommandArguments, io: CommandIo): Promise<NamedSecret[]> {
  const secrets = await readSecretOptions(args, io)
  if (secrets.length > 0) return secrets
  throw usageProblem('Name the secret with --secret-env NAME or --secret-file PATH.')
}

/** The same, for a command that has no other word for a secret that is empty. */
export async function demandFilledSecrets(args: CommandArguments, io: CommandIo): Promise<NamedSecret[]> {
  const secrets = await demandSecrets(args, io)
  const empty = secrets.find(({ secret }) => secret === '')
  if (empty) throw usageProblem(`${empty.id} holds no secret: it is empty.`)
  return secrets
}

function readVariable(name: string, io: CommandIo): NamedSecret {
  // What is no variable's name could be the secret itself, so it is not repeated.
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name))
    throw usageProblem('--secret-env takes the name of an environment variable.')
  const secret = io.env[name]
  if (secret === undefined) throw usageProblem(`The environment variable ${name} is not set.`)
  return { secret, id: name }
}

async function readSecretFile(path: string, io: CommandIo): Promise<NamedSecret> {
  const bytes = await readNamedFile(io, path)
  return { secret: readSecretBytes(bytes), id: path }
}

/** Text without the one line break that editors and `echo` put at its end; bytes if it is not text. */
function readSecretBytes(bytes: Uint8Array): string | Uint8Array {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return text.replace(/\r?\n$/, '')
  } catch {
    return bytes
  }
}

/** Runs a maker of the library. What it throws for misuse is a usage problem here: its messages hold no secret. */
export function make<T>(maker: () => T): T {
  try {
    return maker()
  } catch (error) {
    if (isWebhookError(error)) throw usageProblem(error.message)
    throw error
  }
}

/** A duration: `3s`, `250ms`, or a number of seconds. In milliseconds. */
export function readDuration(args: CommandArguments, name: string): number | undefined {
  const text = args.text(name)
  if (text === undefined) return undefined
  const parts = /^(\d{1,6}(?:\.\d{1,3})?)(ms|s|m)?$/.exec(text)
  if (!parts) throw usageProblem(`--${name} must be a duration such as 3s or 250ms.`)
  return Number(parts[1]) * ({ ms: 1, s: 1_000, m: 60_000 }[parts[2] ?? 's'] ?? 1_000)
}

/** An address to send to. */
export function readHttpUrl(name: string, text: string | undefined): URL {
  const url = text !== undefined && URL.canParse(text) ? new URL(text) : undefined
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url
  throw usageProblem(`${name} must be an http or https URL.`)
}
