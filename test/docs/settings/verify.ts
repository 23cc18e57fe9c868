import { expect } from 'vitest'
import { signTestDelivery } from '@fluxora/verify/testing'
import { stripe as scheme } from '@fluxora/verify/schemes'

process.env.WEBHOOK_SECRET = 'topsecret'
const { headers, body: rawBody } = signTestDelivery({ scheme, secret: 'topsecret', body: '{"id":"evt_1"}' })
const request = { headers }
//// block

expect(verdict.code).toBe('ok')
