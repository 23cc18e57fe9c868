// What `listen` says of one delivery.

import type { ArrivedDelivery } from '../capture.ts'
import type { CommandIo } from '../io.ts'
import { jsonLine, printable, styleFor } from '../output/style.ts'
import { describeVerdict, summariseVerdict } from '../output/verdict.ts'
import { type Check, verdictOn } from '../verdict-on.ts'

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
  const report = (number: number, io: CommandIo) => {
    if (asJson) return jsonLine({ ...facts, number, verdict: summariseVerdict(verdict) })
    return `#${number}  ${head}  ${describeVerdict(verdict, styleFor(io))}`
  }
  const { ok, status, code, message } = verdict
  return { ok, status, code, message, report }
}
