// Chooses how a client is asked, and refuses clients that the store cannot use.

import type { WebhookError } from '../../../shared/webhook-error.ts'
import { hasMethod } from '../../shared/has-method.ts'
import { unusableClient } from '../../shared/options.ts'
import { isForeignValue } from '../errors.ts'
import type { RedisCommands } from './commands.ts'
import { type IoRedisClient, ioRedisCommands, isIoRedis } from './ioredis.ts'
import {
  isNodeRedis,
  isNodeRedisCluster,
  type NodeRedisClient,
  nodeRedisClusterCommands,
  nodeRedisCommands,
} from './node-redis.ts'

/**
 * Adapts a client. `SET` and the scripts take the same way through it, so that a client which puts its own prefix before keys does so for
 * both.
 *
 * @throws {WebhookError} `invalid_option` if the client is of another kind.
 */
export function adaptClient(client: NodeRedisClient | IoRedisClient): RedisCommands {
  const { evalSha, eval: evalText, setIfAbsent } = commandsOf(client)
  return {
    evalSha: (sha1, keys, args) => explainForeignValue(keys, evalSha(sha1, keys, args)),
    eval: (script, keys, args) => explainForeignValue(keys, evalText(script, keys, args)),
    setIfAbsent:
      setIfAbsent && ((key, record, expiresInMs) => explainForeignValue([key], setIfAbsent(key, record, expiresInMs))),
  }
}

/** node-redis spells `evalSha`, ioredis `evalsha`. */
function commandsOf(client: unknown): RedisCommands {
  if (isNodeRedisCluster(client)) return nodeRedisClusterCommands(client)
  if (isNodeRedis(client)) return nodeRedisCommands(client)
  if (isIoRedis(client)) return ioRedisCommands(client)
  throw unusableRedisClient(hintFor(client))
}

function hintFor(client: unknown): string | undefined {
  if (hasMethod(client, 'evalsha')) return 'This one looks like an Upstash client, whose evalsha takes two lists.'
  if (hasMethod(client, 'customCommand')) return 'This one looks like a valkey-glide client.'
  return undefined
}

/** The error for a client that the store cannot use. `hint` says what it seems to be, or what it did wrong. */
export function unusableRedisClient(hint: string | undefined, cause?: unknown): WebhookError {
  const sentences = {
    expected: 'client must be a node-redis (4, 5, 6) or ioredis client.',
    hint,
    advice:
      'For any other client pass { evalsha, eval }, each (script, numberOfKeys, ...keysAndArguments) => Promise. docs/dedupe.md has recipes.',
  }
  return unusableClient('client', sentences, cause)
}

/** Says under which key there is a value that the store did not write, but does not show that value. */
async function explainForeignValue<T>(keys: readonly string[], reply: Promise<T>): Promise<T> {
  try {
    return await reply
  } catch (error) {
    if (!isForeignValue(error)) throw error
    const names = keys.map((key) => key.slice(0, 200)).join(' or ')
    throw new Error(
      `Redis has a value under ${names} that this store did not write, so another program uses the same prefix. Give the store its own prefix, or delete that value.`,
      { cause: error },
    )
  }
}
