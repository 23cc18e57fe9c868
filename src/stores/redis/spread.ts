// The keys of one delivery on several nodes of a cluster: there is no one moment in which all can be read and written.

import type { StoredKey } from '../shared/request.ts'
import { CONFLICT, DUPLICATE, markOf, text } from './record.ts'
import type { Scripts } from './run.ts'
import type { ClaimOne } from './take.ts'

/** When to come back to keys that others were taking and giving back. */
const CONTENDED_MS = 1000

/** What is left of a lease at least, before keys on several nodes are settled one after the other. */
const PIN_MS = '10000'

/**
 * The keys are read first, then taken one by one in the same order by everyone, without binding anything yet, and confirmed once all
 * are there: two workers can never both hold a key, and one that fails on the way gives back what it took.
 */
export async function claimEach(
  run: Scripts,
  claimOne: ClaimOne,
  keys: readonly StoredKey[],
  token: string,
  lease: number,
  bind: number,
): Promise<number> {
  const inOrder = [...keys].sort((a, b) => (a.name < b.name ? -1 : 1))
  for (let attempt = 0; attempt < 3; attempt++) {
    const codes = await Promise.all(keys.map((key) => run.peek([key.name], [markOf(key)])))
    if (codes.includes(CONFLICT)) return CONFLICT
    const isDuplicate = codes.includes(DUPLICATE)
    const held = Math.max(...codes)
    if (isDuplicate || held > 0) {
      const bindable = keys.slice(1).filter(({ fingerprint }) => fingerprint !== undefined)
      await Promise.all(bindable.map((key) => run.bind([key.name], [text(bind), markOf(key)])))
      return isDuplicate ? DUPLICATE : held
    }
    const taken: StoredKey[] = []
    try {
      for (const key of inOrder) {
        taken.push(key)
        if ((await claimOne(key, token, lease, 0)) === 0) continue
        taken.pop()
        break
      }
      const confirm = (key: StoredKey): Promise<number> => run.extend([key.name], [token, text(lease), text(bind)])
      if (taken.length === keys.length && (await each(keys, confirm))) return 0
    } catch (error) {
      await Promise.allSettled(taken.map((key) => run.release([key.name], [token])))
      throw error
    }
    await each(taken, (key) => run.release([key.name], [token]))
  }
  return CONTENDED_MS
}

/**
 * All leases are made long enough for what follows first, so that it is done to every key or to none. Where one is lost, the others are
 * left as they were: a lease that had run out holds nobody up.
 */
export async function settleEach(
  run: Scripts,
  keys: readonly StoredKey[],
  token: string,
  change: (names: string[]) => Promise<number>,
): Promise<boolean> {
  const pinned = await Promise.all(keys.map(({ name }) => run.pin([name], [token, PIN_MS])))
  if (pinned.every((code) => code > 0)) return each(keys, ({ name }) => change([name]))
  const unpin = async (key: StoredKey, at: number): Promise<void> => {
    const code = pinned[at] as number
    if (code > 0) await run.extend([key.name], [token, text(code - 1), '0'])
  }
  await Promise.all(keys.map(unpin))
  return false
}

async function each(keys: readonly StoredKey[], act: (key: StoredKey) => Promise<number>): Promise<boolean> {
  return (await Promise.all(keys.map(act))).every((code) => code === 1)
}
