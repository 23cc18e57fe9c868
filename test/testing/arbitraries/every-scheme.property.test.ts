// Every scheme: its deliveries are made as its sender makes them, or refused in words before anything is generated.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type SignedDelivery, signedDelivery, signTestDelivery, tamperedDelivery } from '../../../src/testing/index.ts'
import { createWebhookVerifier } from '../../../src/webhook/index.ts'
import { unixSeconds } from '../../../src/webhook/pipeline/timestamp-formats.ts'
import { ALL_SCHEMES } from '../../../src/webhook/schemes/all-schemes.ts'
import { fluxora } from '../../../src/webhook/schemes/fluxora.ts'
import { thrownBy } from '../../webhook/support.ts'

const all = Object.entries(ALL_SCHEMES)
const byHmac = all.filter(
  ([, { proof, content, bodyFields }]) => proof.algorithm === 'hmac-sha256' && !content && !bodyFields?.signature,
)
const generated = byHmac.filter(([, { timestamp, bodyFields }]) => timestamp === unixSeconds && !bodyFields)
const without = (some: typeof all): typeof all => all.filter((each) => !some.includes(each))

const codeOf = ({ scheme, secret, now, headers, body }: SignedDelivery): string =>
  createWebhookVerifier({ scheme, secrets: secret, now: () => now }).verify({ headers, body }).code

describe.each(generated)('%s', (_, scheme) => {
  it('is taken when it is signed, and refused with its code when it is tampered with', () => {
    const genuine = fc.property(signedDelivery({ scheme }), (delivery) => {
      expect(codeOf(delivery)).toBe('ok')
    })
    const tampered = fc.property(tamperedDelivery({ scheme }), (delivery) => {
      expect(codeOf(delivery)).toBe(delivery.expectedCode)
    })
    fc.assert(genuine, { numRuns: 50 })
    fc.assert(tampered, { numRuns: 100 })
  })
})

describe.each(without(generated))('%s', (_, scheme) => {
  it('is refused before anything is generated, since the fixtures do not know how its sender writes it', () => {
    for (const make of [
      () => signedDelivery({ scheme }),
      () => tamperedDelivery({ scheme }),
      () => signedDelivery({ scheme: [fluxora, scheme] }),
    ]) {
      expect(thrownBy(make)).toMatchObject({ code: 'invalid_scheme', option: 'scheme' })
    }
  })
})

it.each(without(byHmac))('signTestDelivery does not ask for a key of %s, which would not help', (_, scheme) => {
  expect(thrownBy(() => signTestDelivery({ scheme, secret: 'topsecret', body: '{}' }))).toMatchObject({
    code: 'invalid_scheme',
    message: 'Fixtures are signed by HMAC-SHA256 only: use createWebhookSigner.',
  })
})
