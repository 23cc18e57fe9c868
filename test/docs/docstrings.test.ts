// Every example in a docstring compiles under strict, in the program that it names; what is complete by itself runs, and its comments are true.
// docs/api shows the same examples.

import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { subpaths } from '../subpaths.ts'
import { holds, runBlock } from './claims.ts'
import { STRICT } from './compiling.ts'
import { AROUND } from './docstring-names.ts'
import { type Example, examples, settingOf } from './docstrings.ts'

const folder = 'test/docs/'
const OWN_NAME = /(?<=')@fluxora\/verify(?:\/([\w/-]+))?(?=')/g
/** A package of tools that is not installed here. */
const ELSEWHERE = "declare module 'smol-toml' { export function parse(text: string): object }\n"

function moduleOf(example: Example): string {
  const { imports, declarations } = settingOf(example, '../../')
  const code = example.code.replace(OWN_NAME, (_, subpath = 'index') => `../../${subpaths[subpath]}`)
  // A route of Fastify may return its reply.
  const body = /^(?:.*\) )?return /m.test(code) ? `export async function route() {\n${code}}` : code
  return `${imports}\n${declarations}\n// ${example.place}\n${body}\nexport {}\n`
}

/** What the compiler says about modules that are nowhere on the disk. */
function complaintsAbout(modules: ReadonlyMap<string, string>): string[] {
  const host = ts.createCompilerHost(STRICT)
  const { readFile, fileExists, getSourceFile } = host
  host.readFile = (file) => modules.get(file) ?? readFile(file)
  host.fileExists = (file) => modules.has(file) || fileExists(file)
  host.getSourceFile = (file, version) => {
    const text = modules.get(file)
    return text === undefined ? getSourceFile(file, version) : ts.createSourceFile(file, text, version, true)
  }
  return ts.getPreEmitDiagnostics(ts.createProgram([...modules.keys()], STRICT, host)).map((diagnostic) => {
    const { file, start = 0, messageText } = diagnostic
    const said = ts.flattenDiagnosticMessageText(messageText, ' ')
    if (!file) return said
    const [, place] = /^\/\/ (src\/.*)$/m.exec(file.text) ?? []
    return `${place}: ${said} (${file.text.slice(start).split('\n', 1)[0]})`
  })
}

const complete = examples.filter((example) => {
  const { declarations } = settingOf(example, '')
  return declarations === '' && !/\bprocess\b|^import /m.test(example.code)
})

describe('the examples in docstrings', () => {
  it('are found', () => {
    expect(examples.length).toBeGreaterThan(100)
    expect(complete.length).toBeGreaterThan(40)
  })

  it('name everything that is declared for them', () => {
    const used = examples.map((example) => settingOf(example, '').declarations).join('\n')
    for (const name of Object.keys(AROUND)) expect(used).toContain(`declare let ${name}:`)
  })

  it('compile under strict', { timeout: 300_000 }, () => {
    const modules = examples.map((example, index): [string, string] => [
      `${folder}example-${index}.ts`,
      moduleOf(example),
    ])
    expect(complaintsAbout(new Map([...modules, [`${folder}elsewhere.d.ts`, ELSEWHERE]]))).toEqual([])
  })

  it.each(complete)('$place runs, and is true', async (example) => {
    const { imports } = settingOf(example, '../../')
    const modules: Record<string, unknown> = {}
    for (const [, name = ''] of imports.matchAll(/ from '([^']+)'$/gm))
      modules[name] ??= await import(/* @vite-ignore */ name)
    const { said } = await runBlock(`${imports}\n${example.code}`, modules)
    for (const { claim, value } of said) expect(holds(value, claim), `${claim} is not ${String(value)}`).toBe(true)
  })
})
