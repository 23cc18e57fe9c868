// What the environment says, read once at the start. An unusable value ends the start with a sentence that names the variable.

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The secrets of the example itself, for whoever sets none. They are public: anybody can read them here. */
export const EXAMPLE_SECRETS = {
  fluxora: 'fluxora-example-secret',
  stellarPayment: 'whsec_stellar-example-secret',
  chronomind: 'whsec_chronomind-example-secret',
  fluxdrop: 'fluxdrop-example-secret',
}
const EXAMPLE_SIGNING_KEY = 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ'

/**
 * @typedef {ReturnType<typeof readSettings>} Settings
 */

/** @param {Record<string, string | undefined>} env */
export function readSettings(env) {
  const secretNames = {
    fluxora: 'FLUXORA_WEBHOOK_SECRET',
    stellarPayment: 'STELLAR_PAYMENT_WEBHOOK_SECRET',
    chronomind: 'CHRONOMIND_WEBHOOK_SECRET',
    fluxdrop: 'FLUXDROP_WEBHOOK_SECRET',
  }
  const secrets = { ...EXAMPLE_SECRETS }
  for (const scheme of /** @type {(keyof typeof secrets)[]} */ (Object.keys(secretNames))) {
    secrets[scheme] = env[secretNames[scheme]] || EXAMPLE_SECRETS[scheme]
  }
  return {
    port: readNumber(env, 'PORT', { initial: 3000, min: 0, max: 65_535 }),
    host: env.HOST || '127.0.0.1',
    logLevel: env.LOG_LEVEL || 'info',
    dataDirectory: env.DATA_DIR || join(fileURLToPath(new URL('.', import.meta.url)), 'data'),
    databaseUrl: env.DATABASE_URL || undefined,
    redisUrl: env.REDIS_URL || undefined,
    secrets,
    /** Which secrets nobody has set, by the name of the variable. */
    exampleSecrets: Object.values(secretNames).filter((name) => !env[name]),
    endpointAllow: (env.ENDPOINT_ALLOW ?? '').split(/[\s,]+/).filter((cidr) => cidr !== ''),
    leaseSeconds: readNumber(env, 'LEASE_SECONDS', { initial: 60, min: 1, max: 3600 }),
    /** Undefined: the indexer counts as enabled from its first ledger on. */
    isIndexerEnabled: readFlag(env, 'INDEXER_ENABLED'),
    networkPassphrase: env.STELLAR_NETWORK_PASSPHRASE || 'Test SDF Network ; September 2015',
    signingKey: env.SIGNING_KEY || EXAMPLE_SIGNING_KEY,
  }
}

/**
 * @param {Record<string, string | undefined>} env
 * @param {string} name
 * @param {{ initial: number, min: number, max: number }} range
 */
function readNumber(env, name, { initial, min, max }) {
  const text = env[name]
  if (!text) return initial
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw new Error(`${name} must be a whole number from ${min} to ${max}.`)
  }
  return value
}

/**
 * @param {Record<string, string | undefined>} env
 * @param {string} name
 */
function readFlag(env, name) {
  const text = env[name]
  if (!text) return undefined
  if (!['true', 'false', '1', '0'].includes(text)) throw new Error(`${name} must be true or false.`)
  return text === 'true' || text === '1'
}
