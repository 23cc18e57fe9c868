// Every code block in the README and in docs/ compiles under strict in its setting, and runs.

import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { type Block, blocksOf, pages, writeModules } from './blocks.ts'
import { STRICT } from './compiling.ts'

const all = pages.flatMap(blocksOf)
const elsewhere = all.filter(({ runBy }) => runBy !== undefined)
const here = all.filter(({ runBy }) => runBy === undefined)
const modules = writeModules(here)
const pathOf = ({ place }: Block): string => modules.get(place) as string

const problems = new Map<string, string[]>()

function compile(): void {
  const program = ts.createProgram([...modules.values()], STRICT)
  for (const diagnostic of ts.getPreEmitDiagnostics(program)) {
    const { file, start = 0, messageText } = diagnostic
    const line = file ? file.text.slice(0, start).split('\n').length : 0
    const path = file?.fileName ?? ''
    const said = `${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
    problems.set(path, [...(problems.get(path) ?? []), said])
  }
}

describe('the code blocks of the README and the docs', () => {
  it('are found', () => {
    expect(here.length).toBeGreaterThan(20)
  })

  it('compile under strict', { timeout: 120_000 }, () => {
    compile()
    expect(Object.fromEntries(problems)).toEqual({})
  })

  it.each(here)('$place runs', async (block) => {
    await import(/* @vite-ignore */ pathToFileURL(pathOf(block)).href)
  })

  it.each(elsewhere)('$place is run by $runBy', ({ place, runBy }) => {
    const [page = ''] = place.split(':')
    expect(readFileSync(runBy as string, 'utf8')).toContain(page)
  })
})
