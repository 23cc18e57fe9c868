// Claiming one key, as most deliveries have.

import type { StoredKey } from '../shared/request.ts'
import type { Take } from './client.ts'
import { isRefusedCommand } from './errors.ts'
import { answerTo, claimRecord, markOf, text } from './record.ts'
import type { Scripts } from './run.ts'

/** Claims a key: 0, a code, or for how long another holds it. */
export type ClaimOne = (key: StoredKey, token: string, lease: number, bind: number) => Promise<number>

/** Takes a key that is free by a plain command, a third of what the script costs the server. What that leaves open, the script tells. */
export function claimerOfOne(run: Scripts, take: Take | undefined): ClaimOne {
  // Found out from the first claim of one key that only the script could do: Redis 6 does not take NX together with GET.
  let isTakenByScript = false

  return async (key, token, lease, bind) => {
    const record = claimRecord(token, lease, bind, markOf(key))
    const byScript = () => run.claim([key.name], [record, text(lease + bind)])
    if (!take || isTakenByScript) return byScript()
    let reply: unknown
    try {
      reply = await take(key.name, record, lease + bind)
    } catch (error) {
      if (!isRefusedCommand(error)) throw error
      const code = await byScript()
      isTakenByScript = true
      return code
    }
    return reply === null ? 0 : (answerTo(reply, markOf(key)) ?? byScript())
  }
}
