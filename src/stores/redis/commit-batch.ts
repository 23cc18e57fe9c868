// Commits what was handled at about the same time in one script, each claim for itself.

import { batchCalls } from '../shared/batch.ts'
import { isCrossSlot } from './errors.ts'
import type { Commit, CommitAnswer, Scripts } from './scripts.ts'

/** Makes a function that commits a claim; true if its token held all of its keys. */
export function batchingCommitter(scripts: Scripts): (commit: Commit) => Promise<boolean> {
  // Turned off by the first commits that the server would not take together, as on a cluster.
  let isBatching = true

  async function commitAlone(commit: Commit): Promise<boolean> {
    const [answer] = await scripts.commit([commit])
    return answer === 'committed'
  }

  /** A commit that failed is sent again alone, so that it fails with its own error. */
  const readAnswer = (answer: CommitAnswer | undefined, commit: Commit): boolean | Promise<boolean> => {
    if (answer === 'failed') return commitAlone(commit)
    return answer === 'committed'
  }

  const commitTogether = batchCalls(async (commits: readonly Commit[]) => {
    try {
      const answers = await scripts.commit(commits)
      return commits.map((commit, at) => readAnswer(answers[at], commit))
    } catch (error) {
      if (commits.length === 1 || !isCrossSlot(error)) throw error
      isBatching = false
      return commits.map(commitAlone)
    }
  })

  return (commit) => {
    if (isBatching) return commitTogether(commit)
    return commitAlone(commit)
  }
}
