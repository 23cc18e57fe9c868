// A stand-in for a ledger provider: a chain that grows and sometimes forks. It depends only on the seed, so every worker, however often it
// is killed, sees the same provider.

/** @typedef {import('@fluxora/verify/reorg').Ledger} Ledger */

/** A small random number generator (mulberry32): with the same seed, the example runs the same way. */
export function random(/** @type {number} */ seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * What the provider shows at each moment: pages of one branch, some of them late, some of them twice.
 *
 * @param {number} seed
 * @param {number} moments
 * @returns {{ pages: { ledgers: Ledger[], chain: Ledger[] }[], canonical: Ledger[] }} each page with the whole branch that it belongs to
 */
export function chainOf(seed, moments) {
  const chance = random(seed)
  /** @type {Ledger[]} */
  let chain = [{ sequence: 1000, hash: 'genesis-of-the-example', closedAt: 1_700_000_000 }]
  const pages = [{ ledgers: chain.slice(), chain: chain.slice() }]
  for (let moment = 1; moment < moments; moment++) {
    // A fork replaces up to four ledgers. The last moments have none, so that the end is settled.
    if (chance() < 0.15 && moment < moments - 10)
      chain = chain.slice(0, Math.max(1, chain.length - 1 - Math.floor(chance() * 4)))
    for (let grown = 0; grown <= chance() * 3; grown++) {
      const parent = /** @type {Ledger} */ (chain.at(-1))
      const sequence = parent.sequence + 1
      const hash = `${sequence}-${Math.floor(chance() * 2 ** 32).toString(16)}`
      chain.push({ sequence, hash, parentHash: parent.hash, closedAt: 1_700_000_000 + sequence * 5 })
    }
    pages.push({ ledgers: chain.slice(-1 - Math.floor(chance() * 8)), chain: chain.slice() })
    // A second, lagging node shows an older page.
    if (chance() < 0.2) pages.push(/** @type {typeof pages[number]} */ (pages[Math.max(0, pages.length - 4)]))
  }
  return { pages, canonical: chain }
}
