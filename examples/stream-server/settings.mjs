// What the environment says, read once at the start. An unusable value ends the start with a sentence that names the variable.

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createWebhookVerifier } from '@fluxora/verify'
import { chronomind, fluxdrop, fluxora, stellarPayment } from '@fluxora/verify/schemes'
import { addressGuard } from '@fluxora/verify/sender'

/** The secrets of the example itself, for whoever sets none. They are public: anybody can read them here. */
export const EXAMPLE_SECRETS = {
  fluxora: 'fluxora-example-secret',
  stellarPayment: 'whsec_stellar-example-secret',
  chronomind: 'whsec_chronomind-example-secret',
  fluxdrop: 'fluxdrop-example-secret',
}
const EXAMPLE_SIGNING_KEY = 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ'

const SCHEMES = { fluxora, stellarPayment, chronomind, fluxdrop }
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']

/**
 * @typedef {ReturnType<typeof readSettings>} Settings
 */

/** A value that the server cannot start with. Its message is all that the operator needs to read. */
export class SettingError extends Error {}

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
    const name = secretNames[scheme]
    secrets[scheme] = env[name] || EXAMPLE_SECRETS[scheme]
    judge(name, () => createWebhookVerifier({ scheme: SCHEMES[scheme], secrets: secrets[scheme] }))
  }
  const endpointAllow = (env.ENDPOINT_ALLOW ?? '').split(/[\s,]+/).filter((cidr) => cidr !== '')
  judge('ENDPOINT_ALLOW', () => addressGuard({ allow: endpointAllow }))
  return {
    port: readNumber(env, 'PORT', { initial: 3000, min: 0, max: 65_535 }),
    host: env.HOST || '127.0.0.1',
    logLevel: readLogLevel(env.LOG_LEVEL || 'info'),
    dataDirectory: env.DATA_DIR || join(fileURLToPath(new URL('.', import.meta.url)), 'data'),
    databaseUrl: readUrl(env, 'DATABASE_URL', ['postgres:', 'postgresql:']),
    redisUrl: readUrl(env, 'REDIS_URL', ['redis:', 'rediss:']),
    secrets,
    /** Which secrets nobody has set, by the name of the variable. */
    exampleSecrets: Object.values(secretNames).filter((name) => !env[name]),
    endpointAllow,
    leaseSeconds: readNumber(env, 'LEASE_SECONDS', { initial: 60, min: 1, max: 3600 }),
    /** Undefined: the indexer counts as enabled from its first ledger on. */
    isIndexerEnabled: readFlag(env, 'INDEXER_ENABLED'),
    networkPassphrase: env.STELLAR_NETWORK_PASSPHRASE || 'Test SDF Network ; September 2015',
    signingKey: env.SIGNING_KEY || EXAMPLE_SIGNING_KEY,
  }
}

/**
 * Lets the library judge a value. It speaks of its own option, so the variable is named first.
 *
 * @param {string} name
 * @param {() => unknown} check
 */
function judge(name, check) {
  try {
    check()
  } catch (error) {
    throw new SettingError(`${name}: ${/** @type {Error} */ (error).message}`)
  }
}

/** @param {string} level */
function readLogLevel(level) {
  if (LOG_LEVELS.includes(level)) return level
  throw new SettingError(`LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}.`)
}

/**
 * The text is not repeated: such addresses hold passwords.
 *
 * @param {Record<string, string | undefined>} env
 * @param {string} name
 * @param {string[]} protocols
 */
function readUrl(env, name, protocols) {
  const text = env[name]
  if (!text) return undefined
  if (URL.canParse(text) && protocols.includes(new URL(text).protocol)) return text
  throw new SettingError(`${name} must be an address that begins with ${protocols.join('// or ')}//.`)
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
    throw new SettingError(`${name} must be a whole number from ${min} to ${max}.`)
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
  if (!['true', 'false', '1', '0'].includes(text)) throw new SettingError(`${name} must be true or false.`)
  return text === 'true' || text === '1'
}
