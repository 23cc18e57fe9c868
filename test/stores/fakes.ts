// Clients that are none, for what the real ones would never answer. They answer the question by which a store finds out whether it is
// understood, as every client does; what comes after that is the test's.

/** An ioredis that answers every script alike. */
export function redisAnswering(reply: unknown) {
  const answer = async (_script: string, _count: number, key: string): Promise<unknown> =>
    key.endsWith('probe') ? 213 : reply
  return { evalsha: answer, eval: answer }
}

/** What the Postgres store asks first of a client, and the row that is right. */
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
