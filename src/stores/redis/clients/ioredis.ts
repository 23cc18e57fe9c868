// ioredis, a single server or a cluster, and every client that is wrapped to look like it.

import { hasMethod } from '../../shared/has-method.ts'
import type { RedisCommands, SetIfAbsent } from './commands.ts'

/** What the store uses of an ioredis client: `Redis` or `Cluster`. */
export interface IoRedisClient {
  evalsha(sha1: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>
  set?(key: string, value: string, px: 'PX', milliseconds: number, nx: 'NX', get: 'GET'): Promise<unknown>
}

/** Upstash spells `evalsha` as ioredis does, but takes keys and arguments as two lists. Only Upstash has createScript. */
export function isIoRedis(client: unknown): client is IoRedisClient {
  return hasMethod(client, 'evalsha') && !hasMethod(client, 'createScript')
}

export function ioRedisCommands(client: IoRedisClient): RedisCommands {
  if (isPipeliningCluster(client)) return pipeliningClusterCommands(client)
  return {
    evalSha: async (sha1, keys, args) => client.evalsha(sha1, keys.length, ...keys, ...args),
    eval: async (script, keys, args) => client.eval(script, keys.length, ...keys, ...args),
    setIfAbsent: setIfAbsent(client),
  }
}

function setIfAbsent(client: IoRedisClient): SetIfAbsent | undefined {
  if (!hasMethod(client, 'set')) return undefined
  return async (key, record, expiresInMs) => client.set(key, record, 'PX', expiresInMs, 'NX', 'GET')
}

/** A `Cluster` with `enableAutoPipelining`. */
interface PipeliningCluster extends IoRedisClient {
  pipeline(commands: (string | number)[][]): { exec(): Promise<[error: unknown, reply: unknown][] | null> }
}

function isPipeliningCluster(client: IoRedisClient): client is PipeliningCluster {
  const { isCluster, options } = client as { isCluster?: unknown; options?: { enableAutoPipelining?: unknown } }
  return isCluster === true && options?.enableAutoPipelining === true && hasMethod(client, 'pipeline')
}

/**
 * Such a cluster puts the commands of one moment into one pipeline, which fails as a whole if the keys of one command are in different
 * hash slots; ioredis 5 even joins scripts whose keys are on different nodes. So each script gets a pipeline of its own.
 */
function pipeliningClusterCommands(cluster: PipeliningCluster): RedisCommands {
  const sendAlone = async (command: (string | number)[]): Promise<unknown> => {
    const results = await cluster.pipeline([command]).exec()
    const [result] = results ?? []
    if (!result) throw new TypeError('ioredis answered a pipeline of one command with no result.')
    const [error, reply] = result
    if (error) throw error
    return reply
  }
  return {
    evalSha: (sha1, keys, args) => sendAlone(['evalsha', sha1, keys.length, ...keys, ...args]),
    eval: (script, keys, args) => sendAlone(['eval', script, keys.length, ...keys, ...args]),
    setIfAbsent: setIfAbsent(cluster),
  }
}
