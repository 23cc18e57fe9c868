// What several deliveries have in common: one secret, one clock, one thing that goes wrong with each of them.

import { WebhookError } from '../shared/webhook-error.ts'
import { readTime, reusedTimes, sameSkew } from './causes/common-times.ts'
import { diagnoseDelivery } from './diagnose-delivery.ts'
import type { Certainty, Diagnosis, Excluded, Finding } from './finding.ts'
import type { DiagnoseInput } from './input.ts'

/**
 * Finds out what several refused deliveries have in common. A finding that all of them share comes first; one that only some have says how
 * many. Timestamps are compared with each other: one skew for all is a clock, one timestamp for several attempts is a sender that does not
 * sign anew.
 *
 * @param deliveries From 1 to 1,000 deliveries, each as for {@link diagnoseDelivery}. Each has a budget of its own.
 * @returns The verdict that most of the refused ones have, or ok if all are genuine; the findings; the sums of what was tried.
 * @throws {WebhookError} Rejects with `invalid_option` if the list makes no sense, or an option in it.
 *
 * @example
 * ```ts
 * const { findings } = await diagnoseDeliveries(captured.map(({ headers, body }) => ({ secrets, headers, body })))
 * ```
 */
export async function diagnoseDeliveries(deliveries: readonly DiagnoseInput[]): Promise<Diagnosis> {
  if (!Array.isArray(deliveries) || deliveries.length < 1 || deliveries.length > MOST) {
    throw new WebhookError('invalid_option', `deliveries must be a list of 1 to ${MOST}.`, 'deliveries')
  }
  const diagnoses: Diagnosis[] = []
  for (const each of deliveries) diagnoses.push(await diagnoseDelivery(each))
  const refused = diagnoses.filter(({ verdict }) => !verdict.ok)
  return Object.freeze({
    verdict: commonVerdict(diagnoses, refused),
    findings: Object.freeze(refused.length === 0 ? [] : commonFindings(deliveries, diagnoses)),
    excluded: sumOf(diagnoses),
  })
}

const MOST = 1000

function commonVerdict(all: readonly Diagnosis[], refused: readonly Diagnosis[]): Diagnosis['verdict'] {
  const [first] = refused
  if (!first) return { ok: true, code: 'ok', message: `All ${all.length} deliveries are genuine.` }
  const counts = new Map<string, number>()
  for (const { verdict } of refused) counts.set(verdict.code, (counts.get(verdict.code) ?? 0) + 1)
  const [[code, count] = [first.verdict.code, 0]] = [...counts].sort(([, one], [, other]) => other - one)
  const message = `${refused.length} of ${all.length} deliveries were refused, ${count} of them with ${code}.`
  return { ok: false, code, message }
}

const RANK: Readonly<Record<Certainty, number>> = { proven: 0, fact: 1, hint: 2 }

function commonFindings(deliveries: readonly DiagnoseInput[], diagnoses: readonly Diagnosis[]): Finding[] {
  const refused = diagnoses.filter(({ verdict }) => !verdict.ok).length
  const groups = new Map<string, { readonly finding: Finding; count: number }>()
  for (const { findings } of diagnoses) {
    for (const finding of findings) {
      const key = [finding.code, finding.certainty, finding.secretId, ...(finding.transformation ?? [])].join('|')
      const group = groups.get(key) ?? { finding, count: 0 }
      group.count++
      groups.set(key, group)
    }
  }
  const times = deliveries.filter((_, at) => diagnoses[at]?.verdict.ok === false).map(readTime)
  const skew = sameSkew(times)
  const counted = [...groups.values()]
    .filter(({ finding }) => skew.length === 0 || finding.code !== 'clock_skew')
    .map(({ finding, count }) => ({ finding: inMany(finding, count, refused), count }))
  const ofTimes = [...skew.map((finding) => ({ finding, count: refused })), ...reusedTimes(times)]
  const rankOf = ({ certainty }: Finding): number => RANK[certainty]
  return [...counted, ...ofTimes]
    .sort((one, other) => other.count - one.count || rankOf(one.finding) - rankOf(other.finding))
    .map(({ finding }) => finding)
}

function inMany(finding: Finding, count: number, refused: number): Finding {
  return Object.freeze({ ...finding, message: `${describeShare(count, refused)}: ${finding.message}` })
}

function describeShare(count: number, refused: number): string {
  if (refused === 1) return 'In the only refused delivery'
  if (count === refused) return `In all ${refused} refused deliveries`
  return `In ${count} of ${refused} refused deliveries`
}

/** Counts are the largest, since each search goes over much the same; bytes are added up. */
function sumOf(diagnoses: readonly Diagnosis[]): Excluded {
  const all = diagnoses.map(({ excluded }) => excluded)
  const most = (count: (each: Excluded) => number): number => Math.max(...all.map(count))
  return Object.freeze({
    transformations: most(({ transformations }) => transformations),
    secrets: most(({ secrets }) => secrets),
    schemes: most(({ schemes }) => schemes),
    hashedBytes: all.reduce((sum, { hashedBytes }) => sum + hashedBytes, 0),
    complete: all.every(({ complete }) => complete),
  })
}
