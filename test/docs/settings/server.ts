import { expect } from 'vitest'
import { createWebhookSigner } from '@fluxora/verify/webhook'
import { freePort } from '../support.ts'

process.env.WEBHOOK_SECRET = 'topsecret'
process.env.PORT = String(await freePort())
//// block

const delivered = { body: '{}', headers: createWebhookSigner({ secrets: 'topsecret' }).sign({ body: '{}' }) }
const url = `http://127.0.0.1:${process.env.PORT}/webhooks`
expect((await fetch(url, { method: 'POST', ...delivered })).status).toBe(200)
expect(await (await fetch(url, { method: 'POST', ...delivered })).json()).toMatchObject({ duplicate: true })
expect((await fetch(url, { method: 'POST', ...delivered, body: '{ }' })).status).toBe(401)
