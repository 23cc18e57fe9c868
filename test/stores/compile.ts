// The stores as JavaScript, for child processes on a Node that does not run TypeScript.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const SRC = fileURLToPath(new URL('../../src/', import.meta.url))

/** Writes the stores and what they import into a folder, each file where it stands in `src/`. */
export function compileStores(folder: string): void {
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  const written = new Set<string>()
  const write = (file: string): void => {
    if (written.has(file)) return
    written.add(file)
    const source = readFileSync(join(SRC, file), 'utf8')
    const { outputText } = ts.transpileModule(source, { compilerOptions })
    mkdirSync(join(folder, dirname(file)), { recursive: true })
    writeFileSync(join(folder, file.replace(/ts$/, 'js')), outputText)
    for (const { fileName } of ts.preProcessFile(source).importedFiles) write(join(dirname(file), fileName))
  }
  for (const entry of ['redis/index', 'postgres/index', 'sqlite']) write(join('stores', `${entry}.ts`))
}

const compilerOptions: ts.CompilerOptions = {
  module: ts.ModuleKind.ESNext,
  target: ts.ScriptTarget.ES2022,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true,
}
