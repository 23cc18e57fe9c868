// Writes the recorded figures (docs/reliability.json) into docs/reliability.md, between its markers, and prints them:
// `npm run reliability`. It measures nothing itself.

import { readFileSync, writeFileSync } from 'node:fs'
import { readFigures } from './figures.mjs'

const page = new URL('../../docs/reliability.md', import.meta.url)
const [START, END] = ['<!-- figures: npm run reliability -->', '<!-- end of figures -->']

/** Describes a measurement, by the first word of its name. */
const sentences = {
  coverage: ({ lines, branches, files }) => `lines ${lines} %, branches ${branches} %, of ${files} files`,
  mutation: ({ score, mutants, undetected, survived, withoutCoverage, unexplained, timedOut }) =>
    `${score} % of ${mutants} mutants detected (${timedOut} by time); ${undetected ?? survived + withoutCoverage} not, ${unexplained} of them unexplained`,
  fuzz: ({ calls, functions, outcomes, failures, seed }) =>
    `${calls.toLocaleString('en')} calls of ${functions} functions, ${outcomes} distinct outcomes, failures: ${failures}; seed ${seed}`,
  growth: ({ inputs, steepest, steepestInput }) => `${inputs} inputs, steepest slope ${steepest} (${steepestInput})`,
  timing: ({ largestT, of, earlyExitT }) =>
    `largest t of eight ${largestT} (${of}); a comparison that stops early shows ${earlyExitT}`,
}

const rows = Object.entries(readFigures()).map(([name, { date, node, command, figures }]) => {
  const say = sentences[name.split(' ')[0]]
  return `| ${name} | ${say ? say(figures) : JSON.stringify(figures)} | \`${command}\` | ${date}, Node ${node} |`
})
const table = ['| what | figures | command | measured |', '|---|---|---|---|', ...rows].join('\n')
const text = readFileSync(page, 'utf8')
const [before, after] = [text.indexOf(START) + START.length, text.indexOf(END)]
if (before < START.length || after < before) throw new Error('docs/reliability.md does not have its markers.')
writeFileSync(page, `${text.slice(0, before)}\n\n${table}\n\n${text.slice(after)}`)
console.log(table)
