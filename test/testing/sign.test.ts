import { describe, expect, it } from 'vitest'
import { type SignTestDeliveryInput, signTestDelivery } from '../../src/testing/index.ts'
import { createWebhookSigner } from '../../src/webhook/index.ts'
import { SCHEME_NAMES, schemeOf, secretOf } from '../webhook/support.ts'

const secret = 'topsecret'

describe('signing a test delivery', () => {
  it.each([...SCHEME_NAMES])('writes what createWebhookSigner writes: %s', (name) => {
    const options = { scheme: schemeOf(name), now: () => 1_710_000_000 }
    const input = { body: '{"é":1}', deliveryId: 'd1', event: 'push', timestamp: 1_710_000_000 }
    const { headers, body } = signTestDelivery({ ...input, scheme: schemeOf(name), secret: secretOf(name) })
    const signed = createWebhookSigner({ ...options, secrets: secretOf(name) }).sign(input)
    expect(headers).toEqual({ 'content-type': 'application/json', ...signed })
    expect(body).toBe(input.body)
  })

  it('takes the current time and a random id by default', () => {
    const { headers } = signTestDelivery({ secret: new TextEncoder().encode(secret), body: '{}' })
    expect(Math.abs(Number(headers['x-fluxora-timestamp']) - Date.now() / 1000)).toBeLessThan(2)
    expect(headers['x-fluxora-delivery-id']).toMatch(/^[\da-f]{8}-/)
  })

  it.each<[string, Partial<Record<keyof SignTestDeliveryInput, unknown>>, string]>([
    ['an object that is not a scheme', { scheme: {} }, 'invalid_scheme'],
    ['a blank secret', { secret: '' }, 'invalid_secret'],
    ['an object for a body', { body: { a: 1 } }, 'invalid_input'],
    ['ill-formed text', { body: '\ud800' }, 'invalid_input'],
    ['half a second', { timestamp: 1.5 }, 'invalid_input'],
    ['a timestamp that has no text', { timestamp: Object.create(null) }, 'invalid_input'],
    ['an id with a line break', { deliveryId: 'a\nb' }, 'invalid_input'],
    ['an id that could be parsed as two ids', { deliveryId: 'a, b' }, 'invalid_input'],
    ['an event that no header can carry', { event: 'é' }, 'invalid_input'],
  ])('throws for %s', (_, wrong, code) => {
    expect(() => signTestDelivery({ secret, body: '{}', ...wrong } as never)).toThrow(expect.objectContaining({ code }))
  })

  it('throws if there is no input', () => {
    expect(() => signTestDelivery(null as never)).toThrow(expect.objectContaining({ code: 'invalid_option' }))
  })
})
