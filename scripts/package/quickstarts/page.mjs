// What a page tells a newcomer to do, in its order: which file to save, and which lines to type.
//
// A block of code is a file if the text before it says so: "Save it as `server.mjs`". A block of shell lines is typed as it stands. Any other
// block is only read.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../shared/repository.mjs'

const BLOCK = /^```(\w+)\n([\s\S]*?)^```$/gm
const SAVE = /\bSave\b[^.`]*\bas\s+`([^`]+)`/g

/**
 * The steps below a heading, up to the next heading.
 *
 * @param {string} page Such as `docs/adapters.md`.
 * @param {string} heading Its text, without the marks before it.
 * @returns {({ save: string, code: string } | { type: string[] })[]}
 */
export function stepsOf(page, heading) {
  const section = sectionOf(readFileSync(join(root, page), 'utf8'), heading)
  if (section === undefined) throw new Error(`${page} has no heading "${heading}".`)
  const steps = []
  let end = 0
  for (const block of section.matchAll(BLOCK)) {
    const [whole, language, code] = block
    const name = [...section.slice(end, block.index).matchAll(SAVE)].at(-1)?.[1]
    end = block.index + whole.length
    if (language === 'sh') steps.push({ type: code.trim().split('\n') })
    else if (name !== undefined) steps.push({ save: name, code })
  }
  if (steps.length === 0) throw new Error(`${page}, "${heading}": nothing to save or to type.`)
  return steps
}

/** The text below a heading. A line inside a block of code is no heading. */
function sectionOf(text, heading) {
  const lines = text.split('\n')
  let isCode = false
  let from
  for (const [i, line] of lines.entries()) {
    if (line.startsWith('```')) isCode = !isCode
    if (isCode || !/^#+ /.test(line)) continue
    if (from !== undefined) return lines.slice(from, i).join('\n')
    if (line.replace(/^#+ /, '') === heading) from = i + 1
  }
  return from === undefined ? undefined : lines.slice(from).join('\n')
}
