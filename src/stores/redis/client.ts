// The clients: how each family wants to be asked, and what is refused before anything is written through it.

import { WebhookError } from '../../shared/webhook-error.ts'
import { isForeignValue, isUnknownScript } from './errors.ts'
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

/** How a client is asked. */
export interface Dialect {
  readonly evaluate: Evaluate
  /** Where the client can: one without `set` makes do with scripts. */
  readonly take: Take | undefined
}

/**
 * The two families of clients are told apart by the one method whose name they spell differently. The command and the scripts go the
 * same way, so that a client which puts a prefix of its own before keys names them alike.
 *
 * @throws {WebhookError} `invalid_option`
 */
export function readClient(client: NodeRedisClient | IoRedisClient): Dialect {
  const { evaluate, take } = dialectOf(client)
  return {
    evaluate: (method, script, keys, args) => telling(keys, evaluate(method, script, keys, args)),
    take: take && ((key, record, ttl) => telling([key], take(key, record, ttl))),
  }
}

function dialectOf(client: NodeRedisClient | IoRedisClient): Dialect {
  if (isNodeRedisCluster(client)) return nodeRedisCluster(client)
  if (isMethod(client, 'evalSha')) return nodeRedis(client as NodeRedisClient)
  if (isMethod(client, 'evalsha') && !isUpstash(client)) return ioredis(client as IoRedisClient)
  throw refusal(hintFor(client))
}

function nodeRedis(client: NodeRedisClient): Dialect {
  return {
    evaluate: async (method, script, keys, args) =>
      client[method === 'sha' ? 'evalSha' : 'eval'](script, { keys, arguments: args }),
    take: isMethod(client, 'set') ? async (key, record, ttl) => client.set!(key, record, optionsOf(ttl)) : undefined,
  }
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

function nodeRedisCluster(client: NodeRedisCluster): Dialect {
  const send = async (key: string, ...args: string[]) => client.sendCommand(key, false, args)
  return {
    evaluate: (method, script, keys, args) =>
      send(keys[0]!, method === 'sha' ? 'EVALSHA' : 'EVAL', script, String(keys.length), ...keys, ...args),
    take: (key, record, ttl) => send(key, 'SET', key, record, 'PX', text(ttl), 'NX', 'GET'),
  }
}

function ioredis(client: IoRedisClient): Dialect {
  const sendScript = isPipeliningCluster(client)
    ? (...command: (string | number)[]) => sendApart(client, command)
    : async (name: 'evalsha' | 'eval', script: string, count: number, ...rest: string[]) =>
        client[name](script, count, ...rest)
  return {
    evaluate: (method, script, keys, args) =>
      sendScript(method === 'sha' ? 'evalsha' : 'eval', script, keys.length, ...keys, ...args),
    take: isMethod(client, 'set')
      ? async (key, record, ttl) => client.set!(key, record, 'PX', ttl, 'NX', 'GET')
      : undefined,
  }
}

interface PipeliningCluster {
  pipeline(commands: (string | number)[][]): { exec(): Promise<[error: unknown, reply: unknown][] | null> }
}

/**
 * An ioredis Cluster with `enableAutoPipelining` puts commands of one moment into one pipeline, and fails all of them where the keys of
 * one live in different slots; ioredis 5 also puts scripts together whose keys live on different nodes. So scripts go apart.
 */
function isPipeliningCluster(client: object): client is PipeliningCluster {
  const { isCluster, options } = client as { isCluster?: unknown; options?: { enableAutoPipelining?: unknown } }
  return isCluster === true && options?.enableAutoPipelining === true && isMethod(client, 'pipeline')
}

async function sendApart(cluster: PipeliningCluster, command: (string | number)[]): Promise<unknown> {
  const results = await cluster.pipeline([command]).exec()
  const [error, reply] = results?.[0] ?? [new TypeError('ioredis answered a pipeline with nothing.'), undefined]
  if (error) throw error
  return reply
}

/** `evalsha` is spelled as in ioredis, but takes its keys and its arguments as two lists. */
function isUpstash(client: object): boolean {
  return isMethod(client, 'createScript')
}

function hintFor(client: unknown): string {
  if (isMethod(client, 'evalsha')) return 'This one looks like an Upstash client, whose evalsha takes two lists.'
  if (isMethod(client, 'customCommand')) return 'This one looks like a valkey-glide client.'
  return ''
}

/** What is said of a client that cannot be used as it is. */
export function refusal(hint: string, cause?: unknown): WebhookError {
  const message = [
    'client must be a node-redis (4, 5, 6) or ioredis client.',
    hint,
    'For any other pass { evalsha, eval }, each (script, numberOfKeys, ...keysAndArguments) => Promise: docs/dedupe.md has the recipes.',
  ]
  const error = new WebhookError('invalid_option', message.filter((sentence) => sentence !== '').join(' '), 'client')
  if (cause !== undefined) error.cause = cause
  return error
}

function isMethod(value: unknown, name: string): boolean {
  return typeof (value as Record<string, unknown> | null | undefined)?.[name] === 'function'
}

/** A value that is not ours under one of our keys is told by name, and never shown. */
async function telling<T>(keys: readonly string[], reply: Promise<T>): Promise<T> {
  try {
    return await reply
  } catch (error) {
    if (!isForeignValue(error)) throw error
    const names = keys.map((key) => key.slice(0, 200)).join(' or ')
    throw new Error(
      `Redis holds a value under ${names} that this store has not written: another program uses the same prefix. Give the store a prefix of its own, or remove that value.`,
      { cause: error },
    )
  }
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
      if (!isUnknownScript(error)) throw error
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
