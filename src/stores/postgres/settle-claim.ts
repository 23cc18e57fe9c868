// Commits, releases or extends a claim, whichever way statements are sent.

import type { Claim } from '../contract.ts'
import { readKeys } from '../shared/request.ts'
import type { Send } from './client.ts'
import { indexKeys } from './index-keys.ts'
import type { SettleSql } from './sql/settle.ts'

/** True if the token still held all keys of the claim, which have then been changed; false if nothing was changed. */
export async function settleClaim(
  send: Send,
  sql: SettleSql,
  claim: Claim,
  ...parameters: readonly number[]
): Promise<boolean> {
  const keys = await indexKeys(readKeys(claim.keys))
  const names = keys.map(({ name }) => name).sort()
  if (names.length === 1) {
    const rows = await send(sql.one, [names[0], claim.token, ...parameters])
    return rows.length === 1
  }
  const rows = await send(sql.set, [names, claim.token, ...parameters])
  return rows.length === names.length
}
