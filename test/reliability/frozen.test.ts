// Nobody can change the constants, schemes and objects that the library shares with its users.

import { describe, expect, it } from 'vitest'
import { createAsyncWebhookSigner, createAsyncWebhookVerifier } from '../../src/adapters/fetch.ts'
import { decimalSchema, definePolicy, evmAmount, ratePerSecond } from '../../src/decimal/index.ts'
import {
  createWebhookReceiver,
  createWebhookSigner,
  createWebhookVerifier,
  defineScheme,
  memoryDedupeStore,
} from '../../src/webhook/index.ts'
import { hex, singleSignature } from '../../src/webhook/schemes/index.ts'
import { subpaths } from '../subpaths.ts'
import { clock, send } from '../webhook/support.ts'

const modules = Object.values(subpaths)

/** The paths of everything that can still be changed, in every own property. Of functions, only the properties count. */
function loose(value: unknown, path: string, seen = new Set<unknown>()): string[] {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) return []
  seen.add(value)
  const found = typeof value === 'object' && !Object.isFrozen(value) ? [path] : []
  for (const key of Reflect.ownKeys(value)) {
    if (typeof value === 'function' && key === 'prototype') continue
    const { value: held } = Object.getOwnPropertyDescriptor(value, key) as PropertyDescriptor
    found.push(...loose(held, `${path}.${String(key)}`, seen))
  }
  return found
}

describe('constants', () => {
  it.each(modules)('of %s are frozen, down to the last property', async (source) => {
    const exported = Object.entries(await import(/* @vite-ignore */ `../../${source}`))
    expect(exported.length).toBeGreaterThan(0)
    expect(exported.flatMap(([name, value]) => loose(value, name))).toEqual([])
  })
})

describe('objects', () => {
  const secrets = 'topsecret'
  const options = { secrets, now: clock }
  const form = {
    name: 'mine',
    headers: { signature: 'x-sig' },
    signed: ['body'],
    signature: singleSignature({ encoding: hex }),
  }
  const made: Record<string, unknown> = {
    'a verifier': createWebhookVerifier(options),
    'an asynchronous verifier': createAsyncWebhookVerifier(options),
    'a signer': createWebhookSigner(options),
    'an asynchronous signer': createAsyncWebhookSigner(options),
    'a receiver': createWebhookReceiver(options),
    'a scheme': defineScheme(form as Parameters<typeof defineScheme>[0]),
    'a signature format': singleSignature({ encoding: hex }),
    'a policy': definePolicy({ scale: 2, min: 0n, max: 10n }),
    'an EVM policy': evmAmount(6),
    'a rate': ratePerSecond(1n),
    'a schema': decimalSchema(),
    'a memory store': memoryDedupeStore(),
  }
  it.each(Object.keys(made))('%s is frozen', (name) => {
    expect(loose(made[name], name)).toEqual([])
  })

  it('the headers of a delivery are frozen', () => {
    const verdict = createWebhookVerifier(options).verify({ headers: send('fluxora'), body: '{}' })
    expect(verdict.ok && Object.isFrozen(verdict.delivery.headers)).toBe(true)
  })
})
