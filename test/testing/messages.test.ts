// The messages for options that make no sense, word for word.

import { describe, expect, it } from 'vitest'
import {
  fakeClock,
  headerBag,
  ledgerChain,
  reorgCommands,
  sendTestDelivery,
  signedDelivery,
  signTestDelivery,
  tamperedDelivery,
} from '../../src/testing/index.ts'
import * as schemes from '../../src/webhook/schemes/index.ts'

type Any = never

const sign = (input: object) => () => signTestDelivery({ secret: 'a', body: '{}', ...input } as Any)
const signed = (constraints: object) => () => signedDelivery(constraints as Any)

describe('a message names the option that makes no sense, and says what it must be', () => {
  it.each<[string, () => unknown]>([
    ['start must be finite seconds, not milliseconds.', () => fakeClock(1e11 + 1)],
    ['start must be finite seconds, not milliseconds.', () => fakeClock(-1e11 - 1)],
    ['seconds must be finite seconds, not milliseconds.', () => fakeClock().advance(Number.NaN)],
    ['seconds must be finite seconds, not milliseconds.', () => fakeClock().set('1' as Any)],
    ['heldLedgers must be a whole number from 1.', () => reorgCommands({ heldLedgers: 0 })],
    ['heldLedgers must be a whole number from 1.', () => reorgCommands({ heldLedgers: 1.5 })],
    ['constraints must be an object.', () => ledgerChain(null as Any)],
    ['constraints must be an object.', () => ledgerChain(3 as Any)],
    ['maxMoves must be a whole number from 1 to 10000.', () => ledgerChain({ maxMoves: 10_001 })],
    ['maxForkDepth must be a whole number from 0 to 1000.', () => ledgerChain({ maxForkDepth: 1_001 })],
    ['maxBatch must be a whole number from 1 to 1000.', () => ledgerChain({ maxBatch: 1_001 })],
    ['maxGap must be a whole number from 0 to 1000.', () => ledgerChain({ maxGap: 1_001 })],
    ['firstSequence must be a whole number from 0 to 1099511627776.', () => ledgerChain({ firstSequence: 2 ** 41 })],
    ['parentHash must be true or false.', () => ledgerChain({ parentHash: 1 as Any })],
    ['closedAt must be true or false.', () => ledgerChain({ closedAt: 1 as Any })],
    ['lag must be true or false.', () => ledgerChain({ lag: 1 as Any })],
    ['finality must be true or false.', () => ledgerChain({ finality: 1 as Any })],
    ['resets must be true or false.', () => ledgerChain({ resets: 1 as Any })],
    ['hashFormat must be readable or hex64.', () => ledgerChain({ hashFormat: 'hex32' as Any })],
    ['constraints must be an object.', signed(null as Any)],
    ['constraints must be an object.', signed('x' as Any)],
    ['constraints must be an object.', () => tamperedDelivery(null as Any)],
    ['scheme must be a scheme, or a list of at least one.', signed({ scheme: [] })],
    ['toleranceSeconds must be a whole number from 0 to 1000000000.', signed({ toleranceSeconds: 0.5 })],
    ['toleranceSeconds must be a whole number', signed({ toleranceSeconds: -1 })],
    ['marginSeconds must be a whole number', signed({ toleranceSeconds: 10, marginSeconds: 11 })],
    ['maxBodyBytes must be a whole number', signed({ maxBodyBytes: 0 })],
    ['now must be a whole number from 1 to 100000000000.', signed({ now: 1.5 })],
    ['now looks like milliseconds', signed({ now: 1e12 })],
    ['deliveryId must be visible ASCII text.', signed({ deliveryId: ' a' })],
    ['deliveryId must be visible ASCII text.', signed({ deliveryId: 'a ' })],
    ['deliveryId must be visible ASCII text.', signed({ deliveryId: '' })],
    ['deliveryId must be visible ASCII text.', signed({ deliveryId: 3 })],
    ['event must be visible ASCII text.', signed({ event: 'é' })],
    [
      'deliveryId must be text without the separator of the signed parts.',
      signed({ scheme: schemes.standardWebhooks, deliveryId: 'a.b' }),
    ],
    [
      'body must be bytes or well-formed text within maxBodyBytes, or an arbitrary of these.',
      signed({ maxBodyBytes: 3, body: 'four' }),
    ],
    ...[null, new ArrayBuffer(1), { generate: 'bodies' }].map((body): [string, () => unknown] => [
      'body must be bytes or well-formed text within maxBodyBytes, or an arbitrary of these.',
      signed({ body }),
    ]),
    [
      'secret must be set for the scheme odd: secrets of its form cannot be generated.',
      () => {
        const scheme = schemes.defineScheme({
          name: 'odd',
          headers: { signature: 'x' },
          signed: ['body'],
          signature: schemes.singleSignature({ encoding: schemes.hex }),
          secret: () => undefined,
        })
        signedDelivery({ scheme })
      },
    ],
    ['kinds must be a list of object, Headers, Map, pairs, rawHeaders.', () => headerBag({ kinds: [] })],
    [
      'kinds must be a list of object, Headers, Map, pairs, rawHeaders.',
      () => headerBag({ kinds: ['Map', 'Set' as Any] }),
    ],
    ['noise must be true or false.', () => headerBag({ noise: 0 as Any })],
    ['headers must be an object of names and values.', () => headerBag({ headers: null as Any })],
    ['headers must be an object of names and values.', () => headerBag({ headers: 'a: b' as Any })],
    [
      'headers must be an object of names and values, each value a text or a list of texts.',
      () => headerBag({ headers: { a: ['b', 3 as Any] } }),
    ],
    ['codes must be a list of codes that a sender can cause.', () => tamperedDelivery({ codes: 'x' as Any })],
    ['codes must be a list of codes that a sender can cause.', () => tamperedDelivery({ codes: ['toString' as Any] })],
    [
      'codes must be a list with at least one code that a sender of the scheme can cause.',
      () => tamperedDelivery({ scheme: schemes.github, codes: ['missing_timestamp'] }),
    ],
    [
      'codes must be a list with at least one code that a sender of the scheme can cause.',
      () => tamperedDelivery({ codes: [] }),
    ],
    [
      'codes must be a list with at least one code that a sender of the scheme can cause.',
      () => {
        // This format takes any text, so nothing is malformed.
        const form = schemes.singleSignature({ encoding: schemes.hex })
        const scheme = schemes.defineScheme({
          name: 'lax',
          headers: { signature: 'x' },
          signed: ['body'],
          signature: { ...form, read: (header) => form.read(header) ?? form.read('0'.repeat(64)) },
        })
        tamperedDelivery({ scheme, codes: ['malformed_signature'] })
      },
    ],
    ['now looks like milliseconds: it must be whole Unix seconds.', signed({ now: 1_710_000_000_000 })],
    ['now must be a whole number from 1 to 100000000000.', signed({ now: 0 })],
    [
      'expiredSecret must be a secret other than the current one.',
      () => tamperedDelivery({ secret: 'a', expiredSecret: 'a' }),
    ],
    ['input must be an object.', () => signTestDelivery(null as Any)],
    ['input must be an object.', () => signTestDelivery('x' as Any)],
    ['timestamp must be whole Unix seconds.', sign({ timestamp: 1.5 })],
    ['deliveryId must be visible ASCII, without the separator of the signed parts.', sign({ deliveryId: 'é' })],
    [
      'deliveryId must be visible ASCII, without the separator of the signed parts.',
      sign({ scheme: schemes.standardWebhooks, secret: `whsec_${btoa('x'.repeat(24))}`, deliveryId: 'a.b' }),
    ],
    ['deliveryId must be visible ASCII, without the separator of the signed parts.', sign({ deliveryId: 3 })],
    ['event must be visible ASCII.', sign({ event: 'a\nb' })],
    ['event must be visible ASCII.', sign({ event: 3 })],
    ['secret is empty', sign({ secret: '' })],
    [
      'body must be bytes or well-formed text: serialise an object first, and send the text that you signed.',
      sign({ body: { a: 1 } }),
    ],
  ])('%s', (message, call) => {
    expect(call).toThrow(message)
  })

  it('accepts options at the edge of what makes sense', () => {
    const { headers } = signTestDelivery({ secret: 'a', body: '{}', deliveryId: 'd', event: '~' })
    expect(headers).toMatchObject({ 'x-fluxora-delivery-id': 'd', 'x-fluxora-event': '~' })
    expect(() => tamperedDelivery({ expiredSecret: 'former' })).not.toThrow()
  })

  it.each<[string, unknown, object?]>([
    ['path must be a path that begins with a slash.', 'http://localhost', { path: 'webhooks' }],
    ['path must be a path that begins with a slash.', 'http://localhost', { path: 3 }],
    ...[null, undefined, 3, {}, { fetch: 'no function' }].map((target): [string, unknown] => [
      'target must be a URL, a Fetch handler, a Hono, Fastify or Express application, or a Node server.',
      target,
    ]),
    [
      'target must be a server that listens on a port.',
      {
        listen: () => undefined,
        once: (event: string, listener: () => void) => event === 'listening' && listener(),
        close: (done: () => void) => done(),
        address: () => null,
      },
    ],
    ['target must be a Node server, or an application whose listen() returns one.', { listen: () => ({}) }],
    [
      'target must be a Node server, or an application whose listen() returns one.',
      { listen: () => ({ once: () => {} }) },
    ],
    [
      'target must be a Node server, or an application whose listen() returns one.',
      { listen: () => ({ address: () => {} }) },
    ],
    [
      'target must be a server that listens on a port.',
      { listen: () => {}, once: () => {}, close: (done: () => void) => done(), address: () => '/tmp/socket' },
    ],
  ])('%s (%#)', async (message, target, options) => {
    const delivery = signTestDelivery({ secret: 'a', body: '{}' })
    await expect(sendTestDelivery(target as Any, delivery, options)).rejects.toThrow(message)
  })
})
