// Built-ins that something else in the process overrides after the import, each in turn, in a process of its own. What appears on a
// prototype lets nothing in. A built-in function that lies can make the library refuse or throw; where one could make it accept, it is
// named here and in docs/reliability.md.

import { spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { compileLibrary } from './compile.ts'

interface Override {
  readonly kind: 'property' | 'function'
  readonly name: string
}

interface Report {
  readonly questions: number
  readonly overrides: number
  readonly unchanged: number
  readonly closed: number
  readonly open: readonly (Override & { readonly question: string })[]
  readonly shut: readonly Override[]
  readonly restored: boolean
}

/** Functions whose lies are believed, and in which question. Whoever can replace these can replace the library's own functions too. */
const BELIEVED: Record<string, RegExp> = {
  'Math.abs': /: too old$/,
  'Math.floor': /: too old$/,
  'Math.max': /^reorg: another branch below finality$/,
  'typedArray.prototype.map': /^contract: (another|an expired) secret$/,
  'typedArray.prototype.set': /^contract: (another|an expired) secret$/,
  'String.prototype.charCodeAt': /^decimal /,
  'String.prototype.slice': /^decimal 10+ /,
  'Object.hasOwn': /^a number for an amount$/,
  'Array.isArray': /^a number for an amount$/,
  'Array.prototype.lastIndexOf': /^a number for an amount$/,
  'Array.prototype.push': /^a number for an amount$/,
  'Set.prototype.has': /^a number for an amount$/,
  'Set.prototype.add': /^a number for an amount$/,
}

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const library = compileLibrary()
const args = [file('poison-worker.mjs'), dirname(library.file('index.ts')), file('../vectors/mac-forms.json')]
const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 120_000 })
library.remove()
const report = JSON.parse(status === 0 ? stdout : '{}') as Report

it('overrides thousands of built-ins, and takes each back', () => {
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(report.questions).toBeGreaterThan(50)
  expect(report.overrides).toBeGreaterThan(3000)
  expect(report.restored).toBe(true)
  console.log(
    `${report.overrides} overrides, ${report.questions} questions each: ${report.unchanged} changed no verdict, ${report.closed} made something refuse or throw, ${new Set(report.open.map(({ name }) => name)).size} functions are believed`,
  )
})

it('no property on a prototype lets in what was refused', () => {
  expect(report.open.filter(({ kind }) => kind === 'property')).toEqual([])
})

it('no function lets in what was refused, but for those that are named', () => {
  const functions = report.open.filter(({ kind }) => kind === 'function')
  expect(functions.filter(({ name, question }) => !BELIEVED[name]?.test(question))).toEqual([])
})

it('JSON and the clock of the system change nothing where the program gives a clock', () => {
  const changed = [...report.open, ...report.shut].map(({ name }) => name)
  expect(changed.filter((name) => /^(JSON\.parse|Date)/.test(name))).toEqual([])
})
