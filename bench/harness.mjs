// Measures cases side by side. Every case runs in each of several rounds, in a different order each time, so that other load on the machine
// affects all of them alike. `compare` is for calls that may be repeated, `compareFresh` for calls that need a new input each time.

import { measure } from 'mitata'
import { median } from '../scripts/shared/statistics.mjs'

/** Only checks that a benchmark runs: `npm run bench -- --quick`. The figures are not kept. */
export const quick = process.env.BENCH_QUICK === '1'

/**
 * @typedef {{ name: string, ns: number, ratio: number, low: number, high: number }} Figure
 * `ns` is the lowest of all rounds; `ratio` is the median ratio to the first case, `low` and `high` are the quartiles
 */

/**
 * Times calls that may be repeated, and awaits promises. The figure of a round is mitata's lower quartile.
 *
 * @param {Record<string, () => unknown>} cases the others are compared with the first
 * @param {{ rounds?: number }} [options]
 * @returns {Promise<Figure[]>}
 */
export function compare(cases, { rounds = 11 } = {}) {
  const budget = { min_cpu_time: quick ? 20e6 : 40e6, min_samples: 12 }
  return interleave(Object.keys(cases), rounds, async (name) => (await measure(cases[name], budget)).p25)
}

/**
 * Times calls whose input must be new each time, like real deliveries. Creating the inputs is not measured. The figure of a round is the
 * mean over one batch.
 *
 * @template Input
 * @param {Record<string, (input: Input) => unknown>} cases the others are compared with the first
 * @param {{ make: () => Input, batch: number, rounds: number }} options
 * @returns {Promise<Figure[]>}
 */
export async function compareFresh(cases, { make, batch, rounds }) {
  const run = async (name) => {
    const inputs = Array.from({ length: quick ? batch / 10 : batch }, make)
    globalThis.gc?.()
    return timeEach(inputs, cases[name])
  }
  for (const name of Object.keys(cases)) await run(name) // warm up the compiler
  return interleave(Object.keys(cases), rounds, run)
}

/** Nanoseconds per call, one call after another. */
export async function timeEach(inputs, call) {
  const start = process.hrtime.bigint()
  for (const input of inputs) {
    const result = call(input)
    if (result instanceof Promise) await result
  }
  return Number(process.hrtime.bigint() - start) / inputs.length
}

/**
 * @param {readonly string[]} names
 * @param {number} rounds
 * @param {(name: string) => Promise<number>} time
 * @returns {Promise<Figure[]>}
 */
export async function interleave(names, rounds, time) {
  const figures = new Map(names.map((name) => [name, /** @type {number[]} */ ([])]))
  for (let round = 0; round < (quick ? 1 : rounds); round++) {
    for (const name of inTurn(names, round)) figures.get(name).push(await time(name))
  }
  const floor = figures.get(names[0])
  return names.map((name) => {
    const own = figures.get(name)
    // Compare within the same round: if the machine was slow then, it was slow for both.
    const ratios = own.map((ns, round) => ns / floor[round])
    return { name, ns: Math.min(...own), ...spreadOf(ratios, 'ratio') }
  })
}

/** The median, under the name `of`, and the quartiles. */
export function spreadOf(numbers, of) {
  const sorted = [...numbers].sort((a, b) => a - b)
  const at = (share) => sorted[Math.round((sorted.length - 1) * share)]
  return { [of]: median(sorted), low: at(0.25), high: at(0.75) }
}

/** The same names, starting with a different one in each round. */
export function inTurn(names, round) {
  return names.map((_, i) => names[(i + round + names.length) % names.length])
}
