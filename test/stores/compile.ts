// Compiles the stores to JavaScript, for child processes on a Node that does not run TypeScript.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const SRC = fileURLToPath(new URL('../../src/', import.meta.url))

/** Compiles a file of `src/` and everything that it imports into a folder, under the same paths as in `src/`. */
export function compile(entry: string, folder: string): void {
  const written = new Set<string>()
  const write = (file: string): void => {
    if (written.has(file)) return
    written.add(file)
    const source = readFileSync(join(SRC, file), 'utf8')
    const { outputText } = ts.transpileModule(source, { compilerOptions })
    mkdirSync(join(folder, dirname(file)), { recursive: true })
    writeFileSync(join(folder, file.replace(/ts$/, 'js')), outputText)
    const ours = ts.preProcessFile(source).importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
    for (const { fileName } of ours) write(join(dirname(file), fileName))
  }
  write(entry)
}

/** Compiles the stores. */
export function compileStores(folder: string): void {
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  for (const store of ['redis', 'postgres', 'sqlite']) compile(`stores/${store}/index.ts`, folder)
}

const compilerOptions: ts.CompilerOptions = {
  module: ts.ModuleKind.ESNext,
  target: ts.ScriptTarget.ES2022,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true,
}
