// How examples are compiled, and the program that knows every public name.

import ts from 'typescript'
import { subpaths } from '../subpaths.ts'

/** As strict as a reader's own compiler may be. */
export const STRICT: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts', 'lib.es2024.string.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: ['node'],
  noEmit: true,
  allowImportingTsExtensions: true,
  strict: true,
  skipLibCheck: true,
}

/** The entries, without the library of the language: enough for names. */
export function entriesProgram(): ts.Program {
  return ts.createProgram(Object.values(subpaths), {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    allowImportingTsExtensions: true,
    noEmit: true,
    noLib: true,
  })
}
