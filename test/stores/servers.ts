// Where the real servers are, and what to do when they are not there: say so, and fail where nothing may be skipped.

import { connect } from 'node:net'

export const REDIS_URL: string = process.env.TEST_REDIS_URL ?? 'redis://127.0.0.1:6379'
export const POSTGRES_URL: string = process.env.TEST_POSTGRES_URL ?? 'postgres://root@127.0.0.1:5432/test'

/** True where the server answers. Where not: an error with CI=true, otherwise a line that says what is skipped and why. */
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
  if (process.env.CI === 'true') throw new Error(`${message}; in CI no suite may be skipped`)
  console.warn(`SKIPPED: ${message}; its suites did not run`)
  return false
}
