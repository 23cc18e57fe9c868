// JSON as other languages write it: the styles, held to what JSON.stringify and published examples say.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ESCAPE_STYLES, writeEscapes } from '../../src/diagnose/json/escapes.ts'
import { sortKeys } from '../../src/diagnose/json/key-order.ts'
import { LAYOUTS } from '../../src/diagnose/json/layout.ts'
import { readTokens } from '../../src/diagnose/json/tokens.ts'

const tokensOf = (text: string): readonly string[] => {
  const read = readTokens(text)
  if (read.kind !== 'json') throw new Error(read.kind)
  return read.tokens
}

const layout = (name: string) => LAYOUTS.find((each) => each.name.startsWith(name))?.write
const escapes = (name: string) => {
  const style = ESCAPE_STYLES.find((each) => each.name.startsWith(name))
  return (text: string): string => writeEscapes(tokensOf(text), style as (typeof ESCAPE_STYLES)[number]).join('')
}

describe('tokens', () => {
  it('put together are the text without its white space', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(undefined, 1, '\t'), (text, indent) => {
        const pretty = JSON.stringify(JSON.parse(text), null, indent)
        expect(tokensOf(pretty).join('')).toBe(JSON.stringify(JSON.parse(text)))
      }),
    )
  })

  it('say where they are', () => {
    expect(readTokens(' {"a" : [1]}')).toEqual({
      kind: 'json',
      tokens: ['{', '"a"', ':', '[', '1', ']', '}'],
      starts: [1, 2, 6, 8, 9, 10, 11],
    })
  })

  it.each(['{"a":1', '{"a', '[1,', '[1,2', '{"a":{"b":"x"}', '{', '["a\\'])(
    'are those of a text that was cut: %s',
    (text) => {
      expect(readTokens(text).kind).toBe('cut')
    },
  )

  it.each(['', 'x', '{a', '}', '{"a":1}}', 'a=1', '1 2', '"a', '\ufeff{}', "{'a'", '[1]['])(
    'are not in: %s',
    (text) => {
      expect(readTokens(text).kind).toBe('other')
    },
  )
})

describe('layouts', () => {
  it('of JavaScript are those of JSON.stringify', () => {
    const styles = [
      ['no white space', undefined],
      ['one space a level', 1],
      ['two spaces a level', 2],
      ['four spaces a level', 4],
      ['a tab a level', '\t'],
    ] as const
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), fc.constantFrom(...styles), (text, [name, indent]) => {
        expect(layout(name)?.(tokensOf(text))).toBe(JSON.stringify(JSON.parse(text), null, indent))
      }),
    )
  })

  it('of Python and Jackson', () => {
    const tokens = tokensOf('{"a":1,"b":[1,{"c":2}],"d":{},"e":[]}')
    expect(layout('a space after commas and colons')?.(tokens)).toBe('{"a": 1, "b": [1, {"c": 2}], "d": {}, "e": []}')
    expect(layout('two spaces a level, arrays')?.(tokens)).toBe(
      '{\n  "a" : 1,\n  "b" : [ 1, {\n    "c" : 2\n  } ],\n  "d" : { },\n  "e" : [ ]\n}',
    )
  })

  it('are none for what is nested without end', () => {
    const tokens = tokensOf('['.repeat(100) + ']'.repeat(100))
    for (const { write } of LAYOUTS) expect(write(tokens).length).toBeLessThan(1000)
  })
})

describe('escapes', () => {
  it('mean the same in every style', () => {
    const text = fc
      .string({ unit: 'grapheme' })
      .map((value) => JSON.stringify({ value, more: `${value}/<&'"+\u2028\u0001` }))
    fc.assert(
      fc.property(text, fc.constantFrom(...ESCAPE_STYLES), (json, style) => {
        expect(JSON.parse(writeEscapes(tokensOf(json), style).join(''))).toEqual(JSON.parse(json))
      }),
    )
  })

  it.each([
    ['no escapes', '["\\u00e9\\/\\u003c\\u0001"]', '["é/<\\u0001"]'],
    ['\\u escapes for all', '["é🚀"]', '["\\u00e9\\ud83d\\ude80"]'],
    ['\\u escapes in capitals', '["é\\u001f"]', '["\\u00E9\\u001F"]'],
    ['escaped slashes', '["a/b"]', '["a\\/b"]'],
    ['HTML-safe escapes of Go', '["<&>\u2028"]', '["\\u003c\\u0026\\u003e\\u2028"]'],
    ['HTML-safe escapes of Gson', `["='"]`, '["\\u003d\\u0027"]'],
    ['HTML-safe escapes of .NET', '["\\"+`é"]', '["\\u0022\\u002B\\u0060\\u00E9"]'],
  ])('%s: %s', (name, text, expected) => {
    expect(escapes(name)(text)).toBe(expected)
  })
})

describe('sorted members', () => {
  it('stand by name at every depth, with their own characters', () => {
    const tokens = tokensOf('{"b":1.0,"a":[{"d":1,"c":"\\u00e9"}],"b":2}')
    expect(sortKeys(tokens)?.join('')).toBe('{"a":[{"c":"\\u00e9","d":1}],"b":1.0,"b":2}')
  })

  it('are none where they were sorted, or are nested without end', () => {
    expect(sortKeys(tokensOf('{"a":1,"b":[{}]}'))).toBeUndefined()
    expect(sortKeys(tokensOf(`${'{"b":1,"a":'.repeat(300)}1${'}'.repeat(300)}`))).toBeUndefined()
  })
})
