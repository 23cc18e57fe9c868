// Values that `await` waits for.

/** Whether a value is a promise, or any other object or function with a `then` method. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  const isObject = typeof value === 'object' || typeof value === 'function'
  if (!isObject || value === null) return false
  // Read, as `await` does. `'then' in value` is false for a proxy that makes the method up, such as the stub of a remote call.
  return typeof (value as { then?: unknown }).then === 'function'
}
