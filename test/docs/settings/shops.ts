import { shopify } from '@fluxora/verify/schemes'
import { createWebhookReceiver, memoryDedupeStore } from '@fluxora/verify/webhook'

const dedupe = memoryDedupeStore()
const shopOf = async (domain: string | undefined) => (domain ? { id: 7, webhookSecret: 'secret of 7' } : undefined)
//// block
