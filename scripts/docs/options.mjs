// Writes docs/options.md: every option of every public function, by entry, with the words that an editor shows when you hover over it. They are
// read from the sources, so the page cannot say anything else than the types do.
//
//   node scripts/docs/options.mjs           writes the page
//   node scripts/docs/options.mjs --check   fails if it is not up to date, or if an option has no words

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { root } from '../shared/repository.mjs'

const sources = Object.fromEntries(
  [...readFileSync(join(root, 'tsup.config.ts'), 'utf8').matchAll(/^ {4}'?([\w/]+)'?: '(src\/.+?)'/gm)].map((match) =>
    match.slice(1),
  ),
)
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, root)
const program = ts.createProgram(fileNames, options)
const checker = program.getTypeChecker()

const HEAD = `# Options

Every option of every function that takes some, with its unit, range and default. Your editor shows the same words when you hover over an
option, and this page is written from them (\`node scripts/docs/options.mjs\`). Unless it says otherwise:

- points in time are Unix seconds, durations are seconds if the name ends in \`Seconds\` and milliseconds if it ends in \`Ms\`, sizes are bytes;
- bounds are inclusive;
- leaving an option out, and passing \`undefined\`, are the same;
- a name that is not in the table throws, and so does a value outside its range, when you create the thing.
`

// The root repeats what others give.
const entries = ['./webhook', './http', './express', './fastify', './fetch']
const others = Object.keys(manifest.exports).filter((entry) => !['.', './package.json', ...entries].includes(entry))
const silent = []
const shown = new Set()
/** Names of the parameters that hold options. */
const BAGS = ['options', 'definition', 'input']
/** The first function that has an option, by the option's own declaration. */
const seen = new Map()
const page = HEAD + [...entries, ...others].map(entryOf).join('')

function entryOf(entry) {
  const module = checker.getSymbolAtLocation(program.getSourceFile(sourceOf(entry)))
  const makers = checker
    .getExportsOfModule(module)
    .map((symbol) => makerOf(symbol))
    .filter((maker) => maker !== undefined)
  const sections = makers.map(sectionOf).filter((section) => section !== '')
  return sections.length === 0 ? '' : `\n## ${manifest.name}${entry.slice(1)}\n${sections.join('')}`
}

function sourceOf(entry) {
  return join(root, sources[entry.slice(2)])
}

/** A function and its options, if it is a function that takes a bag of them. */
function makerOf(symbol) {
  const resolved = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  const [signature] = checker.getSignaturesOfType(checker.getTypeOfSymbol(resolved), ts.SignatureKind.Call)
  const parameter = signature?.parameters.find(({ name }) => BAGS.includes(name))
  // Some functions are given by several entries.
  if (!parameter || shown.has(resolved)) return undefined
  shown.add(resolved)
  const type = checker.getNonNullableType(checker.getTypeOfSymbol(parameter))
  const properties = (type.types ?? [type]).flatMap((part) => checker.getPropertiesOfType(part))
  const byName = new Map(properties.reverse().map((property) => [property.name, property]))
  // What only one form of the options has is not required: the other form is there.
  const oneForm = type.types ? properties.filter(({ name }) => !checker.getPropertyOfType(type, name)) : []
  return { name: symbol.name, options: [...byName.values()].reverse(), oneForm: new Set(oneForm) }
}

function sectionOf({ name, options: all, oneForm }) {
  // A function that has every option of an earlier one only lists what it adds.
  const earlier = [...new Set(all.map((option) => seen.get(option.declarations?.[0])).filter(Boolean))]
  const base = earlier
    .filter((maker) => maker.options.every((option) => all.some((own) => isSame(own, option))))
    .sort((one, other) => other.options.length - one.options.length)[0]
  const added = base ? all.filter((option) => !base.options.some((known) => isSame(known, option))) : all
  const self = { name, options: all }
  for (const option of all) {
    const [declaration] = option.declarations ?? []
    if (declaration && !seen.has(declaration)) seen.set(declaration, self)
  }
  const rows = added.map((option) => rowOf(name, option, oneForm)).join('')
  const table = rows === '' ? '' : `\n| option | |\n|---|---|\n${rows}`
  if (!base) return table && `\n### ${name}\n${table}`
  const link = `[${base.name}](#${base.name.toLowerCase()})`
  if (table === '') return `\n### ${name}\n\nThe options of ${link}.\n`
  return `\n### ${name}\n\nThe options of ${link}, and:\n${table}`
}

function isSame(one, other) {
  return one.declarations?.[0] !== undefined && one.declarations[0] === other.declarations?.[0]
}

function rowOf(maker, option, oneForm) {
  const words = ts.displayPartsToString(option.getDocumentationComment(checker)).replaceAll(/\s+/g, ' ').trim()
  if (words === '') silent.push(`${maker}: ${option.name}`)
  const isRequired = !(option.flags & ts.SymbolFlags.Optional) && !oneForm.has(option)
  const required = isRequired ? '**Required.** ' : ''
  const text = words
    .replaceAll(/\{@link (\w+)\}/g, '`$1`')
    .replaceAll(/(?<!\()docs\/([\w-]+\.md)/g, '[$1]($1)')
    .replaceAll('|', '\\|')
  return `| \`${option.name}\` | ${required}${text} |\n`
}

const file = join(root, 'docs/options.md')
if (silent.length > 0) {
  console.error(`Options without words: ${silent.join(', ')}`)
  process.exitCode = 1
}
if (!process.argv.includes('--check')) writeFileSync(file, page)
else if (readFileSync(file, 'utf8') !== page) {
  console.error('docs/options.md is not up to date: run node scripts/docs/options.mjs')
  process.exitCode = 1
}
