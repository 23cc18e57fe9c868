import { expect } from 'vitest'
import { signTestDelivery } from '@fluxora/verify/testing'

process.env.WEBHOOK_SECRET = 'topsecret'
delete process.env.FORMER_SECRET
//// block

const verdict = verifier.verify(signTestDelivery({ secret: 'topsecret', body: '{}' }))
expect(verdict.ok && verdict.delivery.keyId).toBe('2026-11')
