// package.json matches the build, and every public name is pinned: adding or removing one is a decision.

import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { command, subpaths as entries } from './subpaths.ts'

interface Manifest {
  readonly exports: Record<string, string | Record<'import' | 'require', { types: string; default: string }>>
  readonly typesVersions: { readonly '*': Record<string, string[]> }
  readonly dependencies?: Record<string, string>
  readonly sideEffects: boolean
  readonly bin: Record<string, string>
}

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as Manifest
const subpaths = Object.keys(manifest.exports).filter((subpath) => subpath !== './package.json')
const nameOf = (subpath: string): string => (subpath === '.' ? 'index' : subpath.slice(2))

describe('package.json', () => {
  it('exports exactly the subpaths that are built', () => {
    expect(subpaths.map(nameOf).sort()).toEqual(Object.keys(entries).sort())
    for (const source of Object.values(entries)) expect(existsSync(source), source).toBe(true)
  })

  it.each(subpaths)('exports %s in both formats, each with its own types first', (subpath) => {
    const name = nameOf(subpath)
    expect(JSON.stringify(manifest.exports[subpath])).toBe(
      JSON.stringify({
        import: { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` },
        require: { types: `./dist/${name}.d.cts`, default: `./dist/${name}.cjs` },
      }),
    )
    if (subpath !== '.') expect(manifest.typesVersions['*'][name]).toEqual([`./dist/${name}.d.cts`])
  })

  it('has the command, which is built but is no subpath', () => {
    expect(manifest.bin).toEqual({ 'fluxora-verify': 'dist/cli.js' })
    expect(existsSync(command)).toBe(true)
  })

  it('has no runtime dependency and no side effect', () => {
    expect(manifest.dependencies).toBeUndefined()
    expect(manifest.sideEffects).toBe(false)
  })
})

describe('public names', () => {
  it.each(Object.entries(entries))('of %s', async (name, source) => {
    const names = Object.keys(await import(/* @vite-ignore */ `../${source}`)).sort()
    await expect(`${names.join('\n')}\n`).toMatchFileSnapshot(`./public-names/${name.replaceAll('/', '-')}.txt`)
  })
})
