// Signatures that are cut, extended, spelt differently or made of something else (in the manner of Project Wycheproof): each verifier refuses
// each of them with the code that its vector names, and accepts only the spellings that a scheme's document allows.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createAsyncWebhookVerifier } from '../../src/adapters/fetch.ts'
import { createWebhookVerifier, verifyWebhookSignature, type WebhookCode } from '../../src/webhook/index.ts'
import { type SchemeName, schemeOf, signatureHeader } from './support.ts'

interface Vector {
  readonly comment: string
  readonly signature: string | { readonly before: string; readonly repeat: string; readonly times: number }
  readonly code: string
}

interface Group {
  readonly scheme: string
  readonly secret: string
  readonly id: string
  readonly timestamp: string
  readonly body: string
  readonly mac: string
  readonly prefix: string
  readonly tests: readonly Vector[]
}

// Parsed here: the import of a JSON file does not take a lone surrogate.
const { groups } = JSON.parse(readFileSync(new URL('../vectors/mac-forms.json', import.meta.url), 'utf8')) as {
  readonly groups: readonly Group[]
}

describe.each(groups)('$scheme', (group) => {
  const scheme = schemeOf(group.scheme as SchemeName)
  const options = { scheme, secrets: group.secret, now: () => Number(group.timestamp) }
  const verifier = createWebhookVerifier(options)
  const asyncVerifier = createAsyncWebhookVerifier(options)
  const headersFor = (signature: string): Record<string, string> => {
    const { deliveryId, timestamp } = scheme.headers
    return {
      ...(deliveryId[0] && { [deliveryId[0]]: group.id }),
      ...(timestamp[0] && { [timestamp[0]]: group.timestamp }),
      [signatureHeader(group.scheme as SchemeName)]: signature,
    }
  }
  const codeOf = (signature: string): WebhookCode =>
    verifier.verify({ headers: headersFor(signature), body: group.body }).code

  it.each(group.tests)('$comment: $code', async ({ signature: written, code }) => {
    const signature = textOf(written)
    expect(codeOf(signature)).toBe(code)
    const headers = headersFor(signature)
    expect((await asyncVerifier.verify({ headers, body: group.body })).code).toBe(code)
    if (group.scheme === 'fluxora') {
      const { secret, id: deliveryId, timestamp, body: rawBody } = group
      const now = Number(timestamp)
      const contract = verifyWebhookSignature({ secret, deliveryId, timestamp, signature, rawBody, now })
      // The contract has one code for every signature that is not the right one.
      const isOwn = code === 'ok' || code === 'missing_signature'
      expect(contract.code).toBe(isOwn ? code : 'signature_mismatch')
    }
  })

  const write = (mac: Uint8Array): string => group.prefix + scheme.signature.write([mac], '').slice(ownPrefix)
  const ownPrefix = scheme.signature.write([new Uint8Array(32)], '').search(/[0A]+=?$/)
  const genuine = write(Buffer.from(group.mac, 'hex'))

  it('is written as in the vectors', () => {
    expect(genuine).toBe(textOf((group.tests[0] as Vector).signature))
    expect(codeOf(genuine)).toBe('ok')
  })

  it('no single bit of the MAC may differ', () => {
    const codes = new Set<string>()
    for (let bit = 0; bit < 256; bit++) {
      const mac = Buffer.from(group.mac, 'hex')
      mac[bit >> 3] = (mac[bit >> 3] as number) ^ (1 << (bit & 7))
      codes.add(codeOf(write(mac)))
    }
    expect([...codes]).toEqual(['signature_mismatch'])
  })

  it('no part of the header alone, and nothing added to it, is a signature', () => {
    const codes = new Set<string>()
    for (let length = 1; length < genuine.length; length++) {
      codes.add(codeOf(genuine.slice(0, length)))
      codes.add(codeOf(genuine.slice(length)))
    }
    // A field list may hold fields of other names after a comma; whatever else is added makes another signature.
    for (let code = 33; code < 127; code++) {
      if (!(scheme.signature.carriesTimestamp && code === 44)) codes.add(codeOf(genuine + String.fromCharCode(code)))
    }
    expect([...codes]).toEqual(['malformed_signature'])
  })

  it('no character of it may differ', () => {
    const lenient = scheme.name === 'fluxora' || scheme.name === 'stellarPayment' // read in either case
    for (let at = group.prefix.length; at < genuine.length; at++) {
      for (let unit = 33; unit < 127; unit++) {
        const other = String.fromCharCode(unit)
        if (other === genuine[at] || (lenient && other.toLowerCase() === genuine[at])) continue
        expect(['malformed_signature', 'signature_mismatch']).toContain(
          codeOf(genuine.slice(0, at) + other + genuine.slice(at + 1)),
        )
      }
    }
  })
})

it('there are vectors for all nine schemes', () => {
  expect(groups.map(({ scheme }) => scheme).sort()).toHaveLength(9)
  for (const { tests } of groups) {
    expect(tests.length).toBeGreaterThan(70)
    expect(new Set(tests.map(({ code }) => code))).toEqual(
      new Set(['ok', 'missing_signature', 'malformed_signature', 'signature_mismatch', 'ambiguous_header']),
    )
  }
})

function textOf(signature: Vector['signature']): string {
  return typeof signature === 'string' ? signature : signature.before + signature.repeat.repeat(signature.times)
}
