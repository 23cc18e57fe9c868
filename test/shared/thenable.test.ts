// Exactly the values that `await` waits for.

import { expect, it } from 'vitest'
import { isThenable } from '../../src/shared/thenable.ts'

const then = (): void => {}

it.each([
  ['a promise', Promise.resolve(), true],
  ['an object with the method', { then }, true],
  ['a function with the method', Object.assign(() => {}, { then }), true],
  ['an object that inherits the method', Object.create({ then }), true],
  ['a proxy that makes the method up', new Proxy({}, { get: (_, name) => name === 'then' && then }), true],
  // biome-ignore lint/suspicious/noThenProperty: it is what is tested
  ['an object whose then is not a function', { then: true }, false],
  ['an object', {}, false],
  ['a function', then, false],
  ['text', 'then', false],
  ['undefined', undefined, false],
  ['null', null, false],
])('%s: whether it is a thenable', (_, value, expected) => {
  expect(isThenable(value)).toBe(expected)
})
