// Values that `await` waits for.

/** Whether a value is a promise, or any other object or function with a `then` method. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  const isObject = typeof value === 'object' || typeof value === 'function'
  return isObject && value !== null && 'then' in value && typeof value.then === 'function'
}
