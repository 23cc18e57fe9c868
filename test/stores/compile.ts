// The stores as JavaScript, for child processes on a Node that does not run TypeScript.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const SRC = fileURLToPath(new URL('../../src/', import.meta.url))

/** Writes `stores/` and what it imports into a folder. */
export function compileStores(folder: string): void {
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  for (const part of ['stores', 'stores/shared', 'webhook']) {
    mkdirSync(join(folder, part), { recursive: true })
    for (const file of readdirSync(join(SRC, part))) {
      if (!file.endsWith('.ts') || (part === 'webhook' && !['errors.ts', 'dedupe.ts'].includes(file))) continue
      const { outputText } = ts.transpileModule(readFileSync(join(SRC, part, file), 'utf8'), {
        compilerOptions: {
          module: ts.ModuleKind.ESNext,
          target: ts.ScriptTarget.ES2022,
          verbatimModuleSyntax: true,
          rewriteRelativeImportExtensions: true,
        },
      })
      writeFileSync(join(folder, part, file.replace(/ts$/, 'js')), outputText)
    }
  }
}
