import { expect } from 'vitest'
import { createWebhookSigner } from '@fluxora/verify'
import { svix as scheme } from '@fluxora/verify/schemes'

process.env.SVIX_SECRET = 'whsec_dG9wc2VjcmV0'
const rawBody = '{"id":"evt_1"}'
const headers = createWebhookSigner({ scheme, secrets: 'whsec_dG9wc2VjcmV0' }).sign({ body: rawBody })
//// block

expect(event).toEqual({ id: 'evt_1' })
