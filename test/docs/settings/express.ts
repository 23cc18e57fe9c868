import { createServer } from 'node:http'
import express from 'express'
import { expect } from 'vitest'
import { credited, credit } from '../support.ts'
import { sendTestDelivery, signTestDelivery } from '@fluxora/verify/testing'
import { stripe as scheme } from '@fluxora/verify/schemes'

process.env.WEBHOOK_SECRET = 'topsecret'
const app = express()
//// block

const delivery = signTestDelivery({ scheme, secret: 'topsecret', body: '{"id":"evt_1"}' })
expect((await sendTestDelivery(createServer(app), delivery, { path: '/webhooks' })).status).toBe(200)
expect(credited).toContainEqual({ id: 'evt_1' })
