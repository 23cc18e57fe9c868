// The tour: each step sends something over loopback HTTP and says which answer it expects.

import { chainTour } from './chain.mjs'
import { outgoingTour } from './outgoing.mjs'
import { streamTour } from './streams.mjs'
import { webhookTour } from './webhooks.mjs'

/** @typedef {{ name: string, expected: string, send: () => Promise<string>, why: string }} Step */
/**
 * @typedef {object} Tour
 * @property {string} origin
 * @property {number} startedAt Unix seconds, of the server's stopped clock
 * @property {import('../settings.mjs').Settings['secrets']} secrets
 * @property {import('../storage/open.mjs').Storage} storage
 * @property {{ isOn: boolean }} outage
 */

/**
 * @param {Tour} tour
 * @returns how many answers were not the expected ones
 */
export async function takeTour(tour) {
  let unexpected = 0
  for (const { name, expected, send, why } of [
    ...webhookTour(tour),
    ...streamTour(tour),
    ...chainTour(tour),
    ...outgoingTour(tour),
  ]) {
    const answer = await send()
    if (answer !== expected) unexpected++
    console.log(`${answer === expected ? 'ok  ' : 'FAIL'} ${name.padEnd(24)}${answer.padEnd(54)}${why}`)
    if (answer !== expected) console.log(`${' '.repeat(29)}expected: ${expected}`)
  }
  return unexpected
}
