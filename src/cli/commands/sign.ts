// `sign`: the headers for a body, or the curl command that sends both.

import { createWebhookSigner } from '../../webhook/sign.ts'
import type { Command, CommandArguments } from '../command.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { readInput } from '../input/read-input.ts'
import {
  demandFilledSecrets,
  JSON_OPTION,
  make,
  REQUEST_OPTIONS,
  readHttpUrl,
  readSchemeOption,
  SCHEME_OPTION,
  SECRET_OPTIONS,
} from '../options.ts'
import { curlCommand } from '../output/curl-command.ts'
import { jsonLine } from '../output/style.ts'

export const sign: Command = {
  name: 'sign',
  summary: 'Sign a body: print the headers to send beside it',
  operands: '[FILE|-]',
  maxOperands: 1,
  options: {
    ...SCHEME_OPTION,
    ...SECRET_OPTIONS,
    id: { value: 'ID', help: 'The delivery id; a random one by default' },
    event: { value: 'NAME', help: "The event's name, if the scheme has a header for it" },
    timestamp: { value: 'SECONDS', help: 'Unix seconds; now by default' },
    ...REQUEST_OPTIONS,
    curl: { value: 'URL', help: 'Print a curl command that sends the body to URL' },
    ...JSON_OPTION,
  },
  examples: [
    ['fluxora-verify sign --secret-env WEBHOOK_SECRET body.json', 'the headers for the bytes of body.json'],
    [
      'fluxora-verify sign --scheme stripe --secret-file secret.txt --curl http://127.0.0.1:3000/hooks body.json | sh',
      'sign and send',
    ],
  ],
  async run(args, io): Promise<ExitCode> {
    const [file] = args.operands
    const secrets = await demandFilledSecrets(args, io)
    const body = await readInput(io, file)
    const headers = signBody(args, secrets, body)
    const target = args.text('curl')
    const curl = target === undefined ? undefined : curlCommand(readHttpUrl('--curl', target), headers, body, file)
    if (args.flag('json')) await io.write(jsonLine({ headers, ...(curl !== undefined && { curl }) }))
    else await io.write(curl === undefined ? headerLines(headers) : `${curl}\n`)
    return EXIT.good
  },
}

function signBody(args: CommandArguments, secrets: Awaited<ReturnType<typeof demandFilledSecrets>>, body: Uint8Array) {
  const scheme = readSchemeOption(args)
  return make(() =>
    createWebhookSigner({ scheme, secrets }).sign({
      body,
      deliveryId: args.text('id'),
      event: args.text('event'),
      timestamp: args.wholeNumber('timestamp', 0, Number.MAX_SAFE_INTEGER),
      method: args.text('method'),
      url: args.text('url') ?? args.text('curl'),
    }),
  )
}

function headerLines(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('')
}
