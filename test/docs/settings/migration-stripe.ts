import { expect } from 'vitest'
import { createWebhookSigner } from '@fluxora/verify'
import { stripe as scheme } from '@fluxora/verify/schemes'

process.env.STRIPE_SECRET = 'topsecret'
const rawBody = '{"id":"evt_1"}'
const headers = createWebhookSigner({ scheme, secrets: 'topsecret' }).sign({ body: rawBody })
//// block

expect(event).toEqual({ id: 'evt_1' })
