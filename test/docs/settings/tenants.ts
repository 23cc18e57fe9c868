import { createServer } from 'node:http'
import { expect } from 'vitest'
import { sendTestDelivery, signTestDelivery } from '@fluxora/verify/testing'
import { credited, credit } from '../support.ts'

const findMerchant = async (id: string | null) => (id === '7' ? { id, webhookSecret: 'secret of 7' } : undefined)
//// block

const server = createServer(webhooks)
const delivery = signTestDelivery({ secret: 'secret of 7', body: '{"id":"evt_5"}' })
expect((await sendTestDelivery(server, delivery, { path: '/webhooks?merchant=7' })).status).toBe(200)
expect(credited).toContainEqual({ id: 'evt_5' })
