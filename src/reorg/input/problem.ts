// What is wrong with an input. Thrown and caught within this library only.

/** What is wrong, as a sentence whose subject is the member at fault. It carries no stack, so it is cheap to throw. */
export class Problem {
  readonly field: string
  /** It never repeats the input. */
  readonly reason: string

  /** `expected` is the rest of the sentence: "must be …". `index` is that of a ledger in its list. */
  constructor(field: string, expected: string, index?: number) {
    this.field = index === undefined ? field : `ledgers[${index}].${field}`
    this.reason = `${this.field} ${expected}.`
  }
}

/** Throws a {@link Problem} if a fact does not hold. */
export function check(fact: boolean, field: string, expected: string, index?: number): asserts fact {
  if (!fact) throw new Problem(field, expected, index)
}

/** The reason for whatever was thrown while an input was read. If we did not throw it, a getter or a proxy of the input did. */
export function reasonOf(thrown: unknown): string {
  if (thrown instanceof Problem) return thrown.reason
  return 'event must be plain data; reading it threw an error.'
}
