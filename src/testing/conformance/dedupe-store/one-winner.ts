// Of many who claim a key at once, one gets it.

import type { DedupeKey, DedupeStore } from '../../../stores/contract.ts'
import {
  claim,
  expectClaimed,
  expectDone,
  expectEqual,
  expectInProgress,
  newKey,
  pass,
  tally,
  times,
} from './expectations.ts'

export async function givesKeyToOne(store: DedupeStore): Promise<void> {
  for (let round = 0; round < 4; round++) await race(store, [newKey(), newKey('same')])
}

export async function givesFreedKeyToOne(store: DedupeStore, shortMs: number): Promise<void> {
  const released = [newKey()]
  await expectDone(store.release(await expectClaimed(store, released, 'an unknown key')), 'release() by the holder')
  const expired = [newKey()]
  await expectClaimed(store, expired, 'an unknown key', shortMs)
  await pass(shortMs)
  await race(store, released)
  await race(store, expired)
}

async function race(store: DedupeStore, keys: readonly DedupeKey[]): Promise<void> {
  const answers = await Promise.all(times(24, () => claim(store, keys)))
  expectEqual(
    tally(answers),
    { claimed: 1, in_progress: 23 },
    'Of 24 concurrent claims on the same keys, the answers must be',
  )
}

export async function givesOverlappingSetsToOne(store: DedupeStore): Promise<void> {
  for (let round = 0; round < 4; round++) await raceForOverlappingSets(store)
}

async function raceForOverlappingSets(store: DedupeStore): Promise<void> {
  const pool = times(5, () => newKey())
  const sets = times(20, (n) => {
    const places = new Set([n % 5, (n * 2 + 1) % 5, (n * 3 + 2) % 5])
    return [...places].map((place) => pool[place]!)
  })
  const answers = await Promise.all(sets.map((keys) => claim(store, keys)))
  const { claimed = 0, in_progress = 0 } = tally(answers)
  expectEqual(
    claimed + in_progress,
    20,
    'Of 20 concurrent claims on free keys, those answered claimed or in_progress must be',
  )

  const taken = answers.flatMap((answer) => {
    if (answer.status !== 'claimed') return []
    return answer.claim.keys.map(({ key }) => key)
  })
  const distinct = new Set(taken)
  if (taken.length > distinct.size)
    throw new Error(`Each key must go to one claim, but ${distinct.size} keys were given out ${taken.length} times.`)
  for (const key of pool) {
    if (distinct.has(key.key)) await expectInProgress(store, [key], 'a key that was just claimed')
    else await expectClaimed(store, [key], 'a key that no claim got')
  }
}
