// Runs a block of code, and tells what its comments say of its values.

import { isDeepStrictEqual } from 'node:util'
import ts from 'typescript'
import { expect } from 'vitest'

/** A value, and what the comment beside or below it says that it is. */
export interface Said {
  readonly claim: string
  readonly value: unknown
}

export interface Run {
  readonly exports: Record<string, unknown>
  readonly said: readonly Said[]
}

/** Runs a block, which may wait, with the modules that it imports. */
export async function runBlock(code: string, modules: Readonly<Record<string, unknown>>): Promise<Run> {
  const said: Said[] = []
  const exports: Record<string, unknown> = {}
  const { outputText } = ts.transpileModule(noted(code), {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  })
  const note = (value: unknown, claim: string): unknown => {
    said.push({ claim, value })
    return value
  }
  const throws = (call: () => unknown): void => expect(call).toThrow()
  await new AsyncFunction('require', 'exports', 'note', 'throws', outputText)(
    (name: string) => modules[name],
    exports,
    note,
    throws,
  )
  return { exports, said }
}

const AsyncFunction = (async () => {}).constructor as new (
  ...text: string[]
) => (require: (name: string) => unknown, exports: object, ...rest: unknown[]) => Promise<void>

/** The block with `note(value, claim)` around each value that a comment at its end, or on the lines below it, tells. */
function noted(code: string): string {
  const source = ts.createSourceFile('block.ts', code, ts.ScriptTarget.ES2022, true)
  const edits: { from: number; to: number; claim: string }[] = []
  const visit = (node: ts.Node): void => {
    const expression = ts.isExpressionStatement(node)
      ? node.expression
      : ts.isVariableStatement(node)
        ? node.declarationList.declarations[0]?.initializer
        : undefined
    const claim = expression && claimAfter(code, node.getEnd())
    if (expression && claim) edits.push({ from: expression.getStart(), to: expression.getEnd(), claim })
    ts.forEachChild(node, visit)
  }
  visit(source)
  return edits
    .sort((one, other) => other.from - one.from)
    .reduce((text, { from, to, claim }) => {
      const value = text.slice(from, to)
      const told = claim === 'throws' ? `throws(() => ${value})` : `note(${value}, ${JSON.stringify(claim)})`
      return `${text.slice(0, from)}${told}${text.slice(to)}`
    }, code)
}

/** `// 1n` behind a statement, or `// { … }` on the lines that follow it. Only what looks like a value is one, and `throws`. */
function claimAfter(code: string, end: number): string | undefined {
  const [, lines = ''] = /^((?:[ ]*\n?[ ]*\/\/[^\n]*)+)/.exec(code.slice(end)) ?? []
  const text = lines.replace(/\s*\/\/ ?/g, ' ').trim()
  if (text.startsWith('throws')) return 'throws'
  return /^(-?\d[\d_.]*n?(?:[,;:] |$)|['"[{]|null$|true$|false$)/.test(text) ? text : undefined
}

/** Whether a value is what a comment says: equal, or at least all that the comment shows where it leaves something out with `…`. */
export function holds(value: unknown, claim: string): boolean {
  const open = claim.includes('…')
  // What follows the value in words is no part of it.
  const literal = open ? claim.replace(/, \w+: …|, …/g, '') : claim.replace(/^((?:'[^']*'|-?\d+n?))[,;:] .*$/, '$1')
  const expected: unknown = new Function(`return (${literal})`)()
  if (!open) return isDeepStrictEqual(value, expected)
  expect(value).toMatchObject(expected as object)
  return true
}
