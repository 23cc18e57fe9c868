// Sends statements in the way that suits the client best.

import { isPg, isPgPool, type PgClient, type PostgresClient, type Row, readRows, type Send } from './client.ts'
import { DUPLICATE_PREPARED_STATEMENT, INVALID_SQL_STATEMENT_NAME, sqlStateOf } from './sqlstate.ts'

/** Makes a sender for a client: prepared statements for pg, plain ones for all others. */
export function createSender(option: string, client: PostgresClient): Send {
  if (!isPg(client)) return (text, values) => sendPlain(option, client, text, values)
  const send = preparingSender(option, client)
  // A pool queues statements itself; pg 9 will no longer do so for a Client.
  return isPgPool(client) ? send : oneAtATime(send)
}

async function sendPlain(
  option: string,
  client: PostgresClient,
  text: string,
  values: unknown[],
): Promise<readonly Row[]> {
  return readRows(option, await client.query(text, values))
}

/**
 * Prepares statements, because planning them takes as long as running them. A pooler such as PgBouncer may lend each statement another
 * connection, which does not know it, or knows it already. The first such error turns preparing off.
 */
function preparingSender(option: string, client: PgClient): Send {
  const names = new Map<string, string>()
  let isPreparing = true

  function nameOf(text: string): string {
    let name = names.get(text)
    if (name === undefined) {
      name = statementName(text)
      names.set(text, name)
    }
    return name
  }

  return async (text, values) => {
    if (!isPreparing) return sendPlain(option, client, text, values)
    try {
      return readRows(option, await client.query({ name: nameOf(text), text, values }))
    } catch (error) {
      const state = sqlStateOf(error)
      if (state !== INVALID_SQL_STATEMENT_NAME && state !== DUPLICATE_PREPARED_STATEMENT) throw error
      isPreparing = false
      return sendPlain(option, client, text, values)
    }
  }
}

function oneAtATime(send: Send): Send {
  let last: Promise<unknown> = Promise.resolve()
  return (text, values) => {
    const answer = last.then(() => send(text, values))
    last = answer.catch(() => {})
    return answer
  }
}

/** Each text has its own name, the same in every copy of this module that shares a pool: two 32-bit hashes in the manner of FNV-1a. */
function statementName(text: string): string {
  let first = 0x811c9dc5
  let second = 0x1000193
  for (let at = 0; at < text.length; at++) {
    first = Math.imul(first ^ text.charCodeAt(at), 0x01000193)
    second = Math.imul(second ^ text.charCodeAt(at), 0x5bd1e995)
  }
  return `fluxora_${(first >>> 0).toString(16)}_${(second >>> 0).toString(16)}`
}
