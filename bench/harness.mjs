// Side-by-side measuring: every case runs in each of several rounds, in another order each time, so that what else the machine does
// falls on all alike. `compare` is for calls that may be repeated, `compareFresh` for those that need a new input each time.

import { measure } from 'mitata'
import { median } from '../scripts/shared/statistics.mjs'

/** A short look at whether a bench runs at all: `npm run bench -- --quick`. Its figures are not kept. */
export const quick = process.env.BENCH_QUICK === '1'

/**
 * @typedef {{ name: string, ns: number, ratio: number, low: number, high: number }} Figure
 * `ns` is the least over the rounds; `ratio` is the median of the rounds' ratios to the floor, `low` and `high` their quartiles
 */

/**
 * Times calls that may be repeated; a promise is awaited. A round's figure is mitata's lower quartile.
 *
 * @param {Record<string, () => unknown>} cases the first one is the floor that the others are compared with
 * @param {{ rounds?: number }} [options]
 * @returns {Promise<Figure[]>}
 */
export function compare(cases, { rounds = 11 } = {}) {
  const budget = { min_cpu_time: quick ? 20e6 : 40e6, min_samples: 12 }
  return interleave(Object.keys(cases), rounds, async (name) => (await measure(cases[name], budget)).p25)
}

/**
 * Times calls whose input must be new each time, as deliveries are in life. Inputs are made outside of what is measured; a round's
 * figure is the mean over one batch.
 *
 * @template Input
 * @param {Record<string, (input: Input) => unknown>} cases the first one is the floor
 * @param {{ make: () => Input, batch: number, rounds: number }} options
 * @returns {Promise<Figure[]>}
 */
export async function compareFresh(cases, { make, batch, rounds }) {
  const run = async (name) => {
    const inputs = Array.from({ length: quick ? batch / 10 : batch }, make)
    globalThis.gc?.()
    return timeEach(inputs, cases[name])
  }
  for (const name of Object.keys(cases)) await run(name) // until the compiler has seen enough
  return interleave(Object.keys(cases), rounds, run)
}

/** Nanoseconds a call, one call after the other. */
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
    // Round by round against the floor of the same round: what was slow then was slow for both.
    const ratios = own.map((ns, round) => ns / floor[round])
    return { name, ns: Math.min(...own), ...spreadOf(ratios, 'ratio') }
  })
}

/** The median under the name `of`, and the quartiles. */
export function spreadOf(numbers, of) {
  const sorted = [...numbers].sort((a, b) => a - b)
  const at = (share) => sorted[Math.round((sorted.length - 1) * share)]
  return { [of]: median(sorted), low: at(0.25), high: at(0.75) }
}

/** The same names, beginning with another one each round. */
export function inTurn(names, round) {
  return names.map((_, i) => names[(i + round + names.length) % names.length])
}
