import fastify from 'fastify'
import { expect } from 'vitest'
import { credited, credit } from '../support.ts'
import { sendTestDelivery, signTestDelivery } from '@fluxora/verify/testing'

process.env.WEBHOOK_SECRET = 'topsecret'
const app = fastify()
//// block

const delivery = signTestDelivery({ secret: 'topsecret', body: '{"id":"evt_2"}' })
expect((await sendTestDelivery(app, delivery, { path: '/webhooks' })).status).toBe(200)
expect(credited).toContainEqual({ id: 'evt_2' })
