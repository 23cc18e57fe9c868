// The commands that the store sends, whichever client carries them.

export interface RedisCommands {
  /** EVALSHA: runs a script that the server already has, by its SHA-1. */
  evalSha(sha1: string, keys: string[], args: string[]): Promise<unknown>
  /** EVAL: runs a script by its text. */
  eval(script: string, keys: string[], args: string[]): Promise<unknown>
  /**
   * SET with PX, NX and GET: writes a record if the key has none, and resolves to null; otherwise resolves to the record that is there.
   * Undefined if the client has no `set`.
   */
  readonly setIfAbsent: SetIfAbsent | undefined
}

export type SetIfAbsent = (key: string, record: string, expiresInMs: number) => Promise<unknown>
