import { fluxdrop } from '@fluxora/verify/schemes'
import { createWebhookReceiver } from '@fluxora/verify/webhook'

const secrets = 'topsecret'
//// block
