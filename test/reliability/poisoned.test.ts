// Built-ins that other code in the process overrides after the import, one at a time, in a separate process. A property that appears on a
// prototype never makes the library accept anything. A built-in function that lies can make it refuse or throw. The few that can make it
// accept are listed here and in docs/reliability.md.

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

/** Functions whose lies are believed, and for which question. Anyone who can replace these can replace the library's own functions too. */
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

it('overrides thousands of built-ins, and restores each', () => {
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(report.questions).toBeGreaterThan(50)
  expect(report.overrides).toBeGreaterThan(3000)
  expect(report.restored).toBe(true)
  console.log(
    `${report.overrides} overrides, ${report.questions} questions each: ${report.unchanged} changed no verdict, ${report.closed} made something refuse or throw, the lies of ${new Set(report.open.map(({ name }) => name)).size} functions are believed`,
  )
})

it('no property on a prototype makes the library accept what it refused', () => {
  expect(report.open.filter(({ kind }) => kind === 'property')).toEqual([])
})

it('only the listed functions can make the library accept what it refused', () => {
  const functions = report.open.filter(({ kind }) => kind === 'function')
  expect(functions.filter(({ name, question }) => !BELIEVED[name]?.test(question))).toEqual([])
})

it('JSON and the system clock change nothing if the program passes a clock', () => {
  const changed = [...report.open, ...report.shut].map(({ name }) => name)
  expect(changed.filter((name) => /^(JSON\.parse|Date)/.test(name))).toEqual([])
})
