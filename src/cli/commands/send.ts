// `send`: one webhook, signed and sent as `@fluxora/verify/sender` does it, with retries by the sender's own schedule.

import { setTimeout } from 'node:timers/promises'
import { addressGuard } from '../../sender/address/guard.ts'
import type { Attempt, OutgoingDelivery } from '../../sender/delivery.ts'
import type { RetrySchedule } from '../../sender/retry-schedule.ts'
import { retrySchedules } from '../../sender/retry-schedules.ts'
import { createWebhookSender, type WebhookSender } from '../../sender/sender.ts'
import type { WebhookScheme } from '../../webhook/schemes/scheme.ts'
import { createWebhookSigner } from '../../webhook/sign.ts'
import type { Command, CommandArguments } from '../command.ts'
import { EXIT, type ExitCode, exitFor, usageProblem } from '../exit-codes.ts'
import { readInput } from '../input/read-input.ts'
import type { CommandIo } from '../io.ts'
import {
  demandFilledSecrets,
  JSON_OPTION,
  make,
  readDuration,
  readHttpUrl,
  readSchemeOption,
  SCHEME_OPTION,
  SECRET_OPTIONS,
} from '../options.ts'
import { withProgress } from '../output/progress.ts'
import { jsonLine, type Style, styleFor } from '../output/style.ts'

export const send: Command = {
  name: 'send',
  summary: 'Send a body as a signed webhook, with retries',
  operands: '[FILE|-]',
  maxOperands: 1,
  options: {
    url: { value: 'URL', help: 'Where to send it; needed. Loopback and public addresses are allowed' },
    ...SCHEME_OPTION,
    ...SECRET_OPTIONS,
    id: { value: 'ID', help: 'The delivery id; a random one by default' },
    event: { value: 'NAME', help: "The event's name, if the scheme has a header for it" },
    header: { value: 'NAME:VALUE', multiple: true, help: 'A further header; may be repeated' },
    attempts: { value: 'COUNT', help: "Try so often at most, when the scheme's schedule says; once by default" },
    timeout: { value: 'TIME', help: 'For each attempt: 10s by default' },
    allow: { value: 'CIDR', multiple: true, help: 'Private addresses to allow too: 10.1.0.0/16; may be repeated' },
    ...JSON_OPTION,
  },
  examples: [
    ['fluxora-verify send --url http://127.0.0.1:3000/hooks --secret-env WEBHOOK_SECRET body.json', 'try a receiver'],
    [
      'fluxora-verify send --url https://example.com/hooks --scheme stripe --secret-file secret.txt --attempts 5 body.json',
      'until it is delivered, or dead',
    ],
  ],
  async run(args, io): Promise<ExitCode> {
    const scheme = readSchemeOption(args)
    const sender = makeSender(args, scheme)
    const attempts = args.wholeNumber('attempts', 1, sender.maxAttempts) ?? 1
    const delivery = await readDelivery(args, io, scheme)
    const wait = interruptibleWait(io)
    try {
      const ending = await sendUntilDone(sender, delivery, attempts, wait, reporterFor(args, io, delivery))
      return ending === 'interrupted' ? EXIT.interrupted : exitFor(ending === 'delivered')
    } finally {
      await sender.close()
    }
  },
}

/** The schedules of the four systems by the name of their scheme. All others have Fluxora's. */
const SCHEDULES: Readonly<Record<string, RetrySchedule>> = retrySchedules

function makeSender(args: CommandArguments, scheme: WebhookScheme): WebhookSender {
  const schedule = SCHEDULES[scheme.name] ?? retrySchedules.fluxora
  return make(() => {
    // Whoever types an address on this machine may reach this machine. What a name resolves to elsewhere is guarded.
    const guard = addressGuard({ allow: ['127.0.0.0/8', '::1/128', ...args.texts('allow')], allowHttp: true })
    return createWebhookSender({ scheme, schedule, guard, timeoutMs: readDuration(args, 'timeout') })
  })
}

