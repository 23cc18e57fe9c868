// The page of explained mutants, survivors.md: reading it, and comparing it with the code as it is now.

import { readFileSync } from 'node:fs'

export const page = new URL('survivors.md', import.meta.url)

/** So many mutants are named where a row may be for any of them: a line is to be read. */
const MOST_NAMED = 3

/** The function of a key, and its change without a number. */
const PARTS = /^(.*?): ([A-Z]\w*: .*?)(?: #\d+)?$/s

/** A row of the page for a mutant, its explanation still to be written. */
export function rowOf(key, why = '') {
  const code = key.replaceAll('|', '\\|')
  return key.includes('`') ? `| \`\` ${code} \`\` | ${why} |` : `| \`${code}\` | ${why} |`
}

/** The keys of all rows of a page, in their order. */
export function readRows(text = readFileSync(page, 'utf8')) {
  return text.split('\n').flatMap((line) => {
    const code = /^\| (`{1,2})(.+?)\1 \| .+ \|$/.exec(line)
    if (!code) return []
    const key = code[2].replaceAll('\\|', '|')
    return [code[1] === '``' ? key.slice(1, -1) : key]
  })
}

/** Whether a row explains a mutant of a file. A row may name the file: two files can hold functions of one name. */
export function isExplained(rows, file, key) {
  return rows.includes(key) || rows.includes(`${inFile(file)}${key}`)
}

/**
 * What is wrong with the rows, in a sentence each.
 *
 * @param {readonly string[]} rows
 * @param {Map<string, string[]>} keys the keys of all mutants, by file
 * @returns {{ row: string, fault: string, moved?: string }[]} `moved`: the one mutant that makes the same change elsewhere
 */
export function findFaults(rows, keys) {
  const files = new Map()
  for (const [file, own] of keys) {
    for (const key of own) {
      files.set(key, [...(files.get(key) ?? []), file])
      files.set(inFile(file) + key, [file])
    }
  }
  const faults = rows.flatMap((row, at) => {
    const found = files.get(row) ?? []
    if (rows.indexOf(row) !== at) return [{ row, fault: 'is on the page twice' }]
    if (found.length === 1) return []
    if (found.length > 1) return [{ row, fault: `is in ${found.join(' and ')}: begin it with ${inFile(found[0])}` }]
    return [{ row, fault: 'no such mutant any more' }]
  })
  return withMoves(faults, keys, rows)
}

/** Adds which mutants make the same change as the one of a row that has none, and which of them must be meant. */
function withMoves(faults, keysByFile, rows) {
  const keys = [...keysByFile.values()].flat()
  const all = faults.map((fault) => {
    const isGone = fault.fault === 'no such mutant any more'
    const alike = isGone ? keys.filter((key) => changeOf(key) === changeOf(fault.row) && !rows.includes(key)) : []
    return { ...fault, alike, moved: nearest(alike, fault.row) }
  })
  const moves = all.filter(({ moved }) => moved !== undefined)
  const names = new Map(moves.map(({ row, moved }) => [functionOf(row), functionOf(moved)]))
  return all.map(({ row, fault, alike, moved }) => {
    const likely = likelyOf(alike, row, keysByFile)
    if (likely.length === 0) return { row, fault }
    // Where one row of a function has a new one, the others have the same.
    const inSame = alike.filter((key) => functionOf(key) === names.get(functionOf(row)))
    const target = moved ?? nearest(inSame, row)
    return { row, fault: `${fault}, but ${named(likely)}`, ...(target !== undefined && { moved: target }) }
  })
}

/** The text of a page, its rows for functions that were renamed or moved under their new keys, where only one mutant can be meant. */
export function followMoves(text, faults) {
  const isAlone = (moved) => faults.filter((other) => other.moved === moved).length === 1
  const moves = faults.filter(({ moved }) => moved !== undefined && isAlone(moved))
  return moves.reduce((page, { row, moved }) => page.replace(cellOf(row), () => cellOf(moved)), text)
}

function inFile(file) {
  return `${file.replace(/^src\//, '')} > `
}

/** Of mutants that make the same change, those that a row may be for: any of a few, or of many those in its file or a function of its name. */
function likelyOf(alike, row, keysByFile) {
  const inItsFile = keysByFile.get(`src/${/^(\S+\.ts) > /.exec(row)?.[1]}`) ?? []
  const near = alike.filter((key) => lastName(key) === lastName(row) || inItsFile.includes(key))
  return near.length > 0 || alike.length > MOST_NAMED ? near : alike
}

function named(keys) {
  const more = keys.length - MOST_NAMED
  return keys.slice(0, MOST_NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '')
}

/** Of mutants that make the same change, the one in a function of the same name, or of the same number. */
function nearest(alike, row) {
  const numberOf = (key) => / #\d+$/.exec(key)?.[0]
  let left = alike
  for (const of of [lastName, numberOf]) {
    const same = left.filter((key) => of(key) === of(row))
    if (same.length > 0) left = same
  }
  return left.length === 1 ? left[0] : undefined
}

/** Around which functions a change is, and what is changed into what. */
function functionOf(key) {
  return PARTS.exec(key)?.[1]
}

/** The innermost of these functions. */
function lastName(key) {
  return functionOf(key)?.split(' > ').at(-1)
}

function changeOf(key) {
  return PARTS.exec(key)?.[2]
}

function cellOf(key) {
  return rowOf(key).slice(0, -'|  |'.length)
}
