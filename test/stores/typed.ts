// Compiles programs in the folder of test/stores/clients, against the clients' own types.

import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import typescript6 from 'typescript'

export const clients: string = fileURLToPath(new URL('clients/', import.meta.url))

type Compiler = typeof typescript6

/** Whether the clients are installed. If not, throws in CI, and otherwise prints what is skipped. */
export function areClientsThere(): boolean {
  if (existsSync(join(clients, 'node_modules/@types/better-sqlite3'))) return true
  const message = 'the clients of test/stores/clients are not installed'
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
    /(?<=')@fluxora\/verify\/stores\/(\w+)(?=')/g,
    (_, store: string) => `../../../src/stores/${store}/index.ts`,
  )
}

/** The compiler's complaints, under strict, about programs in the clients' folder; an empty list if there are none. */
export function complaintsAbout(
  programs: Readonly<Record<string, string>>,
  ts: Compiler = typescript6,
  types = 'node',
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
    typeRoots: [join(clients, 'node_modules/@types'), join(clients, 'node_modules')],
  }
  const sources = new Map(
    Object.entries(programs).map(([name, source]) => [`${clients}${name}.ts`, withSources(source)]),
  )
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile } = host
  host.fileExists = (name) => sources.has(name) || fileExists(name)
  host.readFile = (name) => sources.get(name) ?? readFile(name)
  return ts
    .getPreEmitDiagnostics(ts.createProgram([...sources.keys()], options, host))
    .filter(({ file }) => !file || `${dirname(file.fileName)}/` === clients)
    .map(
      ({ file, messageText }) =>
        `${file ? basename(file.fileName) : ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    )
}
