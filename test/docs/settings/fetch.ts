import { expect } from 'vitest'
import { credited, credit } from '../support.ts'
import { sendTestDelivery, signTestDelivery } from '@fluxora/verify/testing'

delete process.env.WEBHOOK_SECRET // as while Next.js builds
//// block

process.env.WEBHOOK_SECRET = 'topsecret'
const delivery = signTestDelivery({ secret: 'topsecret', body: '{"id":"evt_3"}' })
expect((await sendTestDelivery(POST, delivery)).status).toBe(200)
expect(credited).toContainEqual({ id: 'evt_3' })
