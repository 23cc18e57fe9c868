// The rules of the house (design: "kept by a test, not by hope"): which room may import which, and who touches the platform.

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const src = fileURLToPath(new URL('../src', import.meta.url))

interface Import {
  /** Path below src/ for a file of ours, the specifier itself for anything else. */
  readonly to: string
  readonly isTypeOnly: boolean
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.split(sep).join('/'))
  .sort()
const graph = new Map(files.map((file) => [file, importsOf(file)]))

function importsOf(file: string): Import[] {
  const source = ts.createSourceFile(file, readFileSync(join(src, file), 'utf8'), ts.ScriptTarget.ES2022, true)
  const found: Import[] = []
  const note = (specifier: ts.Node | undefined, isTypeOnly: boolean): void => {
    if (!specifier || !ts.isStringLiteral(specifier)) return
    const { text } = specifier
    const to = text.startsWith('.')
      ? relative(src, join(src, dirname(file), text))
          .split(sep)
          .join('/')
      : text
    found.push({ to, isTypeOnly })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const names = node.importClause?.namedBindings
      const everyNameIsAType =
        names !== undefined && ts.isNamedImports(names) && names.elements.every((element) => element.isTypeOnly)
      note(node.moduleSpecifier, node.importClause?.isTypeOnly === true || everyNameIsAType)
    } else if (ts.isExportDeclaration(node)) note(node.moduleSpecifier, node.isTypeOnly)
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      note(node.arguments[0], false)
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) note(node.argument.literal, true)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

const roomOf = (file: string): string => (file.includes('/') ? file.slice(0, file.indexOf('/')) : file)

/** What each room may import beside itself. A room that is not listed fails the first test. */
const mayImport: Record<string, readonly string[]> = {
  'index.ts': ['decimal', 'webhook', 'reorg'],
  shared: [],
  decimal: ['shared'],
  reorg: ['shared'],
  stores: ['shared'],
  webhook: ['stores', 'shared'],
  adapters: ['webhook', 'stores', 'shared'],
  sender: ['webhook', 'stores', 'shared'],
  diagnose: ['webhook', 'stores', 'shared'],
  stellar: ['shared', 'reorg'],
  testing: ['decimal', 'reorg', 'stores', 'webhook', 'sender', 'stellar', 'shared'],
  cli: ['decimal', 'reorg', 'stores', 'webhook', 'sender', 'diagnose', 'stellar', 'shared'],
}

/** A name that moved to another room is still given by the entry that it had. */
const mayReExport: Record<string, readonly string[]> = { 'reorg/index.ts': ['stellar/ledger-header.ts'] }

/** Files that import something at run time, followed to the end. */
function reachedFrom(entry: string): Set<string> {
  const reached = new Set<string>()
  const queue = [entry]
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (reached.has(file)) continue
    reached.add(file)
    for (const { to, isTypeOnly } of graph.get(file) ?? []) if (!isTypeOnly) queue.push(to)
  }
  return reached
}

