// Servers that a test opens. They are closed after the test, the last one first.

import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach } from 'vitest'

const closing: (() => unknown)[] = []
afterEach(closeServers)

/** Closes what is open. Only a file whose own `afterEach` must come after that has to call it. */
export async function closeServers(): Promise<void> {
  for (const close of closing.splice(0).reverse()) await close()
}

/** Calls a function after the test. */
export function closeAfterTest(close: () => unknown): void {
  closing.push(close)
}

/** Starts a server, or one around a listener, and resolves to its port. */
export async function listen(given: Server | RequestListener): Promise<number> {
  const server = typeof given === 'function' ? createServer(given) : given
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closeAfterTest(() => new Promise((resolve) => server.close(resolve).closeAllConnections()))
  return (server.address() as AddressInfo).port
}
