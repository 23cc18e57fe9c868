// The conformance kit for delivery logs: everything that a dispatcher relies on, asked of a log from outside.

import type { DeliveryLog } from '../../sender/log/contract.ts'
import {
  claimsTheOldestFirst,
  countsTheAttemptAtClaim,
  givesAttemptsBack,
  givesEachToOne,
  keepsItForTheLease,
  waitsForTheDelay,
} from './delivery-log/claiming.ts'
import {
  answersDuplicate,
  enqueuesOnce,
  keepsTheEndpoint,
  keepsWhatIsEnqueued,
  refusesNonsense,
} from './delivery-log/enqueueing.ts'
import type { Check } from './delivery-log/expectations.ts'
import { limitsFailingEndpoints, takesAFewOfEach, takesOneOfAFailingEndpoint } from './delivery-log/fairness.ts'
import {
  disablesAfterAWhile,
  disablesForNoFewFailures,
  disablesWhatIsGone,
  enablesOnRequest,
  leavesHealthAlone,
  tellsEachChangeOnce,
} from './delivery-log/health.ts'
import {
  counts,
  fencesOffLateWorkers,
  forgetsAfterRetention,
  keepsDeadLetters,
  letsLateWorkersSettle,
  marksWhatIsHeld,
  settlesManyAtOnce,
  settlesOnce,
} from './delivery-log/settling.ts'
import type { ConformanceRunner } from './runner.ts'

/**
 * Registers a test for each promise of a delivery log. A failure says in one sentence what the log must do and what it did. The checks pass
 * the time to the log, so they wait for nothing.
 *
 * @param name What to call the log in the test report.
 * @param makeLog Makes an empty log for one test.
 * @param runner The test runner's functions: those of vitest, jest, mocha, bun and node:test fit.
 *
 * @example
 * ```ts
 * import { describe, it } from 'vitest'
 *
 * deliveryLogConformance('my log', () => myDeliveryLog(connection), { describe, it })
 * ```
 */
export function deliveryLogConformance(
  name: string,
  makeLog: () => DeliveryLog | Promise<DeliveryLog>,
  runner: Pick<ConformanceRunner, 'describe' | 'it'>,
): void {
  const { describe, it } = runner
  describe(`${name}: delivery log conformance`, () => {
    for (const [promise, check] of PROMISES) it(promise, async () => check(await makeLog()))
  })
}

/** What a delivery log promises. Each line reads "A delivery log …". */
const PROMISES: readonly (readonly [promise: string, check: Check])[] = [
  ['keeps ids, event and the very bytes of a body', keepsWhatIsEnqueued],
  ['keeps an endpoint with its secrets, in bytes too', keepsTheEndpoint],
  ['answers duplicate to an id that the endpoint has had', answersDuplicate],
  ['enqueues one delivery once, however many ask at the same time', enqueuesOnce],
  ['refuses deliveries that make no sense', refusesNonsense],

  ['gives what is due, the oldest first', claimsTheOldestFirst],
  ['gives each delivery to one of many claims at once', givesEachToOne],
  ['counts the attempt when it is claimed, so that what kills its workers comes to an end', countsTheAttemptAtClaim],
  ['keeps a delivery for its worker until the lease runs out', keepsItForTheLease],
  ['keeps a delivery waiting for its delay', waitsForTheDelay],
  ['gives attempts back that are not to be counted', givesAttemptsBack],

  ['takes a few of each endpoint, however many wait', takesAFewOfEach],
  ['takes one at a time of a failing endpoint', takesOneOfAFailingEndpoint],
  ['limits what goes to failing endpoints in all', limitsFailingEndpoints],

  ['settles a claim only once', settlesOnce],
  ['fences off a late worker once another has taken over', fencesOffLateWorkers],
  ['settles many at the same moment, each for its holder', settlesManyAtOnce],
  ['lets a late worker settle if nobody has taken over', letsLateWorkersSettle],
  ['keeps dead letters with their reason, to be replayed', keepsDeadLetters],
  ['takes the word of a replay over that of the worker', marksWhatIsHeld],
  ['counts what waits, what is due and what has ended', counts],
  ['forgets what has ended after the retention, and not before', forgetsAfterRetention],

  ['tells each change of an endpoint once', tellsEachChangeOnce],
  ['changes nothing about an endpoint after a failure that is not its own', leavesHealthAlone],
  ['disables an endpoint that has failed for too long', disablesAfterAWhile],
  ['disables no endpoint for a few failures, however far apart', disablesForNoFewFailures],
  ['disables an endpoint that is gone, and brings on what waits for it', disablesWhatIsGone],
  ['enables an endpoint on request', enablesOnRequest],
]
