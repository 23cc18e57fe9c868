// The examples in the docstrings. An example is what a reader would paste into a program of their own, so it has no imports of the package and
// names what such a program has: what the package gives is imported here, and the rest is declared, with the types of AROUND.

import { readdirSync, readFileSync } from 'node:fs'
import ts from 'typescript'
import { subpaths } from '../subpaths.ts'
import { entriesProgram } from './compiling.ts'
import { AROUND, AROUND_IN, REAL } from './docstring-names.ts'

export interface Example {
  /** The file, and the line on which the docstring has it. */
  readonly place: string
  readonly file: string
  readonly code: string
}

export const examples: readonly Example[] = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) => examplesOf(`src/${file.replaceAll('\\', '/')}`))

function examplesOf(file: string): Example[] {
  const text = readFileSync(file, 'utf8')
  return Array.from(text.matchAll(/^ *\* ```ts\n([\s\S]*?)^ *\* ```$/gm), ({ index, 1: lines = '' }) => ({
    place: `${file}:${text.slice(0, index).split('\n').length}`,
    file,
    code: lines.replace(/^ *\* ?/gm, ''),
  }))
}

/** Which source gives each public name. */
const givenBy = new Map<string, string>()
const program = entriesProgram()
for (const source of Object.values(subpaths)) {
  const checker = program.getTypeChecker()
  const file = program.getSourceFile(source)
  const module = file && checker.getSymbolAtLocation(file)
  for (const { name } of module ? checker.getExportsOfModule(module) : []) {
    if (!givenBy.has(name)) givenBy.set(name, source)
  }
}

/** What stands before an example to make it a module, and whether there is anything in it that only a program has. */
export interface Setting {
  readonly imports: string
  readonly declarations: string
}

/** @param toRoot The path from the module to the repository, with a slash at the end. */
export function settingOf({ file, code }: Example, toRoot: string): Setting {
  const around: Record<string, string> = { ...AROUND, ...AROUND_IN[file] }
  const names = [...namesIn(code)]
  const declared = names.filter((name) => around[name] !== undefined && !givenBy.has(name))
  const types = declared.map((name) => `declare let ${name}: ${around[name]}`).join('\n')
  const given = new Set([...names, ...namesIn(types)].filter((name) => givenBy.has(name)))
  const imports = Array.from(given, (name) => `import { ${name} } from '${toRoot}${givenBy.get(name)}'`)
  const real = names.flatMap((name) => REAL[name] ?? [])
  return { imports: [...new Set([...real, ...imports])].join('\n'), declarations: types }
}

/** The names that a text takes from around it. */
function namesIn(code: string): Set<string> {
  const source = ts.createSourceFile('example.ts', code, ts.ScriptTarget.ES2022, true)
  const used = new Set<string>()
  const own = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && !isMember(node)) (isDeclared(node) ? own : used).add(node.text)
    ts.forEachChild(node, visit)
  }
  visit(source)
  for (const name of own) used.delete(name)
  return used
}

/** The name of a property, which is nothing from around. */
function isMember(node: ts.Identifier): boolean {
  const { parent } = node
  return (ts.isPropertyAccessExpression(parent) || ts.isPropertyAssignment(parent)) && parent.name === node
}

function isDeclared(node: ts.Identifier): boolean {
  const { parent } = node
  return (
    ((ts.isVariableDeclaration(parent) || ts.isParameter(parent) || ts.isBindingElement(parent)) &&
      parent.name === node) ||
    ts.isImportSpecifier(parent) ||
    ts.isImportClause(parent)
  )
}
