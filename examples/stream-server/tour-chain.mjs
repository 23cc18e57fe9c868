// The chain: a reorg is followed, shows in /health, and is over when the chain has grown. Bad batches from a provider are refused.

/** @typedef {import('./tour-webhooks.mjs').Step} Step */

/**
 * @param {string} origin
 * @param {{ setDatabaseDown: (isDown: boolean) => void, chain: () => string[] }} indexer
 * @returns {Step[]}
 */
export function chainTour(origin, indexer) {
  /** @param {...(readonly [sequence: number, hash?: string])} ledgers */
  async function ingest(...ledgers) {
    const body = JSON.stringify({ ledgers: ledgers.map(([sequence, hash]) => ({ sequence, hash })) })
    const response = await fetch(`${origin}/internal/ledgers`, { method: 'POST', body })
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
      name: 'store unavailable',
      expected: '503 SERVICE_UNAVAILABLE, then 200 EXTENDED, safe 107',
      send: async () => {
        indexer.setDatabaseDown(true)
        const first = await ingest([108, 'h108'])
        indexer.setDatabaseDown(false)
        return `${first}, then ${await ingest([108, 'h108'])}`
      },
      why: 'nothing is lost: the provider sends it again',
    },
    {
      name: 'the records',
      expected: 'a c h102 h103 h104 h105 h106 h107 h108',
      send: async () => indexer.chain().join(' '),
      why: 'exactly the canonical chain',
    },
  ]
}