describe('the rules of the house', () => {
  it('reads a graph that is really there', () => {
    expect(files.length).toBeGreaterThan(30)
    expect([...graph.values()].flat().length).toBeGreaterThan(100)
    expect([...graph].filter(([, imports]) => imports.some(({ to }) => to === 'node:crypto'))).toHaveLength(1)
  })

  it.each(files)('%s imports only what its room may', (file) => {
    const room = roomOf(file)
    expect(Object.keys(mayImport)).toContain(room)
    for (const { to, isTypeOnly } of graph.get(file) ?? []) {
      if (mayReExport[file]?.includes(to)) continue
      if (graph.has(to)) expect([room, ...(mayImport[room] ?? [])]).toContain(roomOf(to))
      // At run time there is nothing but the platform; fast-check is the optional peer of ./testing.
      else if (!isTypeOnly) expect(to.startsWith('node:') || (room === 'testing' && to === 'fast-check')).toBe(true)
    }
  })

  it('has no circle of imports, type-only imports included', () => {
    const done = new Set<string>()
    const walk = (file: string, path: readonly string[]): void => {
      expect(path, 'a circle of imports').not.toContain(file)
      if (done.has(file)) return
      for (const { to } of graph.get(file) ?? []) if (graph.has(to)) walk(to, [...path, file])
      done.add(file)
    }
    for (const file of files) walk(file, [])
  })

  it('lets one file of webhook/ touch node:crypto, and one WebCrypto', () => {
    const text = (file: string): string => readFileSync(join(src, file), 'utf8')
    const webhook = files.filter((file) => roomOf(file) === 'webhook')
    const node = webhook.filter((file) => graph.get(file)?.some(({ to }) => to.startsWith('node:')))
    expect(node).toEqual(['webhook/proof/node.ts', 'webhook/receiving/inflate-node.ts'])
    const web = webhook.filter((file) => /\bsubtle\b/.test(text(file).replace(/\/\/.*|\/\*[\s\S]*?\*\//g, '')))
    expect(web.filter((file) => file !== 'webhook/proof/web.ts')).toEqual([])
  })

  const anyRuntime = [
    'decimal/index.ts',
    'reorg/index.ts',
    'stellar/index.ts',
    'webhook/schemes/index.ts',
    'adapters/fetch.ts',
    'testing/index.ts',
    'testing/plain.ts',
  ]
  it.each(anyRuntime.filter((entry) => graph.has(entry)))('%s reaches no node: module', (entry) => {
    expect([...reachedFrom(entry)].filter((file) => file.startsWith('node:'))).toEqual([])
  })

  it('gives the route of Fetch the MAC of WebCrypto', () => {
    const reached = [...reachedFrom('adapters/fetch.ts')]
    expect(reached).toContain('webhook/proof/web.ts')
    expect(reached.filter((file) => /node/.test(file))).toEqual([])
  })

  it.each(files)('%s has no default export and no any', (file) => {
    const source = ts.createSourceFile(file, readFileSync(join(src, file), 'utf8'), ts.ScriptTarget.ES2022, true)
    const found: string[] = []
    const visit = (node: ts.Node): void => {
      if (node.kind === ts.SyntaxKind.AnyKeyword || node.kind === ts.SyntaxKind.DefaultKeyword)
        found.push(node.getText())
      ts.forEachChild(node, visit)
    }
    visit(source)
    expect(found).toEqual([])
  })

  it('keeps examples and benches to the public names', () => {
    const root = fileURLToPath(new URL('..', import.meta.url))
    // Not recursively by readdir itself: bench/node_modules links back to the root.
    const below = (folder: string): string[] =>
      readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
        if (entry.name === 'node_modules') return []
        return entry.isDirectory() ? below(join(folder, entry.name)) : [join(folder, entry.name)]
      })
    const programs = [...below(join(root, 'examples')), ...below(join(root, 'bench'))].filter((file) =>
      /\.m?[jt]s$/.test(file),
    )
    expect(programs.length).toBeGreaterThan(10)
    for (const program of programs) {
      expect(readFileSync(program, 'utf8'), program).not.toMatch(/from '(?:\.\.\/)+(?:src|dist)\//)
    }
  })
})

// Limits that keep a file readable. They are ceilings: code is not cut up to pass them, it is written so that they never matter.
describe('the size of the house', () => {
  const sources = files.map((file) => {
    const text = readFileSync(join(src, file), 'utf8')
    return {
      file,
      source: ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true),
      lines: text.split('\n').length,
    }
  })
  const lines = sources.reduce((sum, each) => sum + each.lines, 0)

  function nodesWhere(matches: (node: ts.Node) => boolean): string[] {
    const found: string[] = []
    for (const { file, source } of sources) {
      const visit = (node: ts.Node): void => {
        const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1
        if (matches(node)) found.push(`${file}:${line}`)
        ts.forEachChild(node, visit)
      }
      visit(source)
    }
    return found
  }

  it('has no file of more than 350 lines', () => {
    expect(sources.filter((each) => each.lines > 350).map(({ file }) => file)).toEqual([])
  })

  it('has no function of more than 80 lines', () => {
    const isLong = (node: ts.Node): boolean =>
      ts.isFunctionLike(node) && 'body' in node && node.getText().split('\n').length > 80
    expect(nodesWhere(isLong)).toEqual([])
  })

  it('has at most 13 conditional expressions in 1,000 lines', () => {
    const found = nodesWhere(ts.isConditionalExpression)
    expect(found.length).toBeGreaterThan(0)
    expect((1000 * found.length) / lines).toBeLessThanOrEqual(13)
  })

  it('has at most 10 casts in 1,000 lines', () => {
    const found = nodesWhere((node) => ts.isAsExpression(node) && node.type.getText() !== 'const')
    expect(found.length).toBeGreaterThan(0)
    expect((1000 * found.length) / lines).toBeLessThanOrEqual(10)
  })
})
