import { createWebhookRoute } from '@fluxora/verify/fetch'
import { twilio } from '@fluxora/verify/schemes'
import { sendTestDelivery, signTestDelivery } from '@fluxora/verify/testing'
import { expect } from 'vitest'

const handle = (): void => {}
//// block

expect([response.status, delivery.url]).toEqual([200, 'https://example.com/calls?id=1'])
