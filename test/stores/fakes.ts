// Fake clients, for answers that real ones would never give. They pass the check that a store makes first; after that they answer what
// the test wants.

/** An ioredis that gives every script the same answer. */
export function redisAnswering(reply: unknown) {
  const answer = async (_script: string, _count: number, key: string): Promise<unknown> =>
    key.endsWith('probe') ? 213 : reply
  return { evalsha: answer, eval: answer }
}

/** How the check of the Postgres store begins, and the row that passes it. */
export const POSTGRES_PROBE = 'SELECT $1::text AS'
export const POSTGRES_PROOF = { text: 'fluxora', yes: true, no: false, number: 1.5, count: 2 }

/** A PostgreSQL client that answers every statement with these rows. */
export function postgresAnswering(rows: readonly object[]) {
  return {
    query: async (given: string | { text: string }) => {
      const text = typeof given === 'string' ? given : given.text
      return { rows: text.includes(POSTGRES_PROBE) ? [POSTGRES_PROOF] : rows }
    },
  }
}
