// The conformance kit for dedupe stores: everything that a receiver relies on, asked of a store from outside.

import type { DedupeStore } from '../../stores/contract.ts'
import {
  bindsOtherKeysOfRefusedRequest,
  endsBindingAfterBindMs,
  keepsCommittedKeyBound,
  keepsExpiredKeyBound,
  keepsReleasedKeyBound,
} from './dedupe-store/bindings.ts'
import { keepsLiveClaims } from './dedupe-store/capacity.ts'
import {
  answersDuplicateAfterCommit,
  freesReleasedKey,
  grantsUnknownKey,
  reportsRemainingTime,
} from './dedupe-store/claiming.ts'
import { comparesFingerprints, needsTwoFingerprints, writesNothingOnConflict } from './dedupe-store/conflicts.ts'
import type { Check } from './dedupe-store/expectations.ts'
import { fencesOffAfterSuccessor, fencesOffLateWorker, letsLateWorkerSettle } from './dedupe-store/late-workers.ts'
import { extendsLease, freesKeyAfterLease } from './dedupe-store/leases.ts'
import { givesFreedKeyToOne, givesKeyToOne, givesOverlappingSetsToOne } from './dedupe-store/one-winner.ts'
import { forgetsAfterRetention, keepsForRetention } from './dedupe-store/retention.ts'
import { ignoresStrangers, settlesOnce } from './dedupe-store/settling.ts'
import { confusesNoTexts, takesAnyDuration, takesRepeatedKeyOnce } from './dedupe-store/unusual-input.ts'
import { claimsAllOrNothing, commitsEveryKey, settlesWholeSets } from './dedupe-store/whole-sets.ts'
import type { ConformanceRunner } from './runner.ts'

/**
 * Registers a test for each promise of a dedupe store. A failure says in one sentence what the store must do and what it did. The tests
 * wait for real leases to expire, so they take a few seconds.
 *
 * @param name What to call the store in the test report.
 * @param makeStore Makes a store for one test. It may return the same store every time: each test uses keys of its own.
 * @param runner The test runner's functions, and the length of a short lease.
 *
 * @example
 * ```ts
 * import { describe, it } from 'vitest'
 *
 * dedupeStoreConformance('my store', () => myDedupeStore(connection), { describe, it })
 * ```
 */
export function dedupeStoreConformance(
  name: string,
  makeStore: () => DedupeStore | Promise<DedupeStore>,
  runner: ConformanceRunner,
): void {
  const { describe, it, shortMs = 250 } = runner
  describe(`${name}: dedupe store conformance`, () => {
    for (const [promise, check] of PROMISES) it(promise, async () => check(await makeStore(), shortMs))
  })
}

/** What a dedupe store promises. Each line reads "A dedupe store …". */
const PROMISES: readonly (readonly [promise: string, check: Check])[] = [
  ['grants an unknown key, under a token that no other claim has', grantsUnknownKey],
  ['answers in_progress with the remaining time while a claim is held', reportsRemainingTime],
  ['answers duplicate to everyone after a commit', answersDuplicateAfterCommit],
  ['lets a released key be claimed again at once', freesReleasedKey],

  ['gives a key to exactly one of many concurrent claims', givesKeyToOne],
  ['gives a released or expired key to exactly one of many concurrent claims', givesFreedKeyToOne],
  ['never gives one key to two claims, however their key sets overlap', givesOverlappingSetsToOne],

  ['claims all keys of a request or none', claimsAllOrNothing],
  ['commits every key of a set', commitsEveryKey],
  ['commits and releases a set only while the claim holds every key of it', settlesWholeSets],

  ['settles a claim only once', settlesOnce],
  ['ignores a token that does not hold the claim', ignoresStrangers],

  ['frees a key when its lease expires, and not before', freesKeyAfterLease],
  ['extends a lease to leaseMs from now', extendsLease],
  ['lets a late worker settle its claim if nobody has taken it over', letsLateWorkerSettle],
  ['fences off a late worker once another has taken over', fencesOffLateWorker],
  ['fences off a late worker even after its successor has settled or expired', fencesOffAfterSuccessor],

  ['forgets a committed key after its retention, and not before', forgetsAfterRetention],
  ['keeps a committed key for its whole retention, even beyond the lease or for ever', keepsForRetention],

  [
    'answers conflict to a known key with another fingerprint, ahead of duplicate and in_progress',
    comparesFingerprints,
  ],
  ['sees no conflict if the key or the request has no fingerprint', needsTwoFingerprints],
  ['writes nothing when it answers conflict', writesNothingOnConflict],

  ['keeps a released key bound to its fingerprint', keepsReleasedKeyBound],
  ['keeps a key bound to its fingerprint after its lease expires', keepsExpiredKeyBound],
  ['keeps a committed key bound for bindMs, even if its retention is shorter', keepsCommittedKeyBound],
  ['ends a binding after bindMs', endsBindingAfterBindMs],
  [
    'binds every key but the first of a request that it turns away, and claims none of them',
    bindsOtherKeysOfRefusedRequest,
  ],

  ['keeps live claims, however many new ones arrive', keepsLiveClaims],
  ['takes any text as a key or a fingerprint, and confuses no two of them', confusesNoTexts],
  ['treats a key that is repeated in one request as one key', takesRepeatedKeyOnce],
  ['takes fractions of a millisecond, and times beyond any calendar', takesAnyDuration],
]
