// What `listen` says of one delivery.

import { diagnoseDelivery } from '../../diagnose/diagnose-delivery.ts'
import type { Diagnosis } from '../../diagnose/finding.ts'
import type { ArrivedDelivery } from '../capture.ts'
import type { CommandIo } from '../io.ts'
import { describeFindings } from '../output/diagnosis.ts'
import { jsonLine, printable, styleFor } from '../output/style.ts'
import { describeVerdict, summariseVerdict } from '../output/verdict.ts'
import { type Check, requestOf, verdictOn } from '../verdict-on.ts'

/** The verdict on a delivery that arrived, and the words for it. */
export interface Judgement {
  readonly ok: boolean
  readonly status: number
  readonly code: string
  readonly message: string
  report(number: number, io: CommandIo): string
}

/** What a delivery is judged by. */
export interface JudgeSettings {
  /** Undefined without a secret: then deliveries are only shown. */
  readonly check: Check | undefined
  readonly asJson: boolean
}

/** A delivery is looked at while its sender waits for the answer. */
const MAX_HASHED_BYTES = 2 ** 24

function diagnose(check: Check, delivery: ArrivedDelivery): Promise<Diagnosis> {
  const { scheme, secrets, toleranceSeconds } = check
  const { body, receivedAt } = delivery
  const now = check.now ?? receivedAt
  const request = requestOf(check, delivery)
  return diagnoseDelivery({
    scheme,
    secrets,
    toleranceSeconds,
    now,
    body,
    ...request,
    maxHashedBytes: MAX_HASHED_BYTES,
  })
}

export async function judgeArrival({ check, asJson }: JudgeSettings, delivery: ArrivedDelivery): Promise<Judgement> {
  const { method, url, body, receivedAt } = delivery
  const facts = { type: 'delivery', receivedAt, method, url, bodyBytes: body.length }
  const head = `${method} ${printable(url)}  ${body.length} bytes`
  if (!check) {
    const report = (number: number) =>
      asJson ? jsonLine({ ...facts, number }) : `#${number}  ${head}  not checked: no secret is given\n`
    return { ok: true, status: 200, code: 'unchecked', message: '', report }
  }
  const verdict = verdictOn(check, delivery)
  const diagnosis = verdict.ok ? undefined : await diagnose(check, delivery)
  const report = (number: number, io: CommandIo) => {
    if (asJson) {
      return jsonLine({ ...facts, number, verdict: summariseVerdict(verdict), findings: diagnosis?.findings ?? [] })
    }
    const style = styleFor(io)
    return `#${number}  ${head}  ${describeVerdict(verdict, style)}${describeFindings(diagnosis?.findings ?? [], style)}`
  }
  const { ok, status, code, message } = verdict
  return { ok, status, code, message, report }
}
