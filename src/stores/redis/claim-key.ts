// Claims one key, as most deliveries have, by a plain SET: it costs the server a third of what the script does.

import type { ClaimAnswer } from '../shared/answer.ts'
import type { StoredKey } from '../shared/request.ts'
import type { RedisCommands } from './clients/commands.ts'
import { isRefusedCommand } from './errors.ts'
import { claimRecord, judgeRecord, type Lease } from './record.ts'
import type { Scripts } from './scripts.ts'

export type ClaimKey = (key: StoredKey, lease: Lease) => Promise<ClaimAnswer>

/**
 * Makes a function that claims one key by `SET … NX GET`, and asks the script if the record that it finds leaves the answer open. Redis 6
 * does not take NX together with GET; the first claim finds that out, and from then on the script does everything.
 */
export function keyClaimer({ setIfAbsent }: RedisCommands, scripts: Scripts): ClaimKey {
  let canSetIfAbsent = true

  return async (key, lease) => {
    if (!setIfAbsent || !canSetIfAbsent) return scripts.claimOne(key, lease)
    let record: unknown
    try {
      record = await setIfAbsent(key.name, claimRecord(key, lease), lease.leaseMs + lease.bindMs)
    } catch (error) {
      if (!isRefusedCommand(error)) throw error
      const answer = await scripts.claimOne(key, lease)
      // Only after the script has succeeded: an error that it meets too is not about the command.
      canSetIfAbsent = false
      return answer
    }
    if (record === null) return { status: 'claimed' }
    const verdict = judgeRecord(record, key)
    if (verdict.status === 'unclear') return scripts.claimOne(key, lease)
    return verdict
  }
}
