// docs/architecture.md matches the code: every file that it names exists, every function named beside a file is defined there, each flow
// reaches all its files by imports, and the table of rooms is the rule that test/house.test.ts enforces.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const page = readFileSync(`${root}docs/architecture.md`, 'utf8')

interface Step {
  readonly file: string
  readonly names: readonly string[]
}

interface Flow {
  readonly title: string
  /** The number of files that the text gives. */
  readonly count: number
  readonly steps: readonly Step[]
}

const flows: Flow[] = [...page.matchAll(/^### (.+)\n([\s\S]*?)(?=^##|$(?![\s\S]))/gm)].map(
  ([, title = '', text = '']) => ({
    title,
    count: Number(/(\d+) files/.exec(text)?.[1]),
    steps: [...text.matchAll(/^\| `([\w/.-]+\.ts)` \| (.+?) \| .+ \|$/gm)].map(([, file = '', names = '']) => ({
      file,
      names: [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
    })),
  }),
)
const steps = flows.flatMap((flow) => flow.steps)

const parse = (file: string): ts.SourceFile =>
  ts.createSourceFile(file, readFileSync(`${root}src/${file}`, 'utf8'), ts.ScriptTarget.ES2022, true)

/** What a file defines: functions, classes, constants, and the methods of classes and objects. */
function namesIn(file: string): Set<string> {
  const names = new Set<string>()
  const visit = (node: ts.Node): void => {
    const isDefinition =
      ts.isFunctionDeclaration(node) ||
      ts.isClassDeclaration(node) ||
      ts.isVariableDeclaration(node) ||
      ts.isMethodDeclaration(node) ||
      ts.isPropertyAssignment(node)
    if (isDefinition && node.name) names.add(node.name.getText())
    ts.forEachChild(node, visit)
  }
  visit(parse(file))
  return names
}

/** All files that a file imports, directly or through others. Types count too. */
function reachedFrom(entry: string): Set<string> {
  const reached = new Set([entry])
  for (const file of reached) {
    for (const statement of parse(file).statements) {
      const from =
        ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement) ? statement.moduleSpecifier : undefined
      if (from && ts.isStringLiteral(from) && from.text.startsWith('.')) {
        reached.add(posix.join(dirname(file), from.text))
      }
    }
  }
  return reached
}

describe('docs/architecture.md', () => {
  it('has three flows, each with as many files as it says', () => {
    expect(flows).toHaveLength(3)
    for (const { title, count, steps } of flows) {
      expect(steps.length, title).toBeGreaterThan(3)
      expect(new Set(steps.map(({ file }) => file)).size, title).toBe(count)
    }
  })

  it.each(steps)('$file defines what the page says', ({ file, names }) => {
    expect(existsSync(`${root}src/${file}`), file).toBe(true)
    expect(names.length, file).toBeGreaterThan(0)
    const defined = namesIn(file)
    for (const name of names) for (const part of name.split('.')) expect(defined, file).toContain(part)
  })

  it.each(flows)('$title: the first file reaches all others', ({ steps }) => {
    const reached = reachedFrom(steps[0]?.file as string)
    expect(steps.map(({ file }) => file).filter((file) => !reached.has(file))).toEqual([])
  })

  it('names only files and folders that exist', () => {
    const paths = [...page.matchAll(/`((?:[\w-]+\/)+(?:[\w-]+\.ts)?)`/g)].map(([, path = '']) => path)
    expect(paths.length).toBeGreaterThan(20)
    expect(paths.filter((path) => !existsSync(`${root}src/${path}`) && !existsSync(root + path))).toEqual([])
  })

  it('lists every room, with what it may import', () => {
    const rows = [...page.matchAll(/^\| `(\w+)\/` \| .+ \| (.+) \|$/gm)].map(([, room = '', imports = '']) => [
      room,
      [...imports.matchAll(/`(\w+)`/g)].map(([, name = '']) => name).sort(),
    ])
    const rules = readFileSync(`${root}test/house.test.ts`, 'utf8').matchAll(/^ {2}(\w+): \[([^\]]*)\],$/gm)
    const rooms = readdirSync(`${root}src`).filter((name) => !name.endsWith('.ts'))
    const allowed = [...rules]
      .map(([, room = '', list = '']) => [room, list.match(/\w+/g) ?? []] as const)
      .filter(([room]) => rooms.includes(room))
      .map(([room, list]) => [room, list.filter((name) => rooms.includes(name)).sort()])
    expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(allowed))
    expect(rows.map(([room]) => room).sort()).toEqual(rooms.sort())
  })
})
