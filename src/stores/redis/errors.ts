// What errors of Redis mean, whether a client passes them on as they are, in its own words, or inside another error.

import { errorChain } from '../shared/error-chain.ts'
import { FOREIGN_VALUE } from './record.ts'

/**
 * The keys are in different hash slots, so one command cannot have them all. Redis and Valkey say CROSSSLOT; ioredis words it differently
 * when it sends pipelines; valkey-glide and proxies in front of a cluster have their own words too.
 */
export function isCrossSlot(error: unknown): boolean {
  return hasMessage(error, /CROSSSLOT|CrossSlot|\bsame (hash ?)?slots?\b|\bdifferent slots\b/)
}

/** The server does not have the script: it has not seen it, or has been restarted since. */
export function isUnknownScript(error: unknown): boolean {
  return hasMessage(error, /NOSCRIPT|NoScript|No matching script/)
}

/** The server does not know the command in this form. */
export function isRefusedCommand(error: unknown): boolean {
  return hasMessage(error, /(^|\W)ERR |syntax error/)
}

/** A key has a value that the store did not write: of another type, or a text that is not a record. */
export function isForeignValue(error: unknown): boolean {
  return hasMessage(error, new RegExp(`WRONGTYPE|${FOREIGN_VALUE}`))
}

function hasMessage(error: unknown, pattern: RegExp): boolean {
  for (const { message } of errorChain(error)) {
    if (typeof message === 'string' && pattern.test(message)) return true
  }
  return false
}
