// Where the real servers are. If one is missing, its tests are skipped with a message; in CI that is an error.

import { connect } from 'node:net'

export const REDIS_URL: string = process.env.TEST_REDIS_URL ?? 'redis://127.0.0.1:6379'
export const POSTGRES_URL: string = process.env.TEST_POSTGRES_URL ?? 'postgres://root@127.0.0.1:5432/test'

/** Whether the server answers. If not, throws in CI, and otherwise prints what is skipped and why. */
export async function isReachable(what: string, url: string): Promise<boolean> {
  const { hostname, port } = new URL(url)
  const problem = await new Promise<string | undefined>((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), timeout: 2000 })
    socket.once('connect', () => resolve(undefined))
    socket.once('timeout', () => resolve('no answer within 2 seconds'))
    socket.once('error', (error) => resolve(error.message || String((error as NodeJS.ErrnoException).code)))
    socket.once('close', () => socket.destroy())
  }).catch(String)
  if (problem === undefined) return true
  const message = `${what} is not reachable at ${hostname}:${port} (${problem})`
  if (process.env.CI === 'true') throw new Error(`${message}; no suite may be skipped in CI`)
  console.warn(`SKIPPED: ${message}; its suites did not run`)
  return false
}
