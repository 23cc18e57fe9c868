// A mutant has the same key wherever its function is moved, and another one as soon as the change is another.

import { describe, expect, it } from 'vitest'
import { keysOf } from './keys.mjs'

interface Position {
  readonly line: number
  readonly column: number
}

/** Every place at which the code says `original`, changed into `replacement`, as Stryker would say it. */
function mutantsOf(code: string, original: string, replacement: string, mutatorName = 'ConditionalExpression') {
  const positionAt = (offset: number): Position => {
    const lines = code.slice(0, offset).split('\n')
    return { line: lines.length - 1, column: lines.at(-1)!.length }
  }
  const mutants = []
  for (let at = code.indexOf(original); at >= 0; at = code.indexOf(original, at + 1)) {
    const location = { start: positionAt(at), end: positionAt(at + original.length) }
    mutants.push({ mutatorName, replacement, location })
  }
  return mutants
}

const keysIn = (code: string, original: string, replacement: string, mutatorName?: string): string[] =>
  keysOf(code, mutantsOf(code, original, replacement, mutatorName))

const CLAIM = `function claim(keys: string[]) {
  const first = keys[0]
  return keys.length > 0 ? first : undefined
}
`
const KEY = 'claim: ConditionalExpression: keys.length > 0 → true'

describe('the key of a mutant', () => {
  it('is its function, the kind of change, and the change', () => {
    expect(keysIn(CLAIM, 'keys.length > 0', 'true')).toEqual([KEY])
  })

  it.each([
    ['with lines above it', `import { a } from './a.ts'\n\n/** More. */\nexport const LIMIT = 3\n\n${CLAIM}`],
    ['exported', `export ${CLAIM}`],
    [
      'behind another function that says the same',
      `function other(keys: string[]) {\n  return keys.length > 0\n}\n${CLAIM}`,
    ],
    ['with another name for a constant of its own', CLAIM.replaceAll('first', 'oldest')],
    [
      'with a constant around the place',
      CLAIM.replace('return keys', 'const answer = keys').replace('}', 'return answer\n}'),
    ],
    ['within a callback', CLAIM.replace('return keys.length > 0', 'return [1].some(() => keys.length > 0)')],
    ['as an arrow function', `const claim = (keys: string[]) => keys.length > 0`],
  ])('stays the same: the function %s', (_, code) => {
    expect(keysIn(code, 'keys.length > 0', 'true').filter((key) => key.startsWith('claim:'))).toEqual([KEY])
  })

  it('does not depend on how the code is broken into lines, nor on its comments', () => {
    const one = 'function f() {\n  if (isNew) { remember(first, second) }\n}'
    const other =
      'function f() {\n  if (isNew) {\n    // Only then.\n    remember(\n      first,\n      second,\n    )\n  }\n}'
    const key = 'f: BlockStatement: { remember(first, second) } → {}'
    expect(keysIn(one, '{ remember(first, second) }', '{}', 'BlockStatement')).toEqual([key])
    expect(
      keysIn(other, other.slice(other.indexOf('{', 14), other.lastIndexOf('}') - 1), '{}', 'BlockStatement'),
    ).toEqual([key])
  })

  it('keeps the spaces and commas of texts and patterns', () => {
    expect(keysIn('const a = /[=,]x( )/', '/[=,]x( )/', '/[^=,]x( )/', 'Regex')).toEqual([
      'a: Regex: /[=,]x( )/ → /[^=,]x( )/',
    ])
  })

  it('is another one for another function, kind, text or replacement', () => {
    const code = `${CLAIM}${CLAIM.replace('claim', 'release')}`
    const keys = [
      ...keysIn(code, 'keys.length > 0', 'true'),
      ...keysIn(CLAIM, 'keys.length > 0', 'false'),
      ...keysIn(CLAIM, 'keys.length > 0', 'true', 'EqualityOperator'),
      ...keysIn(CLAIM.replace('> 0', '> 1'), 'keys.length > 1', 'true'),
    ]
    expect(new Set(keys).size).toBe(5)
  })

  it('is another one in a function of the same name within another', () => {
    expect(keysIn(`const store = () => {\n${CLAIM}\n}`, 'keys.length > 0', 'true')).toEqual([`store > ${KEY}`])
  })

  it('names the functions around it from the outermost to the innermost', () => {
    const body = '{ return a > b }'
    const codes = {
      'outer > inner': `function outer() { function inner() ${body} }`,
      'outer > arrow': `function outer() { const arrow = () => ${body} }`,
      'outer > member': `const outer = () => ({ member: () => ${body} })`,
      'outer > method': `const outer = { method() ${body} }`,
      'Table > #take': `class Table { #take() ${body} }`,
      'Table > constructor': `class Table { constructor() ${body} }`,
      'Table > get size': `class Table { get size() ${body} }`,
      'Table > size': 'class Table { size = a > b }',
      LIMIT: 'export const LIMIT = a > b',
      '(module)': 'if (a > b) start()',
    }
    for (const [name, code] of Object.entries(codes)) {
      expect(keysIn(code, 'a > b', 'true')).toEqual([`${name}: ConditionalExpression: a > b → true`])
    }
  })

  it('has a number only where the same change is made several times in one function', () => {
    const twice = 'function f() {\n  if (a > b) g()\n  if (a > b) h()\n}\nfunction k() {\n  return a > b\n}'
    const keys = ['f: X: a > b → true #1', 'f: X: a > b → true #2', 'k: X: a > b → true']
    const mutants = mutantsOf(twice, 'a > b', 'true', 'X')
    expect(keysOf(twice, mutants)).toEqual(keys)
    // In the order of their places, not of the list.
    expect(keysOf(twice, [...mutants].reverse())).toEqual([...keys].reverse())
  })

  it('cuts long texts in the middle, and numbers those that look the same then', () => {
    const call = (middle: string, last: string) =>
      `check(${'value + '.repeat(6)}${middle} + ${'value + '.repeat(3)}${last})`
    const code = [call('one', 'x'), call('two', 'x'), call('one', 'y')].map((line) => `  ${line}\n`).join('')
    const mutants = [call('one', 'x'), call('two', 'x'), call('one', 'y')].flatMap((text) =>
      mutantsOf(`function f() {\n${code}}`, text, '', 'X'),
    )
    expect(keysOf(`function f() {\n${code}}`, mutants)).toEqual([
      'f: X: check(value + value + value + value + valu … + value + value + x) →  #1',
      'f: X: check(value + value + value + value + valu … + value + value + x) →  #2',
      'f: X: check(value + value + value + value + valu … + value + value + y) → ',
    ])
  })
})
