// Recognizes database clients by their methods, as no client is a dependency of this library.

/** Whether a value, which may be null or not an object at all, has a method of this name. */
export function hasMethod<Name extends string>(
  value: unknown,
  name: Name,
): value is Record<Name, (...args: never[]) => unknown> {
  return typeof (value as Record<string, unknown> | null | undefined)?.[name] === 'function'
}
