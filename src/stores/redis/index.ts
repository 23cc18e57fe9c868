/**
 * A dedupe store on Redis, for many hosts and high rates.
 *
 * @module
 */

export type { IoRedisClient } from './clients/ioredis.ts'
export type { NodeRedisClient } from './clients/node-redis.ts'
export { type RedisDedupeOptions, type RedisDedupeStore, redisDedupeStore } from './store.ts'
