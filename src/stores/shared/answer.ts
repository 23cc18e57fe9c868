// What a database answers to a claim, before the store adds the claim itself.

import type { Claim, ClaimResult } from '../contract.ts'

/** Why the keys of a request cannot be claimed. */
export type ClaimRefusal = Exclude<ClaimResult, { readonly status: 'claimed' }>

export type ClaimAnswer = { readonly status: 'claimed' } | ClaimRefusal

/** The result of `claim`: an answer, with the claim itself if it succeeded. */
export function claimResult(answer: ClaimAnswer, claim: Claim): ClaimResult {
  if (answer.status === 'claimed') return { status: 'claimed', claim }
  return answer
}
