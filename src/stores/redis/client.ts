// The clients: how each family wants to be asked.

import { invalidOption } from '../../webhook/errors.ts'
import { text } from './record.ts'

/** What is used of a node-redis client (4, 5 or 6): a single server, a pool, a sentinel or a cluster. */
export interface NodeRedisClient {
  evalSha(sha1: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
  set?(key: string, value: string, options: NodeRedisSetOptions): Promise<unknown>
}

/** The expiry and the condition in the spelling of node-redis 4 and in that of later ones, which will drop the former. */
interface NodeRedisSetOptions {
  readonly PX: number
  readonly NX: true
  readonly expiration: { readonly type: 'PX'; readonly value: number }
  readonly condition: 'NX'
  readonly GET: true
}

/** What is used of an ioredis client: `Redis` or `Cluster`. */
export interface IoRedisClient {
  evalsha(sha1: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>
  set?(key: string, value: string, px: 'PX', milliseconds: number, nx: 'NX', get: 'GET'): Promise<unknown>
}

export type Evaluate = (method: 'sha' | 'text', script: string, keys: string[], args: string[]) => Promise<unknown>

/** Writes a record where there is none: null, or the record that stands. */
export type Take = (key: string, record: string, ttl: number) => Promise<unknown>

/**
 * The two families of clients are told apart by the one method whose name they spell differently. The command and the scripts go the
 * same way, so that a client which puts a prefix of its own before keys names them alike; a client without `set` makes do with scripts.
 */
export function readClient(client: NodeRedisClient | IoRedisClient): { evaluate: Evaluate; take: Take | undefined } {
  if (isNodeRedisCluster(client)) {
    const send = (key: string, ...args: string[]) => client.sendCommand(key, false, args)
    return {
      evaluate: (method, script, keys, args) =>
        send(keys[0]!, method === 'sha' ? 'EVALSHA' : 'EVAL', script, String(keys.length), ...keys, ...args),
      take: (key, record, ttl) => send(key, 'SET', key, record, 'PX', text(ttl), 'NX', 'GET'),
    }
  }
  const canSet = isMethod(client, 'set')
  if (isMethod(client, 'evalSha')) {
    const nodeRedis = client as NodeRedisClient
    return {
      evaluate: (method, script, keys, args) =>
        nodeRedis[method === 'sha' ? 'evalSha' : 'eval'](script, { keys, arguments: args }),
      take: canSet ? (key, record, ttl) => nodeRedis.set!(key, record, optionsOf(ttl)) : undefined,
    }
  }
  if (isMethod(client, 'evalsha')) {
    const ioredis = client as IoRedisClient
    return {
      evaluate: (method, script, keys, args) =>
        ioredis[method === 'sha' ? 'evalsha' : 'eval'](script, keys.length, ...keys, ...args),
      take: canSet ? (key, record, ttl) => ioredis.set!(key, record, 'PX', ttl, 'NX', 'GET') : undefined,
    }
  }
  throw invalidOption('client', 'a node-redis (4, 5, 6) or ioredis client')
}

function optionsOf(ttl: number): NodeRedisSetOptions {
  return { PX: ttl, NX: true, expiration: { type: 'PX', value: ttl }, condition: 'NX', GET: true }
}

interface NodeRedisCluster {
  sendCommand(firstKey: string, isReadonly: boolean, args: string[]): Promise<unknown>
}

/** node-redis 4 sends a cluster's evalSha to a node at random: it looks for the key in the wrong argument. So it is told the key. */
function isNodeRedisCluster(client: object): client is NodeRedisCluster {
  return isMethod(client, 'evalSha') && isMethod(client, 'sendCommand') && 'slots' in client
}

function isMethod(value: unknown, name: string): boolean {
  return typeof (value as Record<string, unknown> | null | undefined)?.[name] === 'function'
}

/** Runs a script that answers with an integer. */
export function scriptRunner(evaluate: Evaluate, script: string): (keys: string[], args: string[]) => Promise<number> {
  const send = scriptSender(evaluate, script)
  return async (keys, args) => readInteger(await send(keys, args))
}

/** Runs a script that answers with a list of integers. */
export function listRunner(evaluate: Evaluate, script: string): (keys: string[], args: string[]) => Promise<number[]> {
  const send = scriptSender(evaluate, script)
  return async (keys, args) => {
    const reply = await send(keys, args)
    if (Array.isArray(reply)) return reply.map(readInteger)
    throw new TypeError('Redis answered a script with something else than a list.')
  }
}

/** Sends a script by its digest, and as text to a server that does not know it: a new one, or one that was started again. */
function scriptSender(evaluate: Evaluate, script: string): (keys: string[], args: string[]) => Promise<unknown> {
  let sha1 = ''
  return async (keys, args) => {
    sha1 ||= await digestOf(script)
    try {
      return await evaluate('sha', sha1, keys, args)
    } catch (error) {
      if (!startsWith(error, 'NOSCRIPT')) throw error
      return evaluate('text', script, keys, args)
    }
  }
}

function readInteger(reply: unknown): number {
  if (reply !== null && Number.isInteger(Number(reply))) return Number(reply)
  throw new TypeError('Redis answered a script with something else than an integer.')
}

async function digestOf(script: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(script))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

export function startsWith(error: unknown, code: string): boolean {
  return error instanceof Error && error.message.startsWith(code)
}
