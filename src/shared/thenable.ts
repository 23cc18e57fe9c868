// What `await` would wait for.

/** Whether a value is a promise, or anything else with a `then`: a function may have one too. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}
