// Sends a script by its digest, so that its text travels only once.

import { hexDigest } from '../shared/digest.ts'
import type { RedisCommands } from './clients/commands.ts'
import { isUnknownScript } from './errors.ts'

export type RunScript = (keys: string[], args: string[]) => Promise<unknown>

/** Makes a function that runs a script by EVALSHA, and by EVAL on a server that does not have it. */
export function scriptRunner(commands: RedisCommands, script: string): RunScript {
  let sha1: string | undefined
  return async (keys, args) => {
    sha1 ??= await hexDigest('SHA-1', script)
    try {
      return await commands.evalSha(sha1, keys, args)
    } catch (error) {
      if (!isUnknownScript(error)) throw error
      return commands.eval(script, keys, args)
    }
  }
}
