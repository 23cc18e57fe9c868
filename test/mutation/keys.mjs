// By what a mutant is known from one run to the next: the function it is in, the kind of change, and the change itself. No file and no
// line, so that code can move without its mutants becoming other ones.
//
//   memoryStore > claim: EqualityOperator: held.until > entry.until → held.until >= entry.until

import ts from 'typescript'

/** Longer texts are cut in the middle: what is told apart no longer has its number. */
const LONGEST = 64

/**
 * @typedef {{ line: number, column: number }} Position both from 0, as Stryker's instrumenter counts
 * @typedef {{ mutatorName: string, replacement: string, location: { start: Position, end: Position } }} Mutant
 */

/**
 * The key of each mutant of one file.
 *
 * @param {string} text the whole source of the file
 * @param {readonly Mutant[]} mutants all that are made of it: those that look the same in one function are numbered in their order
 * @returns {string[]} one for each mutant, and no two the same
 */
export function keysOf(text, mutants) {
  const source = ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true)
  const offsetOf = ({ line, column }) => source.getPositionOfLineAndCharacter(line, column)
  const found = mutants.map(({ mutatorName, replacement, location }) => {
    const [start, end] = [offsetOf(location.start), offsetOf(location.end)]
    const change = `${shortened(text.slice(start, end))} → ${shortened(replacement)}`
    return { start, end, key: `${functionAt(source, start, end)}: ${mutatorName}: ${change}` }
  })
  return found.map(({ start, end, key }) => {
    const alike = found.filter((other) => other.key === key).sort((a, b) => a.start - b.start || a.end - b.end)
    if (alike.length === 1) return key
    return `${key} #${1 + alike.findIndex((other) => other.start === start && other.end === end)}`
  })
}

/** The names of all functions, methods, classes and constants of the file around a place, from the outermost to the innermost. */
function functionAt(source, start, end) {
  const names = []
  const visit = (node) => {
    if (node.getStart(source) > start || node.end < end) return
    const name = nameOf(node, source)
    if (name !== undefined) names.push(name)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return names.join(' > ') || '(module)'
}

function nameOf(node, source) {
  if (ts.isConstructorDeclaration(node)) return 'constructor'
  if (ts.isGetAccessor(node)) return `get ${node.name.getText(source)}`
  if (ts.isSetAccessor(node)) return `set ${node.name.getText(source)}`
  if (ts.isFunctionDeclaration(node) || ts.isClassLike(node) || ts.isMethodDeclaration(node))
    return node.name?.getText(source)
  if (ts.isPropertyDeclaration(node) || ts.isEnumDeclaration(node)) return node.name.getText(source)
  if (ts.isVariableDeclaration(node) && (isOfModule(node) || isFunction(node.initializer)))
    return ts.isIdentifier(node.name) ? node.name.text : undefined
  if (ts.isPropertyAssignment(node) && isFunction(node.initializer)) return node.name.getText(source)
  return undefined
}

/** A constant within a function says how the function works: the function would be known by less if its constants counted. */
function isOfModule(declaration) {
  return ts.isSourceFile(declaration.parent.parent.parent)
}

function isFunction(node) {
  return node !== undefined && (ts.isArrowFunction(node) || ts.isFunctionExpression(node))
}

/** Code on one line, the same however it was broken into lines, and without its comments. */
function shortened(code) {
  const line = code
    .replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '')
    .replace(/(?<=[([])\s*\n\s*|,?\s*\n\s*(?=[)\]])/g, '')
    .replace(/,?\s*\n\s*(?=})/g, ' ')
    .replace(/\s*\n\s*/g, ' ')
    .trim()
  return line.length <= LONGEST ? line : `${line.slice(0, 42).trimEnd()} … ${line.slice(-20).trimStart()}`
}
