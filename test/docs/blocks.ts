// The code blocks of the README and the docs, each as a module: the code that a reader is assumed to have around it (its setting), the block
// as printed, and what the setting checks afterwards.
//
// A comment before a block names its setting: `<!-- setting: express -->` is test/docs/settings/express.ts, where a line `//// block` marks
// the block's place. A block without a comment is complete by itself. `<!-- run by: test/… -->` names another test that reads the block from
// the page.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { subpaths } from '../subpaths.ts'

export interface Block {
  /** The page, and the line on which the block begins. */
  readonly place: string
  readonly code: string
  readonly setting: string | undefined
  readonly runBy: string | undefined
}

const root = fileURLToPath(new URL('../../', import.meta.url))
const generated = fileURLToPath(new URL('generated/', import.meta.url))

export const pages: readonly string[] = [
  ...readdirSync(root).filter((file) => file.endsWith('.md') && file !== 'CHANGELOG.md'),
  ...readdirSync(`${root}docs`)
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
]

/** Pages whose blocks are read and run by another test. */
const PAGES_WITH_A_TEST: Record<string, string> = {
  'docs/adapters.md': 'test/adapters/recipes.test.ts',
  'docs/decimal.md': 'test/decimal/docs.test.ts',
}

const FENCE =
  /(?:^<!-- (setting|run by): (\S+) -->\n+)?(?:^<!-- quick start -->\n)?^```(?:js|ts|mjs|javascript|typescript)\n([\s\S]*?)^```$/gm

export function blocksOf(page: string): Block[] {
  const text = readFileSync(root + page, 'utf8')
  const runner = PAGES_WITH_A_TEST[page]
  return [...text.matchAll(FENCE)].map(({ index, 0: whole, 1: kind, 2: name, 3: code = '' }) => {
    const fence = index + whole.indexOf('```')
    return {
      place: `${page}:${text.slice(0, fence).split('\n').length}`,
      code,
      setting: kind === 'setting' ? name : undefined,
      runBy: kind === 'run by' ? name : runner,
    }
  })
}

/** Writes each block as a module to test/docs/generated, and returns its path by its place. */
export function writeModules(blocks: readonly Block[]): Map<string, string> {
  rmSync(generated, { recursive: true, force: true })
  mkdirSync(generated)
  return new Map(
    blocks.map((block) => {
      const path = `${generated}${block.place.replace(/[^A-Za-z0-9]+/g, '-')}.ts`
      writeFileSync(path, moduleOf(block))
      return [block.place, path]
    }),
  )
}

function moduleOf({ place, code, setting }: Block): string {
  const around = setting === undefined ? `${PLACE}\n` : settingOf(setting, place)
  // A block may be inside a function of its setting, so its imports go to the top.
  const imports = code.match(IMPORT)?.join('\n') ?? ''
  const whole = `${imports}\n${around.replace(PLACE, () => `// ${place}\n${code.replace(IMPORT, '')}`)}`
  return `${whole.replace(OWN_NAME, sourceOf).replace(RUNNER, '../runner.ts')}\nexport {}\n`
}

const PLACE = '//// block'
const IMPORT = /^import [^;]+? from '[^']+'.*$/gm

function settingOf(name: string, place: string): string {
  const path = fileURLToPath(new URL(`settings/${name}.ts`, import.meta.url))
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  if (text.split(`${PLACE}\n`).length !== 2)
    throw new Error(`${place}: settings/${name}.ts must have one line "${PLACE}"`)
  return text
}

// A test cannot define tests, so the tests of a block run at once.
const RUNNER = /(?<=^import .* from ')(?:vitest|node:test)(?=')/gm

// Imports of the package by its public name are resolved to the sources, so that pages can be checked without a build.
const OWN_NAME = /(?<=')@fluxora\/verify(?:\/([\w/-]+))?(?=')/g

function sourceOf(name: string, subpath = 'index'): string {
  const source = subpaths[subpath]
  if (source === undefined) throw new Error(`${name} is not an entry point of the package`)
  return relative(generated, root + source).replaceAll('\\', '/')
}
