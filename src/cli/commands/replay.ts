// `replay`: sends captured deliveries again, as they were or signed afresh.

import type { WebhookScheme } from '../../webhook/schemes/scheme.ts'
import { createWebhookSigner } from '../../webhook/sign.ts'
import { demandBytes } from '../capture.ts'
import type { Command, CommandArguments } from '../command.ts'
import { type ExitCode, exitFor } from '../exit-codes.ts'
import { type Answer, sendOnce } from '../http-client.ts'
import { readRequests } from '../input/read-input.ts'
import type { CommandIo } from '../io.ts'
import {
  demandSecrets,
  JSON_OPTION,
  make,
  readHttpUrl,
  readSchemeOption,
  SCHEME_OPTION,
  SECRET_OPTIONS,
} from '../options.ts'
import { describeDifferences, differencesBetween } from '../output/difference.ts'
import { jsonLine, styleFor } from '../output/style.ts'

export const replay: Command = {
  name: 'replay',
  summary: 'Send captured deliveries again',
  operands: '[FILE|-]',
  maxOperands: 1,
  options: {
    url: { value: 'URL', help: 'Where to send them; needed' },
    resign: { help: 'Sign each afresh, with the same id and the current time' },
    ...SCHEME_OPTION,
    ...SECRET_OPTIONS,
    diff: { help: 'Tell how each delivery differs from the one before it, without showing values' },
    ...JSON_OPTION,
  },
  examples: [
    ['fluxora-verify replay captured.ndjson --url http://127.0.0.1:3000/hooks', 'the same bytes and headers'],
    [
      'fluxora-verify replay captured.ndjson --url http://127.0.0.1:3000/hooks --resign --secret-env WEBHOOK_SECRET',
      'the old timestamp would be refused',
    ],
  ],
  async run(args, io): Promise<ExitCode> {
    const url = readHttpUrl('--url', args.text('url'))
    const headersFor = await readSigning(args, io)
    const deliveries = (await readRequests(io, args.operands[0])).map((request, index) => ({
      method: request.method ?? 'POST',
      ...demandBytes(request, index),
    }))
    let isGood = true
    for (const [index, delivery] of deliveries.entries()) {
      const previous = args.flag('diff') ? deliveries[index - 1] : undefined
      const differences = previous ? differencesBetween(previous, delivery) : undefined
      const answer = await sendOnce({
        url,
        method: delivery.method,
        headers: headersFor(delivery),
        body: delivery.body,
      })
      isGood = isGood && isAccepted(answer)
      const report = { index: index + 1, ...summarise(answer), ...(differences && { differences }) }
      if (args.flag('json')) await io.write(jsonLine(report))
      else await io.write(`${describe(index + 1, answer, io)}${differences ? describeDifferences(differences) : ''}`)
    }
    return exitFor(isGood)
  },
}

interface Replayed {
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Uint8Array
}

/** What gives the headers for a delivery: those that it had, or those with a fresh signature in place of the old one. */
async function readSigning(args: CommandArguments, io: CommandIo) {
  if (!args.flag('resign')) return ({ headers }: Replayed) => headers
  const scheme = readSchemeOption(args)
  const secrets = await demandSecrets(args, io)
  const signer = make(() => createWebhookSigner({ scheme, secrets }))
  return ({ headers, body }: Replayed): (readonly [string, string])[] => {
    const { deliveryId, event } = scheme.headers
    const input = { body, deliveryId: headerOf(headers, deliveryId), event: headerOf(headers, event) }
    const signed = make(() => signer.sign(input))
    const isKept = ([name]: readonly [string, string]) => !isOfScheme(scheme, name)
    return [...headers.filter(isKept), ...Object.entries(signed)]
  }
}

function headerOf(headers: Replayed['headers'], names: readonly string[]): string | undefined {
  return headers.find(([name]) => names.includes(name.toLowerCase()))?.[1]
}

function isOfScheme({ headers }: WebhookScheme, name: string): boolean {
  return Object.values(headers).flat().includes(name.toLowerCase())
}

function isAccepted(answer: Answer): boolean {
  return answer.ok && answer.status >= 200 && answer.status < 300
}

function summarise(answer: Answer) {
  if (!answer.ok) return { ok: false, message: answer.message }
  return { ok: isAccepted(answer), status: answer.status, answerBytes: answer.body.length }
}

function describe(number: number, answer: Answer, io: CommandIo): string {
  const style = styleFor(io)
  const text = answer.ok ? `answered ${answer.status}` : answer.message
  return `${String(number).padStart(4)}  ${isAccepted(answer) ? style.good(text) : style.bad(text)}\n`
}
