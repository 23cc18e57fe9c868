// What `import '@fluxora/verify/stores/postgres'` gives.

export type { PostgresClient } from './client.ts'
export {
  type PostgresDedupeOptions,
  type PostgresDedupeStore,
  postgresDedupeSchema,
  postgresDedupeStore,
} from './store.ts'
