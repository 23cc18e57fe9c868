// What a verifier says about the delivery: the library's own pipeline, with the secrets that can be used.

import { inspect, judge } from '../../webhook/pipeline/sequence.ts'
import type { Diagnosis } from '../finding.ts'
import type { DiagnoseRequest } from '../input.ts'
import type { Budget } from './budget.ts'
import type { Prover } from './prover.ts'
import type { Secret } from './secrets.ts'

/** @throws {WebhookError} `invalid_input` if the scheme signs the URL and none was given. */
export async function judgeDelivery(
  { checks, headers, body, target }: DiagnoseRequest,
  secrets: readonly Secret[],
  prover: Prover,
  budget: Budget,
): Promise<Diagnosis['verdict']> {
  const own = secrets.filter(({ isOwn }) => isOwn)
  const keys = own.flatMap(({ key }) => (key ? [key] : []))
  if (keys.length === 0) {
    return { ok: false, code: 'missing_secret', message: own[0]?.fault ?? 'There is no secret that can be used.' }
  }
  const unproven = inspect(checks, headers, body)
  if (!unproven.ok) return { ok: false, code: unproven.code, message: unproven.message }
  const imported = keys.map(({ material }) => material)
  const { ok, code, message } = await judge(prover.engine, checks, unproven, { keys, imported }, target)
  if (ok || !budget.isExceeded) return { ok, code, message }
  return { ok, code, message: 'The search was ended by maxHashedBytes before every secret had been tried.' }
}
