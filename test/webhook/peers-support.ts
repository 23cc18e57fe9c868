// What the tests against the senders' own packages share.

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import fc from 'fast-check'
import { createWebhookSigner, createWebhookVerifier } from '../../src/webhook/index.ts'
import { schemeOf } from './sender-support.ts'

export const folder = new URL('clients/', import.meta.url)
export const isInstalled = existsSync(new URL('node_modules/svix', folder))
export const load = createRequire(new URL('package.json', folder))
export const RUNS = { numRuns: 1_000 }
export const NOW = Math.floor(Date.now() / 1000)

// biome-ignore lint/suspicious/noExplicitAny: the packages have types of their own, which are not the point here
export type Package = any

if (!isInstalled && process.env.CI) throw new Error("The senders' packages are not installed.")
if (!isInstalled)
  console.warn("skipped: the senders' packages are not installed (npm install --prefix test/webhook/clients)")

/** JSON texts, with everything that JSON can hold. */
export const json = fc.json({ maxDepth: 2 })
export const secretText = fc.stringMatching(/^[A-Za-z0-9]{8,40}$/)

export function codeOf(
  name: string,
  secrets: string,
  input: { headers: object; body: string; url?: string; method?: string },
): string {
  const verifier = createWebhookVerifier({ scheme: schemeOf(name), secrets, now: () => NOW })
  return verifier.verify(input as Parameters<typeof verifier.verify>[0]).code
}

export function signed(name: string, secrets: string, body: string, more: object = {}): Record<string, string> {
  return createWebhookSigner({ scheme: schemeOf(name), secrets, now: () => NOW }).sign({
    body,
    deliveryId: 'msg_1',
    ...more,
  })
}
