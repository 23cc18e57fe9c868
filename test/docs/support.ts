// Shared by the settings.

import { once } from 'node:events'
import { createServer } from 'node:net'

/** What the handlers in the blocks received. */
export const credited: unknown[] = []

export async function credit(payment: unknown, _options?: { signal: AbortSignal }): Promise<void> {
  credited.push(payment)
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0)
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port')
  return address.port
}
