// What `import '@fluxora/verify/stores/redis'` gives.

export type { IoRedisClient, NodeRedisClient } from './client.ts'
export { type RedisDedupeOptions, type RedisDedupeStore, redisDedupeStore } from './store.ts'
