// Importing only defines things. Each entry is imported in its own process, which must end by itself and print nothing.

import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { subpaths } from '../subpaths.ts'
import { compileLibrary } from './compile.ts'

const entries = Object.entries(subpaths)
const library = compileLibrary()
afterAll(() => library.remove())

interface Report {
  readonly names: number
  readonly globals: number
  readonly changed: readonly string[]
  readonly started: readonly string[]
  readonly read: readonly string[]
  readonly listeners: number
  readonly resources: number
}

function importIn(file: string): Report {
  const watch = fileURLToPath(new URL('import-watch.mjs', import.meta.url))
  const { status, stdout, stderr, signal } = spawnSync(process.execPath, [watch, file], {
    encoding: 'utf8',
    timeout: 20_000,
  })
  expect({ status, stderr, signal }).toEqual({ status: 0, stderr: '', signal: null })
  expect(stdout.trim().split('\n'), 'printed by the import').toHaveLength(1)
  return JSON.parse(stdout) as Report
}

const QUIET = { changed: [], started: [], read: [], listeners: 0, resources: 0 }

it.each(entries)('importing %s changes nothing, starts nothing and reads no environment', (_name, source) => {
  const { names, globals, ...effects } = importIn(library.file(source.replace('src/', '')))
  expect(names).toBeGreaterThan(0)
  expect(globals).toBeGreaterThan(50)
  expect(effects).toEqual(QUIET)
})

it('all entries are tested, and a module that does such things is caught', () => {
  expect(entries).toHaveLength(19)
  const rude = library.file('rude.ts')
  writeFileSync(
    rude,
    `Array.prototype.last = 1; globalThis.mine = 2; delete globalThis.escape; JSON.parse = () => 1; process.on('exit', () => {});
     setTimeout(() => {}, 1); setInterval(() => {}, 1).unref(); process.env.HOME; export const a = 1`,
  )
  expect(importIn(rude)).toMatchObject({
    changed: ['globalThis.mine', 'Array.prototype.last', 'JSON.parse', 'globalThis.escape gone'],
    started: ['setTimeout', 'setInterval'],
    read: ['HOME'],
    listeners: 1,
    resources: 1,
  })
})