type Unsent = Omit<OutgoingDelivery, 'attempt'>

async function readDelivery(args: CommandArguments, io: CommandIo, scheme: WebhookScheme): Promise<Unsent> {
  const secrets = await demandFilledSecrets(args, io)
  const url = readHttpUrl('--url', args.text('url')).href
  const deliveryId = args.text('id') ?? crypto.randomUUID()
  const event = args.text('event')
  // An attempt would call a secret that cannot sign a fault of ours, without a word on which one.
  make(() => createWebhookSigner({ scheme, secrets }))
  if (![deliveryId, event ?? 'none'].every(isVisible)) throw usageProblem('--id and --event take visible ASCII.')
  const headers = readHeaders(args.texts('header'))
  return {
    endpoint: { id: 'url', url, secrets, headers },
    deliveryId,
    event,
    body: await readInput(io, args.operands[0]),
  }
}

/** Further headers. The sender says of each whether it may be set. */
function readHeaders(texts: readonly string[]): Readonly<Record<string, string>> {
  const headers = new Map<string, string>()
  for (const text of texts) {
    const [, name = '', value = ''] = /^([^:]*):(.*)$/s.exec(text) ?? []
    if (name === '') throw usageProblem('--header must be NAME:VALUE.')
    if (headers.has(name.toLowerCase())) throw usageProblem('--header gives a name twice.')
    headers.set(name.toLowerCase(), value.trim())
  }
  return Object.fromEntries(headers)
}

function isVisible(text: string): boolean {
  return /^[!-~]{1,256}$/.test(text)
}

/** How the last attempt ended, or that the user did not want to wait for it. */
async function sendUntilDone(
  sender: WebhookSender,
  delivery: Unsent,
  attempts: number,
  wait: (delayMs: number) => Promise<boolean>,
  report: (attempt: Attempt, isLast: boolean) => Promise<void>,
): Promise<Attempt['outcome'] | 'interrupted'> {
  for (let number = 1; ; number++) {
    const attempt = await sender.attempt({ ...delivery, attempt: number })
    const isLast = attempt.outcome !== 'retry' || number >= attempts
    await report(attempt, isLast)
    if (isLast) return attempt.outcome
    if (!(await wait(attempt.delayMs ?? 0))) return 'interrupted'
  }
}

/** Waits, and is false as soon as the user asks to end. An attempt that is running is not cut off: it may have been delivered. */
function interruptibleWait(io: CommandIo): (delayMs: number) => Promise<boolean> {
  const asked = new AbortController()
  io.onInterrupt(() => asked.abort())
  return (delayMs) => {
    const waiting = setTimeout(delayMs, true, { signal: asked.signal }).catch(() => false)
    return withProgress(io, `Waiting ${(delayMs / 1_000).toFixed(1)} s for the next attempt…`, waiting)
  }
}

function reporterFor(args: CommandArguments, io: CommandIo, { deliveryId }: Unsent) {
  const style = styleFor(io)
  return (attempt: Attempt, isLast: boolean): Promise<void> => {
    const { response, delayMs, ...rest } = attempt
    const next = isLast ? undefined : delayMs
    if (!args.flag('json')) return io.write(describe(attempt, next, style))
    return io.write(jsonLine({ deliveryId, ...rest, delayMs: next, answerBytes: response?.body.length }))
  }
}

function describe(attempt: Attempt, nextMs: number | undefined, style: Style): string {
  const { outcome, reason, statusCode, durationMs } = attempt
  const paint = outcome === 'delivered' ? style.good : style.bad
  const status = statusCode === undefined ? '' : `, answered ${statusCode}`
  const next = nextMs === undefined ? '' : `; again in ${(nextMs / 1000).toFixed(1)} s`
  const more = outcome === 'dead' ? `  More: docs/runbook.md#${reason}\n` : ''
  return `attempt ${attempt.attempt}: ${paint(outcome)} (${reason})${status}, ${Math.round(durationMs)} ms${next}\n${more}`
}
