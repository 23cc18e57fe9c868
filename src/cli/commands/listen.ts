// `listen`: a small server on loopback that says of each delivery whether it is genuine, and why not.

import type { Command, CommandArguments } from '../command.ts'
import { EXIT, type ExitCode, usageProblem } from '../exit-codes.ts'
import type { CommandIo } from '../io.ts'
import { appendFailure, type ListenSettings, startListening } from '../listening/server.ts'
import {
  CLOCK_OPTIONS,
  JSON_OPTION,
  REQUEST_OPTIONS,
  readDuration,
  readHttpUrl,
  readSchemeOption,
  readSecretOptions,
  SCHEME_OPTION,
  SECRET_OPTIONS,
} from '../options.ts'
import { jsonLine } from '../output/style.ts'
import { readCheck } from '../verdict-on.ts'

export const listen: Command = {
  name: 'listen',
  summary: 'Receive deliveries on this machine and say what is wrong with them',
  operands: '',
  maxOperands: 0,
  options: {
    port: { value: 'PORT', help: '4400 by default; 0 for any free one. It listens on 127.0.0.1 only' },
    ...SCHEME_OPTION,
    ...SECRET_OPTIONS,
    ...REQUEST_OPTIONS,
    ...CLOCK_OPTIONS,
    save: { value: 'FILE', help: 'Add each delivery to FILE, a line of JSON each, body and signature included' },
    forward: { value: 'URL', help: 'Send each delivery on to URL, and answer with its answer' },
    respond: { value: 'CODES', help: 'Answer with these statuses in turn, the last for ever: 500,500,200' },
    delay: { value: 'TIME', help: 'Wait so long before each answer: 3s, 250ms' },
    ...JSON_OPTION,
  },
  examples: [
    ['fluxora-verify listen --scheme stripe --secret-env STRIPE_SECRET', 'see each verdict'],
    ['fluxora-verify listen --save captured.ndjson --forward http://127.0.0.1:3000/hooks', 'look on, and keep a copy'],
    ['fluxora-verify listen --respond 500,429,200 --delay 2s', "try a sender's retries"],
  ],
  async run(args, io): Promise<ExitCode> {
    const settings = await readSettings(args, io)
    const server = await startListening(settings, io)
    await io.write(settings.asJson ? jsonLine({ type: 'listening', url: server.url }) : `Listening on ${server.url}\n`)
    await new Promise<void>((resolve) => io.onInterrupt(resolve))
    await server.close()
    return EXIT.good
  },
}

async function readSettings(args: CommandArguments, io: CommandIo): Promise<ListenSettings> {
  const secrets = await readSecretOptions(args, io)
  const forward = args.text('forward')
  const save = args.text('save')
  // Told now, and not at the first delivery.
  if (save !== undefined) await io.appendFile(save, '').catch(() => appendFailure())
  return {
    port: args.wholeNumber('port', 0, 65_535) ?? 4_400,
    check: secrets.length === 0 ? undefined : readCheck(args, readSchemeOption(args), secrets),
    save,
    forward: forward === undefined ? undefined : readHttpUrl('--forward', forward),
    statuses: readStatuses(args.text('respond')),
    delayMs: readDuration(args, 'delay') ?? 0,
    asJson: args.flag('json'),
  }
}

function readStatuses(text: string | undefined): readonly number[] {
  const statuses = text?.split(',').map(Number) ?? []
  if (statuses.every((status) => Number.isInteger(status) && status >= 200 && status <= 599)) return statuses
  throw usageProblem('--respond must be statuses from 200 to 599 with commas between: 500,500,200')
}
