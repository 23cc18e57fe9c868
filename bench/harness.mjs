// Side-by-side measuring: every case runs in each of several rounds, in another order each time, so that what else the machine does
// falls on all alike. A case's figure is the least over its rounds of mitata's lower quartile; its spread is over the rounds.

import { measure } from 'mitata'

/**
 * @param {Record<string, () => unknown>} cases the first one is the floor that the others are compared with
 * @param {{ rounds?: number }} [options]
 * @returns {Promise<{ name: string, ns: number, ratio: number, low: number, high: number }[]>}
 */
export async function compare(cases, { rounds = 7 } = {}) {
  const names = Object.keys(cases)
  const figures = new Map(names.map((name) => [name, /** @type {number[]} */ ([])]))
  for (let round = 0; round < rounds; round++) {
    const order = names.map((_, i) => names[(i + round) % names.length])
    for (const name of order) {
      const { p25 } = await measure(cases[name], { min_cpu_time: 60e6, min_samples: 12 })
      figures.get(name).push(p25)
    }
  }
  const floor = figures.get(names[0])
  return names.map((name) => {
    const own = figures.get(name)
    // Round by round against the floor of the same round: what was slow then was slow for both.
    const ratios = own.map((ns, round) => ns / floor[round]).sort((a, b) => a - b)
    return {
      name,
      ns: Math.min(...own),
      ratio: Math.min(...own) / Math.min(...floor),
      low: ratios[0],
      high: ratios.at(-1),
    }
  })
}

/** @param {Awaited<ReturnType<typeof compare>>} rows */
export function print(title, rows) {
  console.log(`\n${title}\n${'case'.padEnd(46)}${'ns'.padStart(12)}${'ratio'.padStart(8)}   spread over rounds`)
  for (const { name, ns, ratio, low, high } of rows) {
    console.log(
      `${name.padEnd(46)}${ns.toFixed(ns < 100 ? 1 : 0).padStart(12)}${ratio.toFixed(2).padStart(8)}   ${low.toFixed(2)} … ${high.toFixed(2)}`,
    )
  }
}
