// Compiles the whole library to JavaScript in a separate folder, for child processes and workers on a Node that does not run TypeScript.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const SRC = join(ROOT, 'src')

/** A compiled copy of `src/`. Call `remove` when done. */
export interface CompiledLibrary {
  /** The compiled file of a source, such as `webhook/index.ts`. */
  file(source: string): string
  remove(): void
}

export function compileLibrary(): CompiledLibrary {
  const folder = mkdtempSync(join(tmpdir(), 'fluxora-compiled-'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules')) // for fast-check, which ./testing imports
  const compiled = (source: string): string => join(folder, source.replace(/\.ts$/, '.js'))
  for (const source of readdirSync(SRC, { recursive: true, encoding: 'utf8' })) {
    if (!source.endsWith('.ts')) continue
    const { outputText } = ts.transpileModule(readFileSync(join(SRC, source), 'utf8'), {
      compilerOptions: {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2022,
        verbatimModuleSyntax: true,
        rewriteRelativeImportExtensions: true,
      },
    })
    mkdirSync(dirname(compiled(source)), { recursive: true })
    writeFileSync(compiled(source), outputText)
  }
  return { file: compiled, remove: () => rmSync(folder, { recursive: true }) }
}
