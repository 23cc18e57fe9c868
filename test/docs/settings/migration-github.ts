import { expect } from 'vitest'
import { createWebhookSigner } from '@fluxora/verify'
import { github as scheme } from '@fluxora/verify/schemes'

process.env.GITHUB_SECRET = 'topsecret'
const rawBody = '{}'
const headers = createWebhookSigner({ scheme, secrets: 'topsecret' }).sign({ body: rawBody })
const response = { statusCode: 0 }
//// block

expect(response.statusCode).toBe(200)
