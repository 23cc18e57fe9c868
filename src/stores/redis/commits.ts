// Committing what was handled at about the same time in one script, each claim for itself.

import { batchCalls } from '../shared/batch.ts'
import { isCrossSlot } from './errors.ts'
import { FAILED } from './record.ts'
import type { Scripts } from './run.ts'

/** One claim to commit. */
export interface Commit {
  readonly names: readonly string[]
  readonly token: string
  /** Milliseconds; nothing for ever. */
  readonly retention: string
}

/** Commits a claim: 1, or 0 where it is no longer held. */
export function committer(run: Scripts): (commit: Commit) => Promise<number> {
  // Found out from the first commits that the server would not take together, as on a cluster.
  let isGathered = true

  async function together(commits: readonly Commit[]): Promise<readonly number[]> {
    const codes = await run.commit(
      commits.flatMap(({ names }) => names),
      commits.flatMap(({ names, token, retention }) => [String(names.length), token, retention]),
    )
    if (codes.length === commits.length) return codes
    throw new TypeError('Redis answered a script with another number of answers than it was asked for.')
  }
  const alone = async (commit: Commit): Promise<number> => (await together([commit]))[0] as number
  const gathered = batchCalls(async (commits: readonly Commit[]) => {
    try {
      const codes = await together(commits)
      // Asked for alone, what failed says why, and fails for itself.
      return codes.map((code, i) => (code === FAILED ? alone(commits[i] as Commit) : code))
    } catch (error) {
      if (commits.length === 1 || !isCrossSlot(error)) throw error
      isGathered = false
      return commits.map(alone)
    }
  })
  return (commit) => (isGathered ? gathered : alone)(commit)
}
