import { createWebhookReceiver } from '@fluxora/verify/webhook'

const secrets = 'topsecret'
//// block
