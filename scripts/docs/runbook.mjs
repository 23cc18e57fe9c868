// docs/runbook.md as data, for the live page and the skill.

import { readFileSync } from 'node:fs'
import { root } from '../shared/repository.mjs'

/**
 * The sections of the runbook, one a code, in order. The texts are Markdown on one line.
 *
 * @returns {{ part: string, code: string, means: string, lookAt: string, tell: string, whom: string }[]}
 */
export function readRunbook() {
  const text = readFileSync(`${root}docs/runbook.md`, 'utf8')
  return text.split(/^## /m).flatMap((part) => {
    const [title = ''] = part.split('\n', 1)
    return Array.from(part.matchAll(SECTION), ([, code, means, lookAt, whom, tell]) => {
      return { part: title, code, means: join(means), lookAt: join(lookAt), tell: join(tell), whom }
    })
  })
}

const SECTION =
  /^### `(\w+)`\n\n- \*\*Means\*\*: ([\s\S]+?)\n- \*\*Look at\*\*: ([\s\S]+?)\n- \*\*Tell the (\w+)\*\*: ([\s\S]+?)\n\n/gm

const join = (lines) => lines.replaceAll(/\n +/g, ' ')
