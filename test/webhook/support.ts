// What the webhook tests share: a clock that stands still, and a second, plain implementation of each sender to check against.

import { createHmac } from 'node:crypto'
import {
  type Claim,
  createWebhookVerifier,
  type DedupeStore,
  memoryDedupeStore,
  type Verification,
  type WebhookScheme,
  type WebhookVerifierOptions,
} from '../../src/webhook/index.ts'
import type { KeyMaterial } from '../../src/webhook/proof/key-material.ts'
import {
  chronomind,
  fluxdrop,
  fluxora,
  github,
  shopify,
  slack,
  standardWebhooks,
  stellarPayment,
  stripe,
} from '../../src/webhook/schemes/index.ts'
import contractFile from '../vectors/contract.json' with { type: 'json' }

export const NOW = 1_710_000_000
export const clock = (): number => NOW

const SCHEMES = {
  fluxora,
  stellarPayment,
  chronomind,
  fluxdrop,
  standardWebhooks,
  stripe,
  github,
  slack,
  shopify,
}

export type SchemeName = keyof typeof SCHEMES

export const SCHEME_NAMES = Object.keys(SCHEMES) as SchemeName[]

export const schemeOf = (name: SchemeName): WebhookScheme => SCHEMES[name]

/** A secret of the form that the scheme asks for. */
export const secretOf = (name: SchemeName): string =>
  name === 'standardWebhooks' ? 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' : 'topsecret'

/** Whether a text may be configured as a secret: well-formed, with nothing invisible at either end. */
export const isSecretText = (text: string): boolean =>
  text.isWellFormed() && /^[^\p{Z}\p{Cc}\p{Cf}](.*[^\p{Z}\p{Cc}\p{Cf}])?$/su.test(text)

export function hmac(key: string | Uint8Array, ...parts: (string | Uint8Array)[]): Buffer {
  return createHmac('sha256', key)
    .update(Buffer.concat(parts.map((part) => Buffer.from(part as Uint8Array))))
    .digest()
}

export interface Attempt {
  readonly id?: string
  readonly timestamp?: number | string
  readonly secret?: string
  readonly body?: string | Uint8Array
}

/** The headers that each sender's own document asks for, written out by hand over bare node:crypto. */
export function send(
  name: SchemeName,
  { id = 'd1', timestamp = NOW, secret = secretOf(name), body = '{}' }: Attempt = {},
): Record<string, string> {
  const ts = String(timestamp)
  switch (name) {
    case 'fluxora':
      return {
        'x-fluxora-delivery-id': id,
        'x-fluxora-timestamp': ts,
        'x-fluxora-signature': hmac(secret, ts, '.', body).toString('hex'),
      }
    case 'stellarPayment':
      return { 'stellar-timestamp': ts, 'stellar-signature': `sha256=${hmac(secret, body).toString('hex')}` }
    case 'chronomind':
      return { 'x-webhook-id': id, 'x-webhook-signature': `t=${ts},v1=${hmac(secret, ts, '.', body).toString('hex')}` }
    case 'fluxdrop':
      return {
        'x-fluxdrop-delivery': id,
        'x-fluxdrop-timestamp': ts,
        'x-fluxdrop-signature': hmac(secret, body).toString('hex'),
      }
    case 'standardWebhooks': {
      const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
      return {
        'webhook-id': id,
        'webhook-timestamp': ts,
        'webhook-signature': `v1,${hmac(key, id, '.', ts, '.', body).toString('base64')}`,
      }
    }
    case 'stripe':
      return { 'stripe-signature': `t=${ts},v1=${hmac(secret, ts, '.', body).toString('hex')}` }
    case 'github':
      return { 'x-github-delivery': id, 'x-hub-signature-256': `sha256=${hmac(secret, body).toString('hex')}` }
    case 'slack':
      return {
        'x-slack-request-timestamp': ts,
        'x-slack-signature': `v0=${hmac(secret, 'v0:', ts, ':', body).toString('hex')}`,
      }
    case 'shopify':
      return { 'x-shopify-webhook-id': id, 'x-shopify-hmac-sha256': hmac(secret, body).toString('base64') }
  }
}

/** Verifies with the scheme's test secret at NOW. */
export function verify(
  name: SchemeName,
  headers: unknown,
  body: unknown = '{}',
  options: Partial<WebhookVerifierOptions> = {},
): Verification {
  const verifier = createWebhookVerifier({ scheme: schemeOf(name), secrets: secretOf(name), now: clock, ...options })
  return verifier.verify({ headers: headers as never, body: body as never })
}

/** The header that carries a scheme's signature. */
export const signatureHeader = (name: SchemeName): string => schemeOf(name).headers.signature[0] as string

export interface ContractCase {
  readonly case: string
  readonly scheme: SchemeName
  readonly secret: string
  readonly timestamp: string
  readonly body: Uint8Array
  readonly mac: string
}

export const contractCases: readonly ContractCase[] = contractFile.cases.map((entry) => {
  const { text, hex, repeat, times } = entry.body as { text?: string; hex?: string; repeat?: string; times?: number }
  const body =
    hex === undefined ? Buffer.from(text ?? (repeat as string).repeat(times as number)) : Buffer.from(hex, 'hex')
  return { ...entry, scheme: entry.scheme as SchemeName, body }
})

export function contractCase(name: string): ContractCase {
  const found = contractCases.find((entry) => entry.case === name)
  if (!found) throw new Error(`no case ${name}`)
  return found
}

/** What a call throws, or undefined. */
export function thrownBy(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    return error
  }
  return undefined
}

export interface StoreCall {
  readonly method: 'claim' | 'commit' | 'release' | 'extend'
  readonly args: readonly unknown[]
}

/** A memory store that notes every call, and any of whose methods can be replaced. */
export function spyStore(replaced: Partial<DedupeStore> = {}): DedupeStore & { readonly calls: StoreCall[] } {
  const inner: DedupeStore = { ...memoryDedupeStore(), ...replaced }
  const calls: StoreCall[] = []
  return {
    calls,
    claim(request) {
      calls.push({ method: 'claim', args: [request] })
      return inner.claim(request)
    },
    commit(claim: Claim, retentionMs: number) {
      calls.push({ method: 'commit', args: [claim, retentionMs] })
      return inner.commit(claim, retentionMs)
    },
    release(claim: Claim) {
      calls.push({ method: 'release', args: [claim] })
      return inner.release(claim)
    },
    extend(claim: Claim, leaseMs: number) {
      calls.push({ method: 'extend', args: [claim, leaseMs] })
      return inner.extend?.(claim, leaseMs) as Promise<boolean>
    },
  }
}

/** A promise, and the functions that settle it. */
export function deferred<T = void>(): {
  promise: Promise<T>
  resolve: (value: T) => void
  reject: (reason: unknown) => void
} {
  let resolve!: (value: T) => void
  let reject!: (reason: unknown) => void
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

/** The key of an HMAC-SHA256, as the engines take it. */
export const hmacKey = (bytes: Uint8Array): KeyMaterial => ({ kind: 'hmac', hash: 'sha256', bytes })
