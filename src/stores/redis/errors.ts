// What an error of Redis says, whichever client hands it over: as it came, in words of its own, or inside another error.

import { FOREIGN } from './record.ts'

/**
 * The keys live in different slots, so one command cannot have them all. Redis and Valkey say CROSSSLOT; ioredis says it in words of its
 * own where it sends pipelines; valkey-glide in a third way; and so do proxies before a cluster.
 */
export function isCrossSlot(error: unknown): boolean {
  return says(error, /CROSSSLOT|CrossSlot|\bsame (hash ?)?slots?\b|\bdifferent slots\b/)
}

/** The server has not seen the script, or was started again since. */
export function isUnknownScript(error: unknown): boolean {
  return says(error, /NOSCRIPT|NoScript|No matching script/)
}

/** The server does not take the command as it is spelled. */
export function isRefusedCommand(error: unknown): boolean {
  return says(error, /(^|\W)ERR |syntax error/)
}

/** Something else lives under a key of ours: of another type, or text that no script of ours has written. */
export function isForeignValue(error: unknown): boolean {
  return says(error, new RegExp(`WRONGTYPE|${FOREIGN}`))
}

function says(error: unknown, what: RegExp): boolean {
  let each: unknown = error
  for (let depth = 0; depth < 5 && typeof each === 'object' && each !== null; depth++) {
    const { message, cause } = each as { message?: unknown; cause?: unknown }
    if (typeof message === 'string' && what.test(message)) return true
    each = cause
  }
  return false
}
