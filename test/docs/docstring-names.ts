// What a reader's program has around an example of a docstring: names, each with its type. A name of the package in a type is imported.

/** Names that are imported from where they really are. */
export const REAL: Readonly<Record<string, string>> = {
  expect: "import { expect } from 'vitest'",
  express: "import express from 'express'",
  fc: "import fc from 'fast-check'",
}

const NODE_REQUEST = "import('node:http').IncomingMessage"

export const AROUND: Readonly<Record<string, string>> = {
  // The application and its requests.
  app: "import('express').Express",
  handler: "import('express').RequestHandler",
  request: NODE_REQUEST,
  response: "import('express').Response",
  reply: "import('fastify').FastifyReply",
  createServer: "typeof import('node:http').createServer",
  headers: "import('node:http').IncomingHttpHeaders",
  rawBody: 'Uint8Array',
  body: 'Uint8Array',
  env: '{ readonly WEBHOOK_SECRET: string }',
  secret: 'string',
  secrets: 'string',
  current: 'string',
  former: 'string',
  credit: '(payment: unknown) => Promise<void>',
  handle: '(payment: unknown) => void',
  error: 'unknown',
  logger: '{ info(entry: unknown): void }',
  z: "typeof import('zod').z",
  sValidator: "typeof import('@hono/standard-validator').sValidator",
  captured: "readonly { headers: import('node:http').IncomingHttpHeaders; body: Uint8Array }[]",

  // Databases.
  client: "import('pg').Client",
  pg: "typeof import('pg')",
  pool: "import('pg').Pool",
  createClient: "typeof import('redis5').createClient",
  DatabaseSync: 'new (path: string) => SqliteDatabase',
  row: '{ readonly state: string; readonly synced_at: number }',
  id: 'string',
  receiver: 'WebhookReceiver',
  input: 'ReceiveInput',
  book: '(client: unknown, payment: unknown) => Promise<void>',
  store: 'PostgresDedupeStore',
  connection: 'unknown',
  myDedupeStore: '(connection: unknown) => DedupeStore',
  myDeliveryLog: '(connection: unknown) => DeliveryLog',

  // Following a chain.
  state: 'ReorgState',
  previous: 'ReorgState',
  tracker: 'ReorgState',
  quorum: 'QuorumState',
  step: 'ReorgStep',
  page: 'readonly Ledger[]',
  remove: '(ledger: Ledger) => Promise<void>',
  insert: '(ledger: Ledger) => Promise<void>',
  carryOut: '(effects: unknown) => Promise<void>',
  loadAgain: '() => Promise<void>',
  subscriber: '{ readonly cursor: string }',
  lastSyncAt: 'number',
  gauges: 'Map<string, { set(value: number): void }>',
  entry: '{ readonly headerXdr: string }',
  createHash: "typeof import('node:crypto').createHash",
  accountKey: 'Uint8Array',
  data: 'Uint8Array',
  readFile: "typeof import('node:fs/promises').readFile",
  text: 'string',

  // Sending.
  url: 'string',
  event: '{ readonly id: string }',
  endpoint: 'Endpoint',
  deliveryId: 'string',
  log: 'PostgresDeliveryLog',
  again: '() => void',
  findEndpoint: '(id: string) => Promise<Endpoint>',

  // Tests.
  clock: 'ReturnType<typeof fakeClock>',
  verifier: 'WebhookVerifier',
  post: '(body: unknown) => Promise<{ readonly status: number }>',
  indexerOver: '(database: unknown) => LedgerIndexer',
  emptyDatabase: '() => unknown',
  Deno: '{ serve(handler: (request: Request) => Response | Promise<Response>): unknown }',
}

/** The same for examples of one file, where a name means something else. */
export const AROUND_IN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'src/adapters/fastify.ts': { app: "import('fastify').FastifyInstance" },
  'src/adapters/fetch.ts': { app: "import('hono').Hono" },
  'src/adapters/shared/payload.ts': { request: "import('fastify').FastifyRequest" },
  'src/decimal/schema.ts': { app: "import('hono').Hono" },
  'src/decimal/errors.ts': { body: 'Record<string, unknown>' },
  'src/decimal/fields.ts': { body: 'Record<string, unknown>' },
  'src/stellar/strkey.ts': { body: 'Record<string, unknown>' },
  'src/webhook/verify-async.ts': { request: 'Request' },
}
