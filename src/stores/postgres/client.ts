// The clients: how statements are sent.

/** What is used of a client: a `Pool`, `Client` or `PoolClient` of pg, a PGlite, or anything with the same query method. */
export interface PostgresClient {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>
}

export function isClient(value: unknown): boolean {
  return typeof (value as PostgresClient | null | undefined)?.query === 'function'
}

/**
 * Sends statements as the client likes them best. pg's are prepared, since planning them takes as long as running them, unless a pooler
 * between lends each statement another connection: the first that meets a connection where it is unknown, or known already, tells.
 * pg 9 will no longer queue the queries of a `Client`, so that is done here.
 */
export function sender(client: PostgresClient): (text: string, values: unknown[]) => Promise<readonly unknown[]> {
  const { connect, totalCount } = client as PostgresClient & { connect?: unknown; totalCount?: unknown }
  let isPrepared = typeof connect === 'function'
  const isSingle = isPrepared && typeof totalCount !== 'number'
  const names = new Map<string, string>()
  let last: Promise<unknown> = Promise.resolve()

  function nameOf(text: string): string {
    const known = names.get(text)
    if (known !== undefined) return known
    names.set(text, digestName(text))
    return nameOf(text)
  }

  async function send(text: string, values: unknown[]): Promise<readonly unknown[]> {
    if (isPrepared) {
      try {
        return (await client.query({ name: nameOf(text), text, values } as unknown as string)).rows
      } catch (error) {
        if (!NOT_PREPARED.includes(codeOf(error))) throw error
        isPrepared = false
      }
    }
    return (await client.query(text, values)).rows
  }

  if (!isSingle) return send
  return (text, values) => {
    const next = last.then(() => send(text, values))
    last = next.catch(() => {})
    return next
  }
}

/** Invalid and duplicate name of a prepared statement. */
const NOT_PREPARED: readonly unknown[] = ['26000', '42P05']

/** One name, one text, also where two copies of this module share a pool: FNV-1a, twice. */
function digestName(text: string): string {
  let [a, b] = [0x811c9dc5, 0x1000193]
  for (let at = 0; at < text.length; at++) {
    a = Math.imul(a ^ text.charCodeAt(at), 0x01000193)
    b = Math.imul(b ^ text.charCodeAt(at), 0x5bd1e995)
  }
  return `fluxora_${(a >>> 0).toString(16)}_${(b >>> 0).toString(16)}`
}

export function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null | undefined)?.code
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
