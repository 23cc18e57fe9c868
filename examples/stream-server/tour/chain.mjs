// The chain: a reorg is followed, shows in /health, and is over when the chain has grown. Bad batches from a provider are refused.

/** @typedef {import('./tour.mjs').Step} Step */

/**
 * @param {import('./tour.mjs').Tour} tour
 * @returns {Step[]}
 */
export function chainTour({ origin }) {
  /** @param {...(readonly [sequence: number, hash?: string])} ledgers */
  async function ingest(...ledgers) {
    const body = JSON.stringify({ ledgers: ledgers.map(([sequence, hash]) => ({ sequence, hash })) })
    const response = await fetch(`${origin}/internal/ledgers`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    const { code, lastSafeLedger, error } = /** @type {any} */ (await response.json())
    return error ? `${response.status} ${error.code}` : `${response.status} ${code}, safe ${lastSafeLedger}`
  }
  async function health() {
    const { status, reorgDetected } = /** @type {any} */ (await (await fetch(`${origin}/health`)).json())
    return reorgDetected ? `${status}, reorgDetected` : status
  }

  return [
    {
      name: 'ledgers 100 and 101',
      expected: '200 EXTENDED, safe 100, ok',
      send: async () => `${await ingest([100, 'a'], [101, 'b'])}, ${await health()}`,
      why: 'safe is one ledger behind the tip',
    },
    {
      name: 'the same again',
      expected: '200 DUPLICATE, safe 100',
      send: () => ingest([100, 'a'], [101, 'b']),
      why: 'sending it twice changes nothing',
    },
    {
      name: 'ledger 101 replaced',
      expected: '200 REORG, safe 100, degraded, reorgDetected',
      send: async () => `${await ingest([101, 'c'])}, ${await health()}`,
      why: 'rolls back to 100, then applies the new 101',
    },
    {
      name: 'growth',
      expected: '200 EXTENDED, safe 106, ok',
      send: async () => {
        const answer = await ingest(...[102, 103, 104, 105, 106, 107].map((n) => /** @type {const} */ ([n, `h${n}`])))
        return `${answer}, ${await health()}`
      },
      why: 'the new branch has grown long enough',
    },
    {
      name: 'a ledger with no hash',
      expected: '400 INVALID',
      send: () => ingest([108]),
      why: 'refuses the whole batch, changes nothing',
    },
    {
      name: 'two hashes, one height',
      expected: '400 INVALID',
      send: () => ingest([108, 'x'], [108, 'y']),
      why: 'a batch that contradicts itself is not a reorg',
    },
    {
      name: 'far ahead',
      expected: '409 GAP_TOO_LARGE',
      send: () => ingest([900_000, 'far']),
      why: 'one unlinked ledger must not move finality',
    },
    {
      name: 'the records',
      expected: 'a c h102 h103 h104 h105 h106 h107',
      send: async () => {
        const { ledgers } = /** @type {any} */ (await (await fetch(`${origin}/internal/ledgers`)).json())
        return ledgers.map((/** @type {any} */ { hash }) => hash).join(' ')
      },
      why: 'exactly the canonical chain',
    },
  ]
}
