// The API reference, docs/api, has every name that an entry gives. That its words are those of the sources is checked where typedoc is installed:
// npm run docs:api -- --check.

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { subpaths } from '../subpaths.ts'
import { entriesProgram } from './compiling.ts'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const program = entriesProgram()

const pageOf = (subpath: string): string => {
  if (subpath === 'index') return 'verify.md'
  return `${subpath.replaceAll('/', '-')}.md`
}

/** Every name, types included. */
function namesOf(source: string): string[] {
  const checker = program.getTypeChecker()
  const file = program.getSourceFile(source)
  const module = file && checker.getSymbolAtLocation(file)
  return module ? checker.getExportsOfModule(module).map(({ name }) => name) : []
}

/** The names that a page has a heading for. */
function headingsOf(page: string): string[] {
  const headings = read(`docs/api/${page}`).matchAll(/^### (?:`abstract` )?([\w\\]+)/gm)
  return Array.from(headings, ([, name = '']) => name.replaceAll('\\', ''))
}

describe('the API reference', () => {
  it('has a page for each entry, and no other', () => {
    const pages = [...Object.keys(subpaths).map(pageOf), 'README.md']
    expect(readdirSync(new URL('../../docs/api', import.meta.url)).sort()).toEqual(pages.sort())
    const list = read('docs/api/README.md')
    for (const subpath of Object.keys(subpaths)) expect(list).toContain(`](${pageOf(subpath)})`)
  })

  it.each(Object.entries(subpaths))('has a heading for every name of %s', (subpath, source) => {
    const names = namesOf(source)
    const values = read(`test/public-names/${subpath.replaceAll('/', '-')}.txt`)
      .trim()
      .split('\n')
    expect(names).toEqual(expect.arrayContaining(values))
    expect([...new Set(headingsOf(pageOf(subpath)))].sort()).toEqual(names.sort())
  })

  it('says nothing of this machine', () => {
    for (const subpath of Object.keys(subpaths))
      expect(read(`docs/api/${pageOf(subpath)}`)).not.toMatch(/\/(?:home|work|Users|tmp)\//)
  })
})
