// `diagnose`: why was this request refused? With proof, where there is one.

import { diagnoseDeliveries } from '../../diagnose/diagnose-deliveries.ts'
import { diagnoseDelivery } from '../../diagnose/diagnose-delivery.ts'
import type { Diagnosis } from '../../diagnose/finding.ts'
import type { DiagnoseInput } from '../../diagnose/input.ts'
import { isWebhookError } from '../../shared/webhook-error.ts'
import type { WebhookBody } from '../../webhook/pipeline/body.ts'
import type { WebhookScheme } from '../../webhook/schemes/scheme.ts'
import type { Command, CommandArguments } from '../command.ts'
import { EXIT, type ExitCode, usageProblem } from '../exit-codes.ts'
import type { CapturedRequest } from '../input/captured-request.ts'
import { readRequests } from '../input/read-input.ts'
import type { CommandIo } from '../io.ts'
import {
  CLOCK_OPTIONS,
  demandSecrets,
  JSON_OPTION,
  OTHER_SECRET_OPTIONS,
  REQUEST_OPTIONS,
  readNamedScheme,
  readSecretOptions,
  SCHEME_OPTION,
  SCHEMES,
  SECRET_OPTIONS,
} from '../options.ts'
import { describeDiagnosis } from '../output/diagnosis.ts'
import { withProgress } from '../output/progress.ts'
import { jsonLine, styleFor } from '../output/style.ts'
import { requestOf } from '../verdict-on.ts'

export const diagnose: Command = {
  name: 'diagnose',
  summary: 'Find out why requests were refused, by proof',
  operands: '[FILE|-]',
  maxOperands: 1,
  options: {
    ...SCHEME_OPTION,
    scheme: { value: 'NAME', help: 'The scheme of the endpoint; by default what the headers look like, or fluxora' },
    ...SECRET_OPTIONS,
    ...OTHER_SECRET_OPTIONS,
    ...REQUEST_OPTIONS,
    ...CLOCK_OPTIONS,
    'max-bytes': { value: 'COUNT', help: 'How many bytes to hash for each request at most; 67108864 by default' },
    ...JSON_OPTION,
  },
  examples: [
    ['fluxora-verify diagnose --scheme github --secret-env GITHUB_SECRET request.http', 'a request as it travelled'],
    [
      'fluxora-verify diagnose --secret-env LIVE_SECRET --other-secret-env TEST_SECRET captured.ndjson',
      'several, to see what they have in common',
    ],
  ],
  async run(args, io): Promise<ExitCode> {
    const settings = await readSettings(args, io)
    const inputs = (await readRequests(io, args.operands[0])).map((request) => inputOf(settings, request))
    const [first, ...others] = inputs
    const work = first && others.length === 0 ? diagnoseDelivery(first) : diagnoseDeliveries(inputs)
    const diagnosis = await withProgress(io, 'Looking for the cause…', work).catch(rethrowAsUsage)
    await io.write(args.flag('json') ? jsonLine(diagnosis) : describeDiagnosis(diagnosis, styleFor(io)))
    return exitForDiagnosis(diagnosis)
  },
}

async function readSettings(args: CommandArguments, io: CommandIo) {
  return {
    scheme: readNamedScheme(args),
    secrets: await demandSecrets(args, io),
    otherSecrets: await readSecretOptions(args, io, 'other-'),
    method: args.text('method'),
    url: args.text('url'),
    now: args.wholeNumber('now', 0, Number.MAX_SAFE_INTEGER),
    toleranceSeconds: args.wholeNumber('tolerance', 0, Number.MAX_SAFE_INTEGER),
    maxHashedBytes: args.wholeNumber('max-bytes', 1024, Number.MAX_SAFE_INTEGER),
  }
}

const ALL: readonly WebhookScheme[] = [...SCHEMES.values()]

function inputOf(
  { scheme, now, ...settings }: Awaited<ReturnType<typeof readSettings>>,
  request: CapturedRequest,
): DiagnoseInput {
  return {
    ...settings,
    ...requestOf(settings, request),
    scheme,
    // fluxora is the first of them: it is the one if the headers are those of nobody.
    schemes: [...ALL.filter(({ name }) => name === 'fluxora'), ...ALL.filter(({ name }) => name !== 'fluxora')],
    now: now ?? request.receivedAt,
    body: request.body as WebhookBody, // what is no bytes is a finding
  }
}

function rethrowAsUsage(error: unknown): never {
  if (isWebhookError(error)) throw usageProblem(error.message)
  throw error
}

/** 1 if the cause is known, 2 if there are hints only, 3 if there is nothing. */
function exitForDiagnosis({ verdict, findings }: Diagnosis): ExitCode {
  if (verdict.ok) return EXIT.good
  const isCause = findings.some(({ certainty }) => certainty !== 'hint')
  if (isCause && !findings.some(({ code }) => code === 'nothing_matches')) return EXIT.refused
  return findings.some(({ certainty }) => certainty === 'hint') ? EXIT.hintsOnly : EXIT.nothingFound
}
