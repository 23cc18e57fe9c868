// The page of explained mutants, and what is said of it when the code has changed.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { findFaults, followMoves, isExplained, page, readRows, rowOf } from './survivors.mjs'

const A = 'claim: EqualityOperator: a < b → a <= b'
const B = 'Store > release: LogicalOperator: a || b → a && b'
const keys = new Map([
  ['src/stores/memory.ts', [A, B]],
  ['src/webhook/receiving/receiver.ts', ['receive: ConditionalExpression: isOpen → true']],
])
const faultsOf = (...rows: string[]): string[] => findFaults(rows, keys).map(({ fault }) => fault)

describe('a row', () => {
  it.each([A, B, 'f: Regex: /^a\\|b|c/ → /a\\|b|c/ #2', 'f: StringLiteral: `a || c` → ``'])(
    'is read as it was written: %s',
    (key) => {
      expect(readRows(`| mutant | why |\n|---|---|\n${rowOf(key, 'because')}`)).toEqual([key])
    },
  )

  it('explains nothing without a reason', () => {
    expect(readRows(rowOf(A))).toEqual([])
  })

  it('explains a mutant wherever it is, or in the file that it names', () => {
    expect(isExplained([A], 'src/stores/memory.ts', A)).toBe(true)
    expect(isExplained([A], 'src/elsewhere.ts', A)).toBe(true)
    expect(isExplained([`stores/memory.ts > ${A}`], 'src/stores/memory.ts', A)).toBe(true)
    expect(isExplained([`stores/memory.ts > ${A}`], 'src/elsewhere.ts', A)).toBe(false)
    expect(isExplained([A], 'src/stores/memory.ts', B)).toBe(false)
  })

  it('has no fault where one mutant is meant', () => {
    expect(faultsOf(A, B)).toEqual([])
    expect(faultsOf(`stores/memory.ts > ${A}`)).toEqual([])
  })

  it('is unneeded where no such mutant is made any more', () => {
    expect(faultsOf('claim: EqualityOperator: a < c → a <= c')).toEqual(['no such mutant any more'])
    expect(faultsOf('claim: EqualityOperator: a < b → a >= b')).toEqual(['no such mutant any more'])
    expect(faultsOf(`${A} #2`)).toEqual([`no such mutant any more, but ${A}`])
  })

  it('is for one mutant alone', () => {
    expect(faultsOf(A, A)).toEqual(['is on the page twice'])
    const both = new Map([...keys, ['src/stores/redis.ts', [A]]])
    expect(findFaults([A], both)).toEqual([
      { row: A, fault: 'is in src/stores/memory.ts and src/stores/redis.ts: begin it with stores/memory.ts > ' },
    ])
    expect(findFaults([`stores/redis.ts > ${A}`], both)).toEqual([])
  })
})

describe('a row whose function has another name now', () => {
  const text = (...rows: string[]): string => rows.map((row) => rowOf(row, 'because')).join('\n')
  const follow = (...rows: string[]): string => followMoves(text(...rows), findFaults(rows, keys))

  it('follows it', () => {
    expect(follow('claimOne: EqualityOperator: a < b → a <= b', 'release: LogicalOperator: a || b → a && b')).toBe(
      text(A, B),
    )
  })

  it('stays where more than one mutant can be meant', () => {
    const two = ['one: EqualityOperator: a < b → a <= b', 'two: EqualityOperator: a < b → a <= b']
    expect(follow(...two)).toBe(text(...two))
    const many = new Map([['src/a.ts', ['f: X: a → b', 'g: X: a → b']]])
    const row = 'h: X: a → b'
    expect(findFaults([row], many)).toEqual([{ row, fault: 'no such mutant any more, but f: X: a → b, g: X: a → b' }])
  })

  it('names three others at most, and of many only those in a function of its name or in its file', () => {
    const functions = ['f', 'Store > f', 'Table > f', 'Lease > f', 'g', 'h']
    const many = new Map([
      ['src/a.ts', functions.map((name) => `${name}: X: a → b`)],
      ['src/b.ts', ['k: X: a → b']],
    ])
    const faultOf = (row: string): string | undefined => findFaults([row], many)[0]?.fault
    expect(faultOf('Old > f: X: a → b')).toBe(
      'no such mutant any more, but f: X: a → b, Store > f: X: a → b, Table > f: X: a → b and 1 more',
    )
    expect(faultOf('b.ts > old: X: a → b')).toBe('no such mutant any more, but k: X: a → b')
    expect(faultOf('old: X: a → b')).toBe('no such mutant any more')
  })

  it('follows it where another row of the function says which one it is', () => {
    const many = new Map([['src/a.ts', ['f: X: a → b', 'new: X: a → b', 'new: X: c → d']]])
    const faults = findFaults(['old: X: a → b', 'old: X: c → d'], many)
    expect(faults.map(({ moved }) => moved)).toEqual(['new: X: a → b', 'new: X: c → d'])
  })

  it('prefers the function of the same name in another one, and the same number', () => {
    const many = new Map([['src/a.ts', ['Store > f: X: a → b #1', 'Store > f: X: a → b #2', 'g: X: a → b']]])
    expect(findFaults(['f: X: a → b #2'], many)[0]?.moved).toBe('Store > f: X: a → b #2')
  })
})

describe('the page', () => {
  it('has a row for each line of its tables, and none twice', () => {
    const text = readFileSync(page, 'utf8')
    const lines = text.split('\n').filter((line) => /^\| `/.test(line))
    const rows = readRows(text)
    expect(rows).toHaveLength(lines.length)
    expect(new Set(rows).size).toBe(rows.length)
    expect(rows.filter((row) => !/: [A-Z]\w+: .+ → /s.test(row))).toEqual([])
  })
})
