// A TCP proxy in front of a real server, by which a test takes that server away and gives it back.

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface ServerProxy {
  /** The server's address, by way of the proxy. */
  readonly url: string
  /** Cuts every connection and lets no new one be. */
  cut(): void
  /** Keeps every connection, and takes new ones, but passes nothing on: a cable that was pulled. */
  swallow(): void
  restore(): void
  close(): Promise<void>
}

export async function proxyTo(target: string): Promise<ServerProxy> {
  const { hostname, port } = new URL(target)
  const pairs = new Set<readonly [Socket, Socket]>()
  let mode: 'open' | 'cut' | 'swallow' = 'open'
  const server = createServer((near) => {
    near.on('error', () => {})
    if (mode === 'cut') return near.destroy()
    if (mode === 'swallow') return near.resume()
    const far = connect(Number(port), hostname)
    far.on('error', () => {})
    const pair = [near, far] as const
    pairs.add(pair)
    near.pipe(far)
    far.pipe(near)
    const end = (): void => {
      pairs.delete(pair)
      for (const socket of pair) socket.destroy()
    }
    near.on('close', end)
    far.on('close', end)
    return near
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(target)
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const cut = (): void => {
    mode = 'cut'
    for (const [near] of pairs) near.destroy()
  }
  return {
    url: url.href,
    cut,
    swallow() {
      mode = 'swallow'
      for (const [near, far] of pairs) {
        near.unpipe(far)
        far.unpipe(near)
        near.resume()
        far.resume()
      }
    },
    restore() {
      // What hung stays hung, as a connection does that a firewall has forgotten.
      mode = 'open'
    },
    async close() {
      cut()
      server.close()
      await once(server, 'close')
    },
  }
}
