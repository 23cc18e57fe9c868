// What the store writes into Redis, and the codes by which its scripts answer.

import type { StoredKey } from '../shared/request.ts'

/** What the scripts answer to a claim: 0 for claimed, or for how many milliseconds someone else holds it. */
export const DUPLICATE: number = -1
export const CONFLICT: number = -2

/** What the script of several commits answers for one that Redis would not carry out. */
export const FAILED: number = -1

/** The word in the error of a script that met a value which no script of ours has written. */
export const FOREIGN = 'FLUXORA_FOREIGN'

export const text = (count: number): string => count.toFixed(0)

export const nameOf = ({ name }: StoredKey): string => name

/** Nothing and the empty text are told apart. */
export const markOf = ({ fingerprint }: StoredKey): string => (fingerprint === undefined ? '' : `=${fingerprint}`)

/**
 * A record: `holder|lease|tail|mark`. It expires with all that is known of the key. It stands (claimed by its holder, or committed where
 * there is none) until `tail` milliseconds before it expires. From then on it binds the key to its mark, if it has one, and remembers
 * whose the claim was. `lease` is how long the claim was made for.
 */
export function claimRecord(token: string, lease: number, tail: number, mark: string): string {
  return `${token}|${text(lease)}|${text(tail)}|${mark}`
}

/** What a record answers to a claim whatever the time that is left: a conflict; committed, with nothing bound beyond that, a duplicate. */
export function answerTo(record: unknown, mark: string): number | undefined {
  const [, holder, tail, known] = /^([^|]*)\|\d+\|(\d+)\|(=.*)?$/s.exec(String(record)) ?? []
  if (known && mark && known !== mark) return CONFLICT
  return holder === '' && tail === '0' ? DUPLICATE : undefined
}
