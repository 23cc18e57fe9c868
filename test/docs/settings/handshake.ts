import { createServer } from 'node:http'
import express from 'express'
import { expect } from 'vitest'
import { credited, credit } from '../support.ts'
import { sendTestDelivery, signTestDelivery } from '@fluxora/verify/testing'
import { slack as scheme } from '@fluxora/verify/schemes'

process.env.SLACK_SIGNING_SECRET = 'topsecret'
const app = express()
//// block

async function send(body: object) {
  const delivery = signTestDelivery({ scheme, secret: 'topsecret', body: JSON.stringify(body) })
  return sendTestDelivery(createServer(app), delivery, { path: '/webhooks' })
}
const answer = await send({ type: 'url_verification', challenge: '3eZbrw1aB' })
expect([answer.status, await answer.text()]).toEqual([200, '3eZbrw1aB'])
expect((await send({ event_id: 'Ev1' })).status).toBe(200)
expect(credited.at(-1)).toEqual({ event_id: 'Ev1' })
