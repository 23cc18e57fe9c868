// Draws the picture in docs/benchmarks.md: a panel of bars for each table with a `plot`. Each bar is a ratio to the panel's first row.
// Plain SVG with its own background, in the reader's colour scheme, so that it is readable anywhere.

import { textOf } from './format.mjs'

const WIDTH = 900
const COLUMN = 430
const GAP = 40
const LABEL = 178
const ROW = 22
const HEAD = 34
const TOP = 64

const style = `
  .ground { fill: #ffffff } .ink { fill: #1f2328 } .faint { fill: #59636e } .line { stroke: #d1d9e0 }
  .ours { fill: #0969da } .peer { fill: #9aa4b0 } .floor { fill: #57606a }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117 } .ink { fill: #e6edf3 } .faint { fill: #9198a1 } .line { stroke: #3d444d }
    .ours { fill: #4493f8 } .peer { fill: #59636e } .floor { fill: #b1bac4 }
  }
  text { font: 12px system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif }
  .title { font-size: 17px; font-weight: 600 } .caption { font-weight: 600 }`

/** @param {{ tables: { plot?: { title: string, rows: Record<string, string> }, rows: object[] }[] }[]} found */
export function drawPlot(found) {
  const panels = found.flatMap(({ tables }) => tables.filter(({ plot }) => plot).map(panelOf))
  const heights = []
  const drawn = []
  // Two columns; a row of panels is as high as its taller panel.
  let y = TOP
  for (let at = 0; at < panels.length; at += 2) {
    const line = panels.slice(at, at + 2)
    line.forEach((panel, column) => {
      drawn.push(draw(panel, 20 + column * (COLUMN + GAP - 20), y))
    })
    heights.push(Math.max(...line.map(({ bars }) => HEAD + bars.length * ROW + 22)))
    y += heights.at(-1)
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 6}" width="${WIDTH}" height="${y + 6}" role="img" aria-label="Time of one call compared with code written by hand">
<style>${style}
</style>
<rect class="ground" width="100%" height="100%" rx="8"/>
<text class="ink title" x="20" y="30">Time of one call, relative to code written by hand (1)</text>
<text class="faint" x="20" y="49">Shorter is faster. Same process, same input, interleaved rounds. The thin line is 1.</text>
${drawn.join('\n')}
</svg>
`
}

function panelOf({ plot, rows }) {
  const bars = Object.entries(plot.rows).map(([name, label]) => {
    const { ratio } = rows.find((row) => row.name === name)
    return { label, ratio, kind: name.startsWith('@fluxora/verify') ? 'ours' : 'peer' }
  })
  bars[0].kind = 'floor'
  return { title: plot.title, bars }
}

function draw({ title, bars }, x, y) {
  const room = COLUMN - LABEL - 66
  const scale = room / Math.max(...bars.map(({ ratio }) => ratio), 1)
  const start = x + LABEL + 8
  const rows = bars.map(({ label, ratio, kind }, at) => {
    const top = y + HEAD + at * ROW - 12
    const width = Math.max(1.5, ratio * scale)
    return `<text class="${kind === 'ours' ? 'ink caption' : 'ink'}" x="${x + LABEL}" y="${top + 12}" text-anchor="end">${escaped(label)}</text>
<rect class="${kind}" x="${start}" y="${top}" width="${width.toFixed(1)}" height="16" rx="2"/>
<text class="faint" x="${(start + width + 6).toFixed(1)}" y="${top + 12}">${textOf(ratio, 2)}</text>`
  })
  const one = (start + scale).toFixed(1)
  const bottom = y + HEAD + bars.length * ROW - 12
  return `<text class="ink caption" x="${x}" y="${y + 10}">${escaped(title)}</text>
${rows.join('\n')}
<line class="line" x1="${one}" x2="${one}" y1="${y + 18}" y2="${bottom}"/>`
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
