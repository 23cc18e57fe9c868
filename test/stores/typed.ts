// Compiles programs in a folder of clients, test/stores/clients by default, against the clients' own types.

import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import typescript6 from 'typescript'

const root = fileURLToPath(new URL('../../', import.meta.url))
export const clients: string = fileURLToPath(new URL('clients/', import.meta.url))

type Compiler = typeof typescript6

/** Whether the clients of a folder are installed: one of them tells. If not, throws in CI, and otherwise prints what is skipped. */
export function areClientsThere(folder: string = clients, one = '@types/better-sqlite3'): boolean {
  if (existsSync(join(folder, 'node_modules', one))) return true
  const message = `the clients of ${folder.replace(/.*(?=test\/)/, '')} are not installed`
  if (process.env.CI === 'true') throw new Error(`${message}; no suite may be skipped in CI`)
  console.warn(`SKIPPED: ${message}; their suites did not run`)
  return false
}

export async function loadTypeScript5(): Promise<Compiler> {
  return ((await import(join(clients, 'node_modules/typescript5/lib/typescript.js'))) as { default: Compiler }).default
}

/** Replaces the public names of the package by its sources. */
function withSources(source: string): string {
  return source.replace(
    /(?<=')@fluxora\/verify\/((?:stores\/)?\w+)(?=')/g,
    (_, entry: string) => `../../../src/${entry}/index.ts`,
  )
}

/** The compiler's complaints, under strict, about programs in the clients' folder; an empty list if there are none. */
export function complaintsAbout(
  programs: Readonly<Record<string, string>>,
  ts: Compiler = typescript6,
  types = 'node',
  folder: string = clients,
): string[] {
  const options: typescript6.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts', 'lib.es2024.string.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    types: [types],
    typeRoots: [join(folder, 'node_modules/@types'), join(folder, 'node_modules'), join(root, 'node_modules/@types')],
  }
  const sources = new Map(
    Object.entries(programs).map(([name, source]) => [`${folder}${name}.ts`, withSources(source)]),
  )
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile } = host
  host.fileExists = (name) => sources.has(name) || fileExists(name)
  host.readFile = (name) => sources.get(name) ?? readFile(name)
  return ts
    .getPreEmitDiagnostics(ts.createProgram([...sources.keys()], options, host))
    .filter(({ file }) => !file || `${dirname(file.fileName)}/` === folder)
    .map(
      ({ file, messageText }) =>
        `${file ? basename(file.fileName) : ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    )
}
