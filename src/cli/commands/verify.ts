// `verify`: is this request genuine?

import type { Command } from '../command.ts'
import { type ExitCode, exitFor } from '../exit-codes.ts'
import { readRequests } from '../input/read-input.ts'
import {
  CLOCK_OPTIONS,
  demandFilledSecrets,
  JSON_OPTION,
  REQUEST_OPTIONS,
  readSchemeOption,
  SCHEME_OPTION,
  SECRET_OPTIONS,
} from '../options.ts'
import { jsonLine, styleFor } from '../output/style.ts'
import { describeVerdict, summariseVerdict } from '../output/verdict.ts'
import { readCheck, verdictOn } from '../verdict-on.ts'

export const verify: Command = {
  name: 'verify',
  summary: 'Check whether requests are genuine',
  operands: '[FILE|-]',
  maxOperands: 1,
  options: { ...SCHEME_OPTION, ...SECRET_OPTIONS, ...REQUEST_OPTIONS, ...CLOCK_OPTIONS, ...JSON_OPTION },
  examples: [
    ['fluxora-verify verify --scheme github --secret-env GITHUB_SECRET request.http', 'a request as it travelled'],
    [
      'pbpaste | fluxora-verify verify --scheme stripe --secret-env STRIPE_SECRET --now 1710000000',
      'a curl command from a dashboard',
    ],
  ],
  async run(args, io): Promise<ExitCode> {
    const secrets = await demandFilledSecrets(args, io)
    const check = readCheck(args, readSchemeOption(args), secrets)
    const requests = await readRequests(io, args.operands[0])
    const verdicts = requests.map((request) => verdictOn(check, request))
    const isGood = verdicts.every(({ ok }) => ok)
    const summaries = verdicts.map(summariseVerdict)
    const style = styleFor(io)
    if (!args.flag('json')) await io.write(verdicts.map((verdict) => describeVerdict(verdict, style)).join(''))
    else await io.write(jsonLine(summaries.length === 1 ? summaries[0] : { ok: isGood, results: summaries }))
    return exitFor(isGood)
  },
}
