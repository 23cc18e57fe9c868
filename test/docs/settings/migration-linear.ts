import { expect } from 'vitest'
import { createWebhookSigner } from '@fluxora/verify'
import { linear as scheme } from '@fluxora/verify/schemes'

process.env.LINEAR_SECRET = 'topsecret'
//// block

const body = JSON.stringify({ webhookTimestamp: Date.now() })
const headers = createWebhookSigner({ scheme, secrets: 'topsecret' }).sign({ body })
const response = await route(new Request('http://localhost/', { method: 'POST', headers, body }))
expect(response.status).toBe(200)
