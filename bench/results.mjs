// The results of a benchmark as plain data: tables of rows, and aims with what was measured. They are printed at once. When run.mjs runs
// the benchmark, they are also written to docs/benchmarks.json, from which report.mjs and plot.mjs make the page and the picture.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { textOf, textTable } from './format.mjs'

const FILE = new URL('../docs/benchmarks.json', import.meta.url)

/** @returns {{ benches: Record<string, object> }} All results so far. */
export function readResults() {
  return existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : { benches: {} }
}

/** The columns of `compare`'s rows. */
export const timed = [
  { key: 'name', title: 'case' },
  { key: 'ns', title: 'ns' },
  { key: 'ratio', title: 'relative to first row', digits: 2 },
  { key: 'spread', title: 'quartiles' },
]

/**
 * @param {string} name The benchmark's name, which is also the name of its file.
 * @param {{ title: string, about: string, peers?: readonly string[] }} described What it compares, in a sentence or two.
 */
export function bench(name, { title, about, peers = [] }) {
  const tables = []
  const aims = []
  const load = loadavg()[0]
  return {
    /**
     * @param {string} caption
     * @param {readonly object[]} rows Those of `compare`, unless `columns` says otherwise.
     * @param {{ columns?: readonly object[], note?: string, plot?: { title: string, rows: Record<string, string> } }} [options]
     * `plot`: the rows that the picture shows too, each with its name there.
     */
    table(caption, rows, { columns = timed, ...rest } = {}) {
      const table = { caption, ...rest, columns, rows: rows.map(plain) }
      tables.push(table)
      console.log(`\n${caption}\n${textTable(table)}${rest.note ? `\n${rest.note}` : ''}`)
    },
    /** One of the project's aims, and whether it was met. `within` is the upper limit, or with `atLeast` the lower one. */
    aim(what, measured, within, { atLeast = false } = {}) {
      const met = atLeast ? measured >= within : measured <= within
      aims.push({ what, measured: rounded(measured), wanted: `${atLeast ? 'at least' : 'at most'} ${within}`, met })
      console.log(`  ${met ? 'met    ' : 'NOT MET'} ${what}: ${rounded(measured)}, target: ${aims.at(-1).wanted}`)
    },
    /** Every benchmark calls this last. */
    done() {
      if (process.env.BENCH_RECORD !== '1') return
      const results = readResults()
      results.benches[name] = {
        title,
        about,
        date: new Date().toISOString().slice(0, 10),
        node: process.version,
        machine: `${cpus().length} × ${cpus()[0]?.model.trim()}`,
        load: rounded(load),
        peers: Object.fromEntries(peers.map((peer) => [peer, versionOf(peer)])),
        tables,
        aims,
      }
      writeFileSync(FILE, `${JSON.stringify(results, null, 2)}\n`)
    },
  }
}

function plain({ low, high, ...row }) {
  const spread = low === undefined ? {} : { spread: `${textOf(low, 2)} … ${textOf(high, 2)}` }
  return Object.fromEntries(
    Object.entries({ ...row, ...spread }).map(([key, value]) => [
      key,
      typeof value === 'number' ? rounded(value) : value,
    ]),
  )
}

/** Four significant digits: more would only be noise, and changes in the file. */
function rounded(value) {
  return Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(4))
}

function versionOf(peer) {
  // Read as a file, because not every package exports its package.json.
  return JSON.parse(readFileSync(new URL(`node_modules/${peer}/package.json`, import.meta.url), 'utf8')).version
}
