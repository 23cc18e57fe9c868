// JSON Pointer: RFC 6901's own examples, and what must not be reached by one.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { followPointer, readPointer } from '../../src/shared/json-pointer.ts'

const follow = (pointer: string, document: unknown): unknown => followPointer(readPointer(pointer) ?? [], document)

describe('a JSON Pointer', () => {
  const document = JSON.parse(
    '{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\\\j":5,"k\\"l":6," ":7,"m~n":8}',
  )

  // RFC 6901 section 5, but for the empty pointer, which points at the whole document.
  it.each([
    ['/foo', ['bar', 'baz']],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/c%d', 2],
    ['/e^f', 3],
    ['/g|h', 4],
    ['/i\\j', 5],
    ['/k"l', 6],
    ['/ ', 7],
    ['/m~0n', 8],
  ])('%s', (pointer, value) => {
    expect(follow(pointer, document)).toEqual(value)
  })

  it.each(['', 'foo', '#/foo', '~1', '/a~', '/a~2', '/~~0', 7, null, undefined, ['/a'], {}])('is not %j', (text) => {
    expect(readPointer(text)).toBeUndefined()
  })

  it.each([
    ['/missing', {}],
    ['/0', 'text'],
    ['/length', 'text'],
    ['/length', []],
    ['/length', ['a']],
    ['/-', ['a']],
    ['/1', ['a']],
    ['/00', ['a']],
    ['/01', ['a', 'b']],
    ['/+0', ['a']],
    ['/-0', ['a']],
    ['/1e0', ['a', 'b']],
    ['/ 0', ['a']],
    ['/constructor', {}],
    ['/toString', {}],
    ['/__proto__', {}],
    ['/hasOwnProperty', JSON.parse('{"a":{}}')],
    ['/a/b', { a: null }],
    ['/a/b', { a: 5 }],
    ['/a', null],
    ['/a', undefined],
    ['/a', 7],
  ])('%s leads nowhere in %j', (pointer, value) => {
    expect(follow(pointer, value)).toBeUndefined()
  })

  it('reaches own members only, and those by any name', () => {
    expect(follow('/__proto__/id', JSON.parse('{"__proto__":{"id":"a"}}'))).toBe('a')
    expect(follow('/constructor', JSON.parse('{"constructor":"b"}'))).toBe('b')
    expect(follow('/~01', { '~1': 'c', '/': 'd' })).toBe('c')
    expect(follow('/length', JSON.parse('{"length":"e"}'))).toBe('e')
    expect(follow('/id', Object.create({ id: 'inherited' }))).toBeUndefined()
  })

  it('finds whatever stands at a path, however its names are written', () => {
    const names = fc.array(fc.oneof(fc.string(), fc.constantFrom('~', '/', '~1', '~0', '', '__proto__')), {
      minLength: 1,
      maxLength: 5,
    })
    fc.assert(
      fc.property(names, (steps) => {
        const pointer = steps.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
        expect(readPointer(pointer)).toEqual(steps)
        const document = steps.reduceRight<string>((inner, step) => `{${JSON.stringify(step)}:${inner}}`, '"found"')
        expect(follow(pointer, JSON.parse(document))).toBe('found')
      }),
    )
  })
})
