// Writes docs/benchmarks.md and docs/benchmarks.svg from docs/benchmarks.json. Both files are generated completely.

import { writeFileSync } from 'node:fs'
import { benches } from './benches.mjs'
import { cellsOf, isNumeric, textOf } from './format.mjs'
import { drawPlot } from './plot.mjs'
import { readResults } from './results.mjs'

const docs = new URL('../docs/', import.meta.url)

export function writeReport() {
  for (const [file, text] of Object.entries(render(readResults().benches))) writeFileSync(new URL(file, docs), text)
  console.log('\nWrote docs/benchmarks.json, docs/benchmarks.md and docs/benchmarks.svg.')
}

/** The files for people to read, by name. */
export function render(results) {
  const found = benches.flatMap(({ name }) => (results[name] ? { name, ...results[name] } : []))
  return { 'benchmarks.md': pageOf(found), 'benchmarks.svg': drawPlot(found) }
}

function pageOf(found) {
  const page = [
    '# Benchmarks',
    '<!-- Written by `npm run bench`. Changes made by hand will be lost. -->',
    `How fast and how small the library is, next to other libraries and to code written by hand. \`npm run bench\` writes this page and its
picture; \`npm run bench -- verify\` updates one part. Within a part, all cases run in one process, or take turns, in interleaved rounds. Before
they are timed, they are checked to give the same results. A ratio compares a case with the first row of the same round; the table shows the
median over the rounds, with quartiles. Nanoseconds are the best round, on one shared machine on one day, so rely on the ratios.`,
    '![Time of one call compared with code written by hand: verifying a delivery, reading a decimal string, following a chain](benchmarks.svg)',
    aimsOf(found),
    ...found.map(partOf),
  ]
  return `${page.join('\n\n')}\n`
}

function aimsOf(found) {
  const rows = found.flatMap(({ title, aims }) =>
    aims.map(({ what, measured, wanted, met }) => [title, what, textOf(measured), wanted, met ? 'met' : '**not met**']),
  )
  const met = rows.filter((row) => row.at(-1) === 'met').length
  const head = ['part', 'aim', 'measured', 'target', '']
  return `## Aims\n\nThe targets that the project set for itself. The runs below meet ${met} of ${rows.length}.\n\n${markdown([head, ...rows], ['', '', '-:', '', ''])}`
}

function partOf({ name, title, about, date, node, machine, load, peers, tables }) {
  const versions = Object.entries(peers).map(([peer, version]) => `${peer} ${version}`)
  const compared = versions.length > 0 ? ` Compared with ${versions.join(', ')}.` : ''
  const made = `\`npm run bench -- ${name}\`, ${date}, Node ${node.slice(1)}, ${machine}, load ${textOf(load)} at the start.${compared}`
  const parts = tables.map((table) => {
    const sides = table.columns.map((column) => (isNumeric(column, table.rows) ? '-:' : ''))
    return `**${table.caption}**\n\n${markdown(cellsOf(table), sides)}${table.note ? `\n\n${table.note}` : ''}`
  })
  return [`## ${title}`, about, ...parts, made].join('\n\n')
}

function markdown([head, ...rows], sides) {
  const line = (cells) => `| ${cells.join(' | ')} |`
  return [line(head), line(sides.map((side) => side || '-')), ...rows.map(line)].join('\n')
}
