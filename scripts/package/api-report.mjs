// Writes test/api/*.api.md from the built declarations: every public type of every entry, without comments, so that a change of one shows
// in review. What an entry shares with an earlier one is only named there. Needs a build.
//
//   node scripts/package/api-report.mjs           writes the report
//   node scripts/package/api-report.mjs --check   fails if it is not up to date, and prints what changed

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { root } from '../shared/repository.mjs'

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const dist = join(root, 'dist')
const folder = join(root, 'test/api')
if (!existsSync(dist)) throw new Error('Run npm run build first.')

// The root gives what three others give, so it comes last.
const entries = Object.keys(manifest.exports).filter((subpath) => subpath !== './package.json' && subpath !== '.')
const files = new Map([...entries, '.'].map((subpath) => [subpath, join(root, manifest.exports[subpath].import.types)]))
const program = ts.createProgram([...files.values()], {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: ['node'],
  noEmit: true,
  strict: true,
})
const checker = program.getTypeChecker()
const printer = ts.createPrinter({ removeComments: true })

/** In which entry a declaration was printed. */
const printedIn = new Map()
const reports = new Map([...files].map(([subpath, file]) => [`${nameOf(subpath)}.api.md`, reportOf(subpath, file)]))

if (process.argv.includes('--check')) check()
else write()

function nameOf(subpath) {
  if (subpath === '.') return 'index'
  return subpath.slice(2).replaceAll('/', '-')
}

function reportOf(subpath, file) {
  const module = checker.getSymbolAtLocation(program.getSourceFile(file))
  const exported = new Map(checker.getExportsOfModule(module).map((symbol) => [symbol.name, resolved(symbol)]))
  const names = [...exported.keys()].sort()
  const shared = names.filter((name) => printedIn.has(exported.get(name)))
  const own = names.filter((name) => !shared.includes(name))
  for (const name of own) printedIn.set(exported.get(name), subpath)

  const hidden = new Map()
  const declarations = own.map((name) => {
    const symbol = exported.get(name)
    const renamed = symbol.name === name ? '' : `\nexport { ${symbol.name} as ${name} };`
    return textOf(symbol, hidden) + renamed
  })
  // What is not exported, but is part of a type that is. It may need more of its kind.
  const behind = []
  for (const [symbol, name] of hidden) {
    if (printedIn.has(symbol)) continue
    printedIn.set(symbol, subpath)
    behind.push({ name, text: textOf(symbol, hidden) })
  }
  behind.sort((one, other) => (one.name < other.name ? -1 : 1))

  const parts = [`# ${manifest.name}${subpath.slice(1)}\n\nWritten by \`npm run api\`. Do not edit.\n`]
  if (own.length > 0) parts.push(`\`\`\`ts\n${declarations.join('\n')}\n\`\`\`\n`)
  if (behind.length > 0)
    parts.push(
      `## Not exported, but part of these types\n\n\`\`\`ts\n${behind.map(({ text }) => text).join('\n')}\n\`\`\`\n`,
    )
  if (shared.length > 0) {
    const lines = shared.map((name) => `- ${name}: ${printedIn.get(exported.get(name))}`)
    parts.push(`## Written down elsewhere\n\n${lines.join('\n')}\n`)
  }
  return parts.join('\n')
}

function resolved(symbol) {
  if (symbol.flags & ts.SymbolFlags.Alias) return checker.getAliasedSymbol(symbol)
  return symbol
}

/** A symbol's declarations as printed by TypeScript. Notes the symbols of this package that they name. */
function textOf(symbol, hidden) {
  return symbol.declarations
    .map((declaration) => {
      const node = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration
      noteNames(node, hidden)
      return printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile())
    })
    .join('\n')
}

function noteNames(node, hidden) {
  const visit = (child) => {
    if (ts.isIdentifier(child)) {
      const found = checker.getSymbolAtLocation(child)
      const symbol = found && resolved(found)
      if (symbol && isTopLevelHere(symbol)) hidden.set(symbol, symbol.name)
    }
    ts.forEachChild(child, visit)
  }
  visit(node)
}

/** Declared at the top of one of this package's files: not a member, a parameter, or a name of the platform. */
function isTopLevelHere(symbol) {
  return symbol.declarations?.some((declaration) => {
    if (!declaration.getSourceFile().fileName.startsWith(dist)) return false
    const node = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration
    return ts.isSourceFile(node.parent) && !ts.isImportDeclaration(node)
  })
}

function write() {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const [file, text] of reports) writeFileSync(join(folder, file), text)
  console.log(`test/api: ${reports.size} entries, ${printedIn.size} declarations`)
}

function check() {
  const stray = readdirSync(folder).filter((file) => !reports.has(file))
  const problems = stray.map((file) => `${file} has no entry`)
  for (const [file, text] of reports) {
    const committed = existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8') : ''
    if (committed === text) continue
    const [before, after] = [committed.split('\n'), text.split('\n')]
    problems.push(`${file} is not up to date:`)
    for (const line of before) if (!after.includes(line)) problems.push(`  - ${line}`)
    for (const line of after) if (!before.includes(line)) problems.push(`  + ${line}`)
  }
  if (problems.length === 0) {
    console.log(`test/api matches the build: ${reports.size} entries, ${printedIn.size} declarations`)
    return
  }
  console.error(
    `${problems.join('\n')}\n\nThe public types changed. If that is meant, run npm run api and commit test/api.`,
  )
  process.exitCode = 1
}
