// Which sender a request seems to come from.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createWebhookSigner } from '../../src/webhook/index.ts'
import * as schemes from '../../src/webhook/schemes/index.ts'
import { isScheme, type WebhookScheme } from '../../src/webhook/schemes/scheme.ts'

const { detectScheme } = schemes
const exported = Object.values(schemes).filter((value): value is WebhookScheme => isScheme(value))
const inHeaders = exported.filter(({ headers }) => headers.signature.length > 0)

/** All headers of a scheme, by the first name of each, or the last. */
function headersOf({ headers }: WebhookScheme, which: 0 | -1 = 0): Record<string, string> {
  const { signature, timestamp, deliveryId, event } = headers
  const names = [signature, timestamp, deliveryId, event].flatMap((aliases) => aliases.at(which) ?? [])
  return Object.fromEntries(names.map((name) => [name, 'x']))
}

describe('detectScheme', () => {
  it('knows every scheme that has a signature header', () => {
    expect(inHeaders.length).toBeGreaterThan(8)
    expect(exported.length - inHeaders.length).toBeLessThan(4)
    for (const scheme of inHeaders) {
      expect(detectScheme(headersOf(scheme))).toContain(scheme.name)
      expect(detectScheme(headersOf(scheme, -1))).toContain(scheme.name)
      expect(detectScheme({ [scheme.headers.signature[0] as string]: '' })).toContain(scheme.name)
    }
  })

  it('puts a scheme first if all of its headers are there, unless another has the same', () => {
    for (const scheme of inHeaders) {
      const [first = ''] = detectScheme(headersOf(scheme))
      const winner = exported.find(({ name }) => name === first)
      if (first !== scheme.name) expect(headersOf(winner as WebhookScheme)).toEqual(headersOf(scheme))
    }
  })

  it('gives nothing for headers of no sender, and for what is none', () => {
    for (const headers of [{}, new Headers({ accept: '*/*' }), [], new Map(), null, undefined, 7, 'stripe-signature']) {
      expect(detectScheme(headers as never)).toEqual([])
    }
    const throwing = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('no')
        },
      },
    )
    expect(detectScheme(throwing as never)).toEqual([])
  })

  it('reads every form of headers, in any case', () => {
    const forms = [
      { 'Stripe-Signature': 'x' },
      { 'stripe-signature': ['x', 'y'] },
      new Headers({ 'STRIPE-SIGNATURE': 'x' }),
      new Map([['stripe-signature', 'x']]),
      [['Stripe-Signature', 'x']] as [string, string][],
      ['Host', 'localhost', 'Stripe-Signature', 'x'],
    ]
    for (const form of forms) expect(detectScheme(form)).toEqual(['stripe'])
  })

  it('finds the sender of a delivery that was signed', () => {
    const { fluxora, standardWebhooks, slack } = schemes
    const secrets = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
    for (const scheme of [fluxora, standardWebhooks, slack]) {
      const headers = createWebhookSigner({ scheme, secrets }).sign({ body: '{}' })
      expect(detectScheme(headers)[0]).toBe(scheme.name)
    }
  })

  it('names schemes of the library only, each once, whatever the headers', () => {
    const name = fc.constantFrom('accept', ...exported.flatMap(({ headers }) => Object.values(headers).flat()))
    fc.assert(
      fc.property(fc.dictionary(name, fc.string()), (headers) => {
        const names = detectScheme(headers)
        expect(new Set(names).size).toBe(names.length)
        expect(exported.map((scheme) => scheme.name)).toEqual(expect.arrayContaining([...names]))
      }),
    )
  })
})
