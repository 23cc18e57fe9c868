// A stand-in for a ledger provider: a chain that grows and now and then forks, and that a worker can only ask over time. It is a pure
// function of the seed, so that every worker, however often it is killed, asks the same provider.

/** @typedef {import('@fluxora/verify/reorg').Ledger} Ledger */

/** A small generator with a good spread (mulberry32): the example must be the same on every run of one seed. */
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
 * What the provider would show at each moment: whole pages of one branch, some of them late, some twice.
 *
 * @param {number} seed
 * @param {number} moments
 * @returns {{ pages: { ledgers: Ledger[], chain: Ledger[] }[], canonical: Ledger[] }} each page with the whole branch it is of
 */
export function chainOf(seed, moments) {
  const chance = random(seed)
  /** @type {Ledger[]} */
  let chain = [{ sequence: 1000, hash: 'genesis-of-the-example', closedAt: 1_700_000_000 }]
  const pages = [{ ledgers: chain.slice(), chain: chain.slice() }]
  for (let moment = 1; moment < moments; moment++) {
    // A fork replaces up to four ledgers; the last moments are calm, so that the end is settled.
    if (chance() < 0.15 && moment < moments - 10)
      chain = chain.slice(0, Math.max(1, chain.length - 1 - Math.floor(chance() * 4)))
    for (let grown = 0; grown <= chance() * 3; grown++) {
      const parent = /** @type {Ledger} */ (chain.at(-1))
      const sequence = parent.sequence + 1
      const hash = `${sequence}-${Math.floor(chance() * 2 ** 32).toString(16)}`
      chain.push({ sequence, hash, parentHash: parent.hash, closedAt: 1_700_000_000 + sequence * 5 })
    }
    pages.push({ ledgers: chain.slice(-1 - Math.floor(chance() * 8)), chain: chain.slice() })
    // A second node that lags shows an older page.
    if (chance() < 0.2) pages.push(/** @type {typeof pages[number]} */ (pages[Math.max(0, pages.length - 4)]))
  }
  return { pages, canonical: chain }
}
