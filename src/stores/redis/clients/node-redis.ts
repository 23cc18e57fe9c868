// node-redis 4, 5 and 6.

import { hasMethod } from '../../shared/has-method.ts'
import { digits } from '../record.ts'
import type { RedisCommands, SetIfAbsent } from './commands.ts'

/** What the store uses of a node-redis client (4, 5 or 6): a single server, a pool, a sentinel or a cluster. */
export interface NodeRedisClient {
  evalSha(sha1: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
  set?(key: string, value: string, options: NodeRedisSetOptions): Promise<unknown>
}

/** Expiry and condition as node-redis 4 spells them, and as later versions do, which are going to drop the old spelling. */
interface NodeRedisSetOptions {
  readonly PX: number
  readonly NX: true
  readonly expiration: { readonly type: 'PX'; readonly value: number }
  readonly condition: 'NX'
  readonly GET: true
}

export function isNodeRedis(client: unknown): client is NodeRedisClient {
  return hasMethod(client, 'evalSha')
}

export function nodeRedisCommands(client: NodeRedisClient): RedisCommands {
  return {
    evalSha: async (sha1, keys, args) => client.evalSha(sha1, { keys, arguments: args }),
    eval: async (script, keys, args) => client.eval(script, { keys, arguments: args }),
    setIfAbsent: setIfAbsent(client),
  }
}

function setIfAbsent(client: NodeRedisClient): SetIfAbsent | undefined {
  if (!hasMethod(client, 'set')) return undefined
  return async (key, record, expiresInMs) =>
    client.set(key, record, {
      PX: expiresInMs,
      NX: true,
      expiration: { type: 'PX', value: expiresInMs },
      condition: 'NX',
      GET: true,
    })
}

/** What the store uses of a cluster of node-redis: commands as words, sent to the node that has the key. */
interface NodeRedisCluster {
  sendCommand(firstKey: string | undefined, isReadonly: boolean, args: string[]): Promise<unknown>
}

/**
 * Only a cluster has slots. It is sent plain words because node-redis 4 looks for the key of an evalSha in the wrong argument, and then
 * sends it to a random node.
 */
export function isNodeRedisCluster(client: unknown): client is NodeRedisCluster {
  return hasMethod(client, 'evalSha') && hasMethod(client, 'sendCommand') && 'slots' in client
}

export function nodeRedisClusterCommands(cluster: NodeRedisCluster): RedisCommands {
  const sendScript = async (command: 'EVALSHA' | 'EVAL', script: string, keys: string[], args: string[]) => {
    return cluster.sendCommand(keys[0], false, [command, script, String(keys.length), ...keys, ...args])
  }
  return {
    evalSha: (sha1, keys, args) => sendScript('EVALSHA', sha1, keys, args),
    eval: (script, keys, args) => sendScript('EVAL', script, keys, args),
    setIfAbsent: async (key, record, expiresInMs) =>
      cluster.sendCommand(key, false, ['SET', key, record, 'PX', digits(expiresInMs), 'NX', 'GET']),
  }
}
