// Where the docs have each framework's quick start, and what they leave to the reader.

const ADAPTERS = 'docs/adapters.md'
const README = 'README.md'

/**
 * @typedef {object} QuickStart
 * @property {string} name
 * @property {[page: string, heading: string][]} read The sections, in the order in which they are read.
 * @property {string} of The package whose version the table shows; `node` is the one that runs this.
 * @property {[from: string, to: string]} [type] What to type in place of a word of the docs, where the docs leave a choice.
 * @property {string} [path] Where the endpoint is, if it is not where `send.mjs` sends by itself.
 * @property {string} [sendWith] The command that starts `send.mjs`, if it is not `node`.
 * @property {string} [needs] A program that must be there before.
 * @property {[build: string, from: string, to: string]} [deploy] How it is built, without the secret, and what starts it then in place of what.
 * @property {boolean} [isCalled] There is no server: the last line calls the handler itself, once.
 */

/** A deployment builds where the secret is not set. */
const NEXT_BUILD = ['npx next build', 'next dev', 'next start']

/** @type {QuickStart[]} */
export const frameworks = [
  {
    name: 'README',
    read: [
      [README, '@fluxora/verify'],
      [README, 'Quick start'],
    ],
    of: 'node',
  },
  { name: 'http', read: [[ADAPTERS, "Node's own http"]], of: 'node' },
  { name: 'express4', read: [[ADAPTERS, 'Express']], of: 'express', type: ['express', 'express@4'] },
  { name: 'express5', read: [[ADAPTERS, 'Express']], of: 'express' },
  { name: 'fastify4', read: [[ADAPTERS, 'Fastify']], of: 'fastify', type: ['fastify', 'fastify@4'] },
  { name: 'fastify5', read: [[ADAPTERS, 'Fastify']], of: 'fastify' },
  { name: 'hono', read: [[ADAPTERS, 'Hono']], of: 'hono' },
  { name: 'next', read: [[ADAPTERS, 'Next.js']], of: 'next', deploy: NEXT_BUILD },
  {
    name: 'next-pages',
    read: [[ADAPTERS, 'Next.js with the pages API']],
    of: 'next',
    path: '/api/webhooks',
    deploy: NEXT_BUILD,
  },
  {
    name: 'nest',
    read: [[ADAPTERS, 'NestJS']],
    of: '@nestjs/platform-express',
    path: '/api/webhooks',
  },
  {
    name: 'nest-module',
    read: [[ADAPTERS, 'In a Nest module']],
    of: '@nestjs/platform-express',
    path: '/api/webhooks',
  },
  {
    name: 'nest-fastify',
    read: [[ADAPTERS, 'Nest on Fastify']],
    of: '@nestjs/platform-fastify',
    path: '/api/webhooks',
  },
  { name: 'lambda', read: [[ADAPTERS, 'AWS Lambda']], of: 'node', isCalled: true },
  {
    name: 'function',
    read: [[ADAPTERS, 'Google Cloud Functions, Firebase']],
    of: '@google-cloud/functions-framework',
  },
  { name: 'worker', read: [[ADAPTERS, 'Cloudflare Workers']], of: 'wrangler' },
  { name: 'bun', read: [[ADAPTERS, 'Bun']], of: 'bun', needs: 'bun', sendWith: 'bun' },
  {
    name: 'deno',
    read: [[ADAPTERS, 'Deno']],
    of: 'deno',
    needs: 'deno',
    sendWith: 'deno run --allow-net --allow-env',
  },
]
